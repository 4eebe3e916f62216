"""What the parsers of all JSON sources have in common: every record of a stream, checked, or the reason why not, and where it stands."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from works.importers import json_records
from works.importers.checks import Record, checked, each_sound, rejected
from works.importers.files import BrokenFile, chunks
from works.importers.record import ImportedWork, Rejection


def parse_json(
    stream: BinaryIO,
    *,
    name: str,
    read: Callable[[Any], ImportedWork],
    key_of: Callable[[Any], str],
    longest_line: int,
    within: json_records.Path = json_records.RESULTS,
) -> Iterator[ImportedWork | Rejection]:
    """The records of JSON Lines, an array, a page (its list lies at `within`) or a single object. Raises nothing for any bytes."""
    yield from of_pieces(
        chunks(stream), name=name, read=lambda item: checked(read(item)), key_of=key_of, longest_line=longest_line, within=within
    )


def of_pieces(
    pieces: Iterator[bytes],
    *,
    name: str,
    read: Callable[[Any], tuple[Record, list[str]]],
    key_of: Callable[[Any], str],
    longest_line: int,
    within: json_records.Path = json_records.RESULTS,
) -> Iterator[Record | Rejection]:
    """The same of bytes that were unpacked already, and of records of any kind, which `read` checks.

    BrokenFile becomes a rejection that says where it is.
    """
    last = ""
    try:
        for record in json_records.records(pieces, longest_line=longest_line, within=within):
            last = record.place
            yield from of_record(record, name + record.place, read, key_of)
    except BrokenFile as broken:
        yield rejected(f"{name}: after {last.lstrip(':')}" if last else name, broken)


def of_record(
    record: json_records.JsonRecord, place: str, read: Callable[[Any], tuple[Record, list[str]]], key_of: Callable[[Any], str]
) -> Iterator[Record | Rejection]:
    if record.problem:
        yield rejected(place, record.problem, raw=record.raw)
        return
    value: Any = record.value
    yield from each_sound(lambda: read(value), place=place, raw=record.written, key=lambda: key_of(value))
