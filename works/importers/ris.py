"""RIS: the tagged text that publishers' sites and reference managers export. Nobody answers for it.

Read by the format's specification (Reference Manager, 2001 and 2011) and as forgivingly as its writers are careless: a space or two before
the hyphen, values that go on over lines without a tag, records without an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from works.importers.checks import checked, rejected
from works.importers.files import BrokenFile, chunks, lines, with_break
from works.importers.people import name_of_inverted
from works.importers.record import Identifier, ImportedAuthor, ImportedSource, ImportedWork, InvalidRecord, Rejection
from works.importers.text import one_line, without_markup
from works.importers.typed import Told, identifiers_in, language_of, typed_key

LONGEST_LINE = 1024 * 1024  # bytes
LONGEST_RECORD = 2 * 1024 * 1024
MOST_FIELDS = 30_000
# Where a record may end or begin: what stands before it in a record that is too long is not looked at.
EDGE = re.compile(rb"[\r\n](?=[ \t]*(?:TY|ER)\s{0,3}-)")
LONGEST_EDGE = 16
TAG_LENGTH = 6  # "AU  - "
TAG = re.compile(rb"([A-Z][A-Z0-9])\s{0,3}-(?:\s+(.*)|())", re.DOTALL)
TYPES = {
    "JOUR": "article", "JFULL": "article", "EJOUR": "article", "INPR": "article", "ABST": "article", "MGZN": "article", "NEWS": "article",
    "CONF": "conference-paper", "CPAPER": "conference-paper", "BOOK": "book", "EBOOK": "book", "EDBOOK": "book", "WHOLE": "book",
    "SER": "book", "CHAP": "book-chapter", "ECHAP": "book-chapter", "ENCYC": "book-chapter", "DICT": "book-chapter",
    "THES": "dissertation", "RPRT": "report", "DATA": "dataset", "DBASE": "dataset", "COMP": "software",
}  # fmt: skip
BOOKS = frozenset({"BOOK", "EBOOK", "EDBOOK", "WHOLE", "SER"})
TITLES = ("TI", "T1", "CT", "BT")
VENUES = ("JF", "JO", "T2", "BT", "JA", "J1", "J2", "T3")
FULL_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d\d)(?!\d)")
DOI_NAMED = re.compile(r"\bdoi[:\s]\s*(10\.\d{4,9}/\S+)", re.IGNORECASE)


@dataclass(slots=True)
class Fields:
    """One record as it is written: its line, its type, its fields in order."""

    line: int
    type: str
    listed: list[tuple[str, list[bytes]]] = field(default_factory=list)
    size: int = 0
    doubts: list[str] = field(default_factory=list)

    def add(self, tag: str, value: bytes) -> None:
        """A field; a line without a tag belongs to the field before it."""
        self.size += len(value) + TAG_LENGTH
        if self.is_too_long:
            return
        if tag and len(self.listed) < MOST_FIELDS:
            self.listed.append((tag, [value]))
        elif not tag and self.listed:
            self.listed[-1][1].append(value)
        elif len(self.listed) == MOST_FIELDS and not any("fields" in doubt for doubt in self.doubts):
            self.doubts.append(f"the record has more than {MOST_FIELDS:,} fields; the rest is left out")

    @property
    def is_too_long(self) -> bool:
        return self.size > LONGEST_RECORD

    def texts(self, *tags: str) -> Iterator[str]:
        """The values of these tags: by tag, each in the order of the file."""
        for wanted in tags:
            yield from (text for tag, value in self.listed if tag == wanted and (text := self.decoded(value)))

    def in_order(self, *tags: str) -> Iterator[str]:
        """The values of these tags in the order of the file."""
        yield from (text for tag, value in self.listed if tag in tags and (text := self.decoded(value)))

    def first(self, *tags: str) -> str:
        return next(self.texts(*tags), "")

    def decoded(self, parts: list[bytes]) -> str:
        value = b" ".join(parts)
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("cp1252", errors="replace")
            if not any("UTF-8" in doubt for doubt in self.doubts):
                self.doubts.append("the record is not UTF-8; it is read as Windows-1252")
        return one_line(text)


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """Every reference in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    Compressed or not, with or without byte order mark, line ends of any system. Raises nothing for any bytes; OSError passes.
    """
    told, last = Told(), 0
    try:
        for item in split(chunks(stream)):
            if isinstance(item, Rejection):
                yield replace(item, place=f"{name}{item.place}")
            else:
                last = item.line
                yield from of_record(item, told, name)
    except BrokenFile as broken:
        yield rejected(f"{name}: after line {last}" if last else name, broken)


class Passable:
    """The bytes of a file, of which the rest of a record is left out while `is_passing`: its lines are not even cut.

    lines: how many were left out.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.is_passing = False
        self.lines = 0

    def __iter__(self) -> Iterator[bytes]:
        held = b""
        for piece in self.pieces:
            if not self.is_passing:
                yield piece
                continue
            piece = held + piece
            edge = EDGE.search(piece)
            end = edge.start() if edge else max(0, len(piece) - LONGEST_EDGE)
            self.lines += piece.count(b"\n", 0, end)
            if edge:
                self.is_passing, held = False, b""
                yield piece[end:]
            else:
                held = piece[end:]
        if held:
            yield held


