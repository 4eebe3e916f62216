"""Which of arXiv's formats a stream is, told by its content, and every record in it."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from lxml import etree

from works.importers import json_records, xml_records
from works.importers.arxiv import atom, oai_pmh, snapshot
from works.importers.checks import each_checked, rejected
from works.importers.files import BrokenFile, chunks, from_first_sign
from works.importers.record import ImportedWork, Rejection

ROOTS = frozenset({"feed", "OAI-PMH", "ListRecords", "GetRecord", "record"})
ENDS = frozenset({"entry", "record", "error"})
LONGEST_LINE = 1024 * 1024  # bytes; the record of 3,303 authors has under 300 kB


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """Every paper in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    Atom feeds, OAI-PMH answers (arXiv, arXivRaw, oai_dc) and snapshot lines, gzip or not. Raises nothing for any bytes; OSError passes.
    """
    last = ""
    try:
        pieces = from_first_sign(chunks(stream))
        head = next(pieces, b"")
        read = of_xml if is_xml(head) else of_json
        for place, found in read(chain([head], pieces), name):
            last = place
            yield from found
    except BrokenFile as broken:
        yield rejected(f"{name}: after {last.removeprefix(name).lstrip(':')}" if last else name, broken)


def is_xml(head: bytes) -> bool:
    return head.lstrip()[:1] == b"<" or head[:2] in {b"<\0", b"\0<"}


def of_xml(pieces: Iterator[bytes], name: str) -> Iterator[tuple[str, Iterator[ImportedWork | Rejection]]]:
    for number, element in enumerate(xml_records.records(pieces, roots=ROOTS, ends=ENDS), start=1):
        place = f"{name}:entry {number}"
        yield place, of_element(element, place)


def of_element(element: etree._Element, place: str) -> Iterator[ImportedWork | Rejection]:
    form = atom if xml_records.local_name(element) == "entry" else oai_pmh
    read = atom.read_entry if form is atom else oai_pmh.read_record
    return each_checked(
        lambda: read(element),
        place=place,
        raw=lambda: etree.tostring(element, encoding="unicode", with_tail=False),
        key=lambda: form.key_of(element),
    )


def of_json(pieces: Iterator[bytes], name: str) -> Iterator[tuple[str, Iterator[ImportedWork | Rejection]]]:
    for record in json_records.records(pieces, longest_line=LONGEST_LINE):
        place = name + record.place
        yield place, of_line(record, place)


def of_line(record: json_records.JsonRecord, place: str) -> Iterator[ImportedWork | Rejection]:
    if record.problem:
        yield rejected(place, record.problem, raw=record.raw)
        return
    value: Any = record.value
    yield from each_checked(lambda: snapshot.read_line(value), place=place, raw=record.written, key=lambda: snapshot.key_of(value))
