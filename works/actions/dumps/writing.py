"""Write the public record into a folder: one file of JSON lines for each kind of thing, and a manifest that says what is in it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson
import zstandard
from django.conf import settings
from django.db import connection, transaction

from works.actions.dumps.contents import CONTENTS, FORMAT, LEFT_OUT, LICENCE, VERSION, Content
from works.importers.sources import LABELS, TERMS

MANIFEST = "manifest.json"
COMPRESSION = 6


class DumpRefused(ValueError):
    """Nothing was written. The message says why, for who asked."""


class Written(NamedTuple):
    """A file of a dump. `lines_sha256` is of the lines as they are before compression, which no version of a library changes."""

    name: str
    rows: int
    bytes: int
    sha256: str
    lines_sha256: str


class Hashed:
    """A file that knows what was written into it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        self.size += len(piece)
        return self.file.write(piece)


def dump_record(folder: Path, *, told: Callable[[Written], None] = lambda _: None) -> dict[str, Any]:
    """Write the record as it is at one moment into `folder`, which must not be there yet; the manifest. `told` hears of each file.

    Everything is read in one snapshot, by cursors on the server, some rows at a time: memory does not grow with the record, and imports go
    on meanwhile. The folder appears whole, or not at all.
    """
    if folder.exists():
        raise DumpRefused(f"{folder} is there already. A dump never overwrites anything: name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}.unfinished")
    unfinished.mkdir()
    try:
        with snapshot() as built_at:
            manifest = about(built_at)
            for content in CONTENTS:
                file = write_content(unfinished, content)
                manifest["files"].append(file._asdict())
                told(file)
        (unfinished / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        sync(unfinished / MANIFEST)
        sync(unfinished)
        unfinished.rename(folder)
        sync(folder.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return manifest


@contextmanager
def snapshot() -> Iterator[str]:
    """One moment of the database: what is read inside is what stood when it began. Its time, in ISO 8601."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT now()")
            [(moment,)] = cursor.fetchall()
        yield moment.isoformat()


def about(built_at: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "built_at": built_at,
        "site": settings.SITE_URL,
        "licence": LICENCE,
        "registries": [{"registry": name, "name": LABELS[name], "terms": terms} for name, terms in TERMS.items()],
        "left_out": LEFT_OUT,
        "files": [],
    }


def write_content(folder: Path, content: Content) -> Written:
    name = f"{content.name}.jsonl.zst"
    rows, lines = 0, hashlib.sha256()
    with (folder / name).open("wb") as file:
        packed = Hashed(file)
        with zstandard.ZstdCompressor(level=COMPRESSION).stream_writer(packed, closefd=False) as unpacked:  # type: ignore[arg-type]
            for line in lines_of(content):
                rows += 1
                lines.update(line)
                unpacked.write(line)
        file.flush()
        os.fsync(file.fileno())
    return Written(name, rows, packed.size, packed.digest.hexdigest(), lines.hexdigest())


def lines_of(content: Content) -> Iterator[bytes]:
    """The lines of one file, from a cursor on the server. The caller holds a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(line)::text FROM ({content.statement}) AS line")
        while rows := cursor.fetchmany(content.at_once):
            for (line,) in rows:
                yield orjson.dumps(content.mended(orjson.loads(line)), option=orjson.OPT_APPEND_NEWLINE)


def sync(path: Path) -> None:
    """Let the disk have it before anything is said of it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