def split(pieces: Iterator[bytes]) -> Iterator[Fields | Rejection]:
    """The records of the file, from TY to ER; and a word on lines that belong to none."""
    record: Fields | None = None
    is_told = False  # that lines stand outside of records: once in a row is enough
    broken: BrokenFile | None = None
    passable = Passable(pieces)
    for item in with_break(plain_lines(iter(passable))):
        if isinstance(item, BrokenFile):
            broken = item
            break
        number, line = item
        number += passable.lines
        tag, value = tagged(line or b"")
        if line is None:
            yield rejected(f":{number}", f"the line is longer than {LONGEST_LINE // 2**20} MB; it is passed over")
        elif tag == "TY":
            yield from ended(record, "the record has no end (ER) before the next one begins")
            record, is_told = Fields(number, value.decode(errors="replace").strip().upper()[:20]), False
        elif tag == "ER":
            yield from ended(record)
            record, is_told = None, True
        elif record:
            record.add(tag, value)
        elif not is_told:
            yield rejected(f":{number}", "this stands in no record: a record of RIS begins with TY  - and its type", raw=line)
            is_told = True
        passable.is_passing = record is not None and record.is_too_long
    yield from ended(record, "the record has no end (ER): the file may be cut short")
    if broken:
        raise broken


def ended(record: Fields | None, doubt: str = "") -> Iterator[Fields]:
    if record:
        record.doubts += [doubt] if doubt else []
        yield record


def plain_lines(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes | None]]:
    r"""Lines that end with \n, \r\n or, as on old Macs, \r alone."""
    for number, line in lines(pieces, limit=LONGEST_LINE):
        if line is None or b"\r" not in line:
            yield number, line
        else:
            yield from ((number, part.strip()) for part in line.split(b"\r") if part.strip())


def tagged(line: bytes) -> tuple[str, bytes]:
    """The tag and what stands behind it; ("", line) for a line without one."""
    found = TAG.fullmatch(line)
    return (found.group(1).decode(), (found.group(2) or b"").strip()) if found else ("", line)


def of_record(record: Fields, told: Told, name: str) -> Iterator[ImportedWork | Rejection]:
    place = f"{name}:{record.line}"
    raw = b"\n".join(part for _, parts in record.listed[:4] for part in parts[:4])
    if record.is_too_long:
        yield rejected(place, f"the record is longer than {LONGEST_RECORD // 2**20} MB; it is passed over", raw=raw)
        return
    try:
        work, reservations = checked(told.distinct(read_work(record)))
    except InvalidRecord as problem:
        yield rejected(place, problem, raw=raw)
        return
    yield work
    for reservation in (*record.doubts, *reservations):
        yield replace(rejected(place, reservation, key=work.key), is_reservation=True)


