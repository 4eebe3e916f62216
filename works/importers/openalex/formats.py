"""Which of OpenAlex's forms a stream has, told by its content, and every record in it."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, BinaryIO

from works.importers.checks import checked, each_sound, rejected
from works.importers.files import BrokenFile, chunks, from_first_sign, lines
from works.importers.json_source import of_pieces
from works.importers.openalex.listed import read_institution, read_merged_id, read_person, read_source, read_topic
from works.importers.openalex.work import ENTITY_ID, key_of, read_work
from works.importers.record import ImportedItem, Rejection

# A line of the snapshot holds every authorship, and one of 5,000 authors, each with affiliations and lineages, has about 7 MB.
LONGEST_LINE = 16 * 1024 * 1024
LONGEST_MERGE = 1024
READERS: dict[str, Callable[[Any], tuple[ImportedItem, list[str]]]] = {
    "I": read_institution,
    "S": read_source,
    "V": read_source,
    "T": read_topic,
    "A": read_person,
}


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedItem | Rejection]:
    """Every work, author, institution, source and topic in `stream`, or a rejection that says where in `name` it stands and what is wrong.

    API pages, arrays, single objects, snapshot lines, and the snapshot's merged ids (CSV), compressed or not. Raises nothing for any bytes;
    OSError passes.
    """
    try:
        pieces = from_first_sign(chunks(stream))
        head = next(pieces, b"")
    except BrokenFile as broken:
        yield rejected(name, broken)
        return
    if not head and stream.tell():
        yield rejected(name, "there is nothing in this file but blank lines")
        return
    whole = chain([head], pieces)
    if head.lstrip().startswith(b"merge_date,"):
        yield from merged_ids(whole, name)
    else:
        yield from of_pieces(whole, name=name, read=read, key_of=key_of, longest_line=LONGEST_LINE)


def read(item: Any) -> tuple[ImportedItem, list[str]]:
    """The record of one object, by the letter of its id; InvalidRecord for what the record does not keep."""
    found = ENTITY_ID.fullmatch(key_of(item)) if "error" not in (item if isinstance(item, dict) else {}) else None
    reader = READERS.get(found.group(1).upper()) if found else None
    return reader(item) if reader else checked(read_work(item))


def merged_ids(pieces: Iterator[bytes], name: str) -> Iterator[ImportedItem | Rejection]:
    try:
        for number, line in lines(pieces, limit=LONGEST_MERGE):
            if number > 1:
                yield from of_merge(line, f"{name}:{number}")
    except BrokenFile as broken:
        yield rejected(name, broken)


def of_merge(line: bytes | None, place: str) -> Iterator[ImportedItem | Rejection]:
    if line is None:
        return iter([rejected(place, "the line is too long to be one of merged ids")])
    return each_sound(lambda: (read_merged_id(line), []), place=place, raw=lambda: line)
