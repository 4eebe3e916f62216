"""Which of OpenAlex's forms a stream has, told by its content, and every record in it."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from works.importers import json_records
from works.importers.checks import each_checked, rejected
from works.importers.files import BrokenFile, chunks
from works.importers.openalex.work import key_of, read_work
from works.importers.record import ImportedWork, Rejection

# A line of the snapshot holds every authorship, and one of 5,000 authors, each with affiliations and lineages, has about 7 MB.
LONGEST_LINE = 16 * 1024 * 1024


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """Every work in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    API pages, arrays, single works and snapshot lines, gzip or not. Raises nothing for any bytes; OSError passes.
    """
    last = ""
    try:
        for record in json_records.records(chunks(stream), longest_line=LONGEST_LINE):
            last = record.place
            yield from of_record(record, name + record.place)
    except json_records.NotJson as other:
        is_merged_ids = other.head.startswith(b"merge_date,")
        yield rejected(name, "this is a list of OpenAlex's merged ids, not of works" if is_merged_ids else other, raw=other.head)
    except BrokenFile as broken:
        yield rejected(f"{name}: after {last.lstrip(':')}" if last else name, broken)


def of_record(record: json_records.JsonRecord, place: str) -> Iterator[ImportedWork | Rejection]:
    if record.problem:
        yield rejected(place, record.problem, raw=record.raw)
        return
    value: Any = record.value
    yield from each_checked(lambda: read_work(value), place=place, raw=record.written, key=lambda: key_of(value))