def read_work(record: Fields) -> ImportedWork:
    title_tag = next((tag for tag in TITLES if record.first(tag)), "")
    title = without_markup(record.first(title_tag)) if title_tag else ""
    authors = tuple(read_name(text) for text in record.in_order("AU", "A1"))
    year, published_on = read_date(record)
    found = tuple(dict.fromkeys(identifiers(record)))
    facts = (title, *(author.name for author in authors), year, *(record.first(tag) for tag in ("JF", "JO", "T2", "VL", "IS", "SP")))
    return ImportedWork(
        registry="ris",
        key=typed_key(found, *facts),
        asserted_by="typed",
        type=type_of(record, found),
        title=title,
        abstract=without_markup(record.first("AB", "N2")),
        year=year,
        published_on=published_on,
        language=language_of(record.first("LA")),
        identifiers=found,
        authors=authors,
        source=source_of(record, title_tag, type_of(record, found)),
        volume=record.first("VL"),
        issue=record.first("IS"),
        pages=pages_of(record),
        publisher=record.first("PB"),
    )


def pages_of(record: Fields) -> str:
    """The first page and the last; both may stand in one field. Where there is no page, the article's number."""
    first, last = record.first("SP"), record.first("EP")
    return f"{first}-{last}" if first and last and last not in re.split(r"[-–]", first) else first or record.first("C7", "AR")


def type_of(record: Fields, found: tuple[Identifier, ...]) -> str:
    if record.type in {"UNPB", "ELEC", "GEN"} and any(scheme == "arxiv" for scheme, _ in found):
        return "preprint"
    if record.type == "UNPB" and any(scheme == "doi" for scheme, _ in found):
        return "preprint"  # unpublished, and yet registered
    return TYPES.get(record.type, "other")


def read_name(text: str) -> ImportedAuthor:
    """A comma at the end, and nowhere else, says that it is an organisation.

    >>> read_name("Baldwin,S.A.").name, read_name("Evans, Neal J., II").name, read_name("NASA").name
    ('S.A. Baldwin', 'Neal J. Evans II', 'NASA')
    >>> read_name("Apple Computer Inc.,").is_person, read_name("Smith, J.,").is_person, read_name("Plato,").is_person
    (False, True, True)
    """
    if text.count(",") == 1 and " " in (bare := text.strip().removesuffix(",")) and text.strip().endswith(","):
        return ImportedAuthor(raw_name=text, name=bare, is_person=False)
    return ImportedAuthor(raw_name=text, name=name_of_inverted(text.strip(" ,;")))


def read_date(record: Fields) -> tuple[int | None, str]:
    """(year, ISO date). "1996///" and "2014/06//" have a year alone."""
    texts = list(record.texts("PY", "Y1", "DA"))
    years = [int(found.group(1)) for text in texts if (found := YEAR.search(text))]
    if not years:
        return None, ""
    for text in texts:
        whole = FULL_DATE.match(text)
        if whole and int(whole.group(1)) == years[0]:
            return years[0], f"{whole.group(1)}-{int(whole.group(2)):02}-{int(whole.group(3)):02}"
    return years[0], ""


def identifiers(record: Fields) -> Iterator[Identifier]:
    for text in record.texts("DO", "DI"):
        yield "doi", text
    for text in record.texts("M3", "N1"):
        if named := DOI_NAMED.search(text[:500]):
            yield "doi", named.group(1)
    yield from identifiers_in(record.texts("UR", "L2", "LK", "DO"))
    if record.type in BOOKS and (isbn := re.search(r"\b(?:97[89][- ]?)?\d[\d -]{8,14}[\dXx]\b", record.first("SN"))):
        yield "isbn", isbn.group()


def source_of(record: Fields, title_tag: str, type_: str) -> ImportedSource | None:
    name = next((text for tag in VENUES if tag != title_tag and (text := record.first(tag))), "")
    if not name or record.type in BOOKS:
        return None
    if type_ == "preprint":
        return ImportedSource(name=name, kind="repository")
    kind = TYPES.get(record.type, "other")
    pairs: tuple[Identifier, ...] = tuple(("issn", issn) for issn in re.findall(r"\b\d{4}-\d{3}[\dXx]\b", record.first("SN"))[:4])
    return ImportedSource(name=name, kind={"article": "journal", "conference-paper": "conference"}.get(kind, "other"), identifiers=pairs)
