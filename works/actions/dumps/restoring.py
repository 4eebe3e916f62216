"""Read a dump of the record into an empty database: all of it, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.db import connection, transaction
from psycopg import DataError, IntegrityError

from works.actions.dumps.contents import CONTENTS, FORMAT, VERSION
from works.actions.dumps.rows import WRITERS, Line
from works.actions.dumps.writing import MANIFEST, lines_of, snapshot
from works.actions.imports.locks import lock_record
from works.actions.imports.staging import select
from works.actions.summaries import refresh_summaries
from works.importers.files import BrokenFile, chunks, lines, open_stream
from works.models import Author
from works.signals import authorships_changed

# What a line that cannot be restored raises; COPY speaks psycopg.
WRONG_LINE = (KeyError, TypeError, ValueError, IndexError, AttributeError, IntegrityError, DataError)
LONGEST_LINE = 64 * 1024 * 1024
LINES_AT_ONCE = 2_000
WORKS_AT_ONCE = 200
AUTHORS_AT_ONCE = 2_000
TABLES = ("source", "topic", "institution", "author", "work", "notice", "formerid")


class RestoreRefused(ValueError):
    """The dump was not restored, and nothing was changed. The message says why, for who asked."""


def restore_record(folder: Path, *, told: Callable[[str, int], None] = lambda _name, _rows: None) -> bool:
    """Restore the dump in `folder`; False where this database holds just that already. `told` hears of each file and its lines.

    Hashes are verified before the first row is written, and everything is written in one transaction: what is interrupted leaves nothing
    behind and can be begun again. What is computed from the record is owed, and workers pay it.
    """
    manifest = read_manifest(folder)
    if not is_empty():
        if holds(manifest):
            return False
        raise RestoreRefused("This database is not empty, and holds another record than this dump. Restore into a new database.")
    verify(folder, manifest)
    with transaction.atomic(durable=True):
        lock_record()
        if not is_empty():
            raise RestoreRefused("Something was imported meanwhile. Restore into a new database, with no worker on it.")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # checked as rows come, not kept for the end
        for content in CONTENTS:
            place = 0
            try:
                for batch in batches(folder / f"{content.name}.jsonl.zst", WORKS_AT_ONCE if content.name == "works" else LINES_AT_ONCE):
                    WRITERS[content.name](batch)
                    place += len(batch)
            except WRONG_LINE as wrong:
                raise RestoreRefused(
                    f"{content.name}: among the lines after {place} something is not as it should be ({wrong})."
                ) from wrong
            told(content.name, place)
        owe_what_follows()
    return True


def read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
        named = [file["name"] for file in manifest["files"]]
    except FileNotFoundError as missing:
        raise RestoreRefused(f"{folder} has no {MANIFEST}: it is no dump, or one that was not finished.") from missing
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as wrong:
        raise RestoreRefused(f"{folder / MANIFEST} cannot be read: {wrong}.") from wrong
    if (manifest.get("format"), manifest.get("version")) != (FORMAT, VERSION):
        raise RestoreRefused(
            f"This is {manifest.get('format')} of version {manifest.get('version')}; what is read here is {FORMAT} of version {VERSION}."
        )
    if named != [f"{content.name}.jsonl.zst" for content in CONTENTS]:
        raise RestoreRefused(f"The manifest names other files than a dump has: {', '.join(map(str, named))}.")
    return manifest


def verify(folder: Path, manifest: dict[str, Any]) -> None:
    """Every file is there and has the hash that the manifest says."""
    for file in manifest["files"]:
        digest = hashlib.sha256()
        try:
            with (folder / file["name"]).open("rb") as stream:
                while piece := stream.read(1 << 20):
                    digest.update(piece)
        except OSError as missing:
            raise RestoreRefused(f"{file['name']} cannot be read: {missing}.") from missing
        if digest.hexdigest() != file["sha256"]:
            raise RestoreRefused(
                f"{file['name']} is not the file that was written: its SHA-256 is {digest.hexdigest()}, not {file['sha256']}."
            )


def is_empty() -> bool:
    return not any(select(f"SELECT 1 FROM works_{table} LIMIT 1", []) for table in TABLES)


def holds(manifest: dict[str, Any]) -> bool:
    """Whether a dump of this database would have the same lines. It reads the record up to the first file that differs."""
    with snapshot():
        for content, file in zip(CONTENTS, manifest["files"], strict=True):
            digest = hashlib.sha256()
            for line in lines_of(content):
                digest.update(line)
            if digest.hexdigest() != file["lines_sha256"]:
                return False
    return True


def batches(path: Path, size: int) -> Iterator[list[Line]]:
    """The lines of a file, so many at a time. A line that is too long, or broken off, is a ValueError."""
    with open_stream(path) as stream:
        read = read_lines(stream)
        while batch := list(islice(read, size)):
            yield batch


def read_lines(stream: Any) -> Iterator[Line]:
    try:
        for number, line in lines(chunks(stream), limit=LONGEST_LINE):
            if line is None:
                raise ValueError(f"line {number} is longer than {LONGEST_LINE:,} bytes")
            yield orjson.loads(line)
    except BrokenFile as broken:
        raise ValueError(str(broken)) from broken


def owe_what_follows() -> None:
    """Count every author's works, and announce them: search, shelves, collaborations and trust are owed from then on."""
    last = 0
    while ids := list(Author.objects.standing().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AUTHORS_AT_ONCE]):
        refresh_summaries(author_ids=ids)
        authorships_changed.send(sender=Author, author_ids=ids)
        last = ids[-1]
