"""Every submission in a stream of notes, once: its newest revision."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, BinaryIO

from works.importers import json_records
from works.importers.checks import each_checked, rejected
from works.importers.files import BrokenFile, chunks
from works.importers.openreview.note import key_of, read_note
from works.importers.record import ImportedWork, Rejection

LONGEST_LINE = 16 * 1024 * 1024  # bytes; an export holds a submission with all its reviews and revisions in one object
FORUMS_HELD = 2_000  # submissions whose newest revision is waited for
EMAIL = re.compile(r"[^\s\"'<>,;:\[\]{}]+@[^\s\"'<>,;:\[\]{}]+")


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """One work for each forum in `stream`, or a rejection that says where in `name` it stands and what is wrong with it.

    Pages of the API ({"notes": [...]}), arrays, JSON Lines, exports with nested revisions and reviews. Revisions of one submission are one
    work, the newest, if they stand within some thousand notes of each other; otherwise the import tells them apart by their dates. Raises
    nothing for any bytes; OSError passes.
    """
    held: OrderedDict[str, ImportedWork] = OrderedDict()
    last, broken = "", None
    try:
        for record in json_records.records(chunks(stream), longest_line=LONGEST_LINE, within=("notes",)):
            last = record.place
            if record.problem:
                yield rejected(name + record.place, record.problem, raw=without_emails(record.raw))
                continue
            for number, note in enumerate(unfolded(record.value)):
                place = name + record.place + (f":note {number}" if number else "")
                for item in each_checked(lambda: read_note(note), place=place, raw=lambda: told(note), key=lambda: key_of(note)):  # noqa: B023
                    if isinstance(item, Rejection):
                        yield item
                    else:
                        hold(held, item)
            while len(held) > FORUMS_HELD:
                yield held.popitem(last=False)[1]
    except BrokenFile as error:
        broken = error
    yield from held.values()
    if broken:
        yield rejected(f"{name}: after {last.lstrip(':')}" if last else name, broken)


def hold(held: OrderedDict[str, ImportedWork], work: ImportedWork) -> None:
    """Keep the newer of two revisions; of two of one moment the first, which is the submission itself."""
    before = held.get(work.key)
    if before is None or work.updated > before.updated:
        held[work.key] = work


def unfolded(value: Any) -> Iterator[Any]:
    """A note, its revisions and replies; or all of an export's submissions."""
    if not isinstance(value, dict):
        yield value
        return
    if isinstance(value.get("submissions"), list):
        for submission in value["submissions"]:
            yield from unfolded(submission)
        return
    yield value
    for revision in value.get("revisions") or ():
        if not value.get("replyto"):
            yield revision
    yield from value.get("notes") or ()


def told(note: Any) -> str:
    """What a rejection may show of a note: never an e-mail address."""
    return without_emails(str(note)[:2000])


def without_emails(text: bytes | str) -> str:
    return EMAIL.sub("…", text.decode(errors="replace") if isinstance(text, bytes) else text)
