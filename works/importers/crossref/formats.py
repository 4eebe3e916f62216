"""Which of Crossref's forms a stream has, told by its content, and every record in it."""

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from lxml import etree

from works.importers import xml_records
from works.importers.checks import checked, each_checked, rejected
from works.importers.crossref.deposit import as_rest
from works.importers.crossref.work import key_of, read_work
from works.importers.files import BrokenFile, chunks, from_first_sign
from works.importers.json_source import of_pieces
from works.importers.record import ImportedWork, Rejection

LONGEST_LINE = 32 * 1024 * 1024  # bytes; older public data files hold 5,000 records in one line
ROOTS = frozenset({"doi_records", "doi_record", "crossref", "crossref_result", "OAI-PMH", "ListRecords", "GetRecord", "record"})


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """Every work in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    REST answers (single works and lists), items in an array, JSON Lines or the public data file, unixref XML. Raises nothing for any bytes;
    OSError passes.
    """
    try:
        pieces = from_first_sign(chunks(stream))
        head = next(pieces, b"")
    except BrokenFile as broken:
        yield rejected(name, broken)
        return
    pieces = chain([head], pieces)
    if head.lstrip()[:1] == b"<":
        yield from of_xml(pieces, name)
    else:
        yield from of_pieces(
            pieces,
            name=name,
            read=lambda item: checked(read_work(item)),
            key_of=key_of,
            longest_line=LONGEST_LINE,
            within=("message", "items"),
        )


def of_xml(pieces: Iterator[bytes], name: str) -> Iterator[ImportedWork | Rejection]:
    number = 0
    try:
        for number, element in enumerate(xml_records.records(pieces, roots=ROOTS, ends=frozenset({"crossref", "error"})), start=1):
            yield from of_element(element, f"{name}:entry {number}")
    except BrokenFile as broken:
        yield rejected(f"{name}: after entry {number}" if number else name, broken)


def of_element(element: etree._Element, place: str) -> Iterator[ImportedWork | Rejection]:
    return each_checked(
        lambda: read_work(as_rest(element)),
        place=place,
        raw=lambda: etree.tostring(element, encoding="unicode", with_tail=False),
        key=lambda: xml_records.text_of(next(element.iter("{*}doi"), None)),
    )
