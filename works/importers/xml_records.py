"""XML read record by record, in bounded memory, with entities, document types and the network off."""

import re
from collections.abc import Callable, Container, Iterator
from html.entities import name2codepoint
from typing import Any, BinaryIO, cast

from lxml import etree

from works.importers.checks import rejected
from works.importers.files import BrokenFile, chunks, from_first_sign, with_break
from works.importers.record import Imported

LONGEST_RECORD = 4 * 1024 * 1024  # bytes between the ends of two records; arXiv's longest, of 3,303 authors, has under 1 MB

# The letters and signs that document types of scholarly XML name: those of HTML 4. A document's own entities are never looked at.
NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,7});")
CHARACTERS = {
    name.encode(): b"&#%d;" % number for name, number in name2codepoint.items() if name not in {"amp", "lt", "gt", "quot", "apos"}
}
LONGEST_NAMED = 10  # bytes, with & and ;


def read(
    stream: BinaryIO,
    *,
    name: str,
    roots: Container[str],
    ends: Container[str],
    of_element: Callable[[etree._Element, str], Iterator[Imported]],
) -> Iterator[Imported]:
    """What `of_element` makes of each record of `stream`, and a rejection where the document breaks off. Raises nothing for any bytes."""
    number = 0
    try:
        pieces = with_characters(xml_only(chunks(stream)))
        for number, element in enumerate(records(pieces, roots=roots, ends=ends, may_have_type=True), start=1):
            yield from of_element(element, f"{name}:entry {number}")
    except BrokenFile as broken:
        yield rejected(f"{name}: after entry {number}" if number else name, broken)


def xml_only(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, if they begin as XML does; else a word on how they begin."""
    pieces = from_first_sign(pieces)
    head = next(pieces, b"")
    if head.strip() and head.lstrip()[:1] != b"<":
        raise BrokenFile(f"this is not XML; it begins with {head.lstrip()[:40].decode(errors='replace')!r}")
    yield head
    yield from pieces


def with_characters(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes with named letters (&uuml;) as numbers, so that no document type is needed; unknown names stay."""
    held = b""
    for piece in with_break(pieces):
        if isinstance(piece, BrokenFile):
            yield held
            raise piece
        piece = held + piece
        start = piece.rfind(b"&", -LONGEST_NAMED)
        end = start if start >= 0 and b";" not in piece[start:] else len(piece)
        held = piece[end:]
        yield NAMED.sub(lambda found: CHARACTERS.get(found.group(1), found.group()), piece[:end])
    yield held


def records(
    pieces: Iterator[bytes], *, roots: Container[str], ends: Container[str], may_have_type: bool = False
) -> Iterator[etree._Element]:
    """Each element whose local name is in `ends`, whole, in the order of the file; it is emptied when the next one is asked for.

    `roots` are the local names that the document may begin with. A document type by name alone is passed over where `may_have_type`; one
    that declares anything is refused. Raises BrokenFile, with line and column, where the document is malformed
    or not one of those: after every whole record before that place.
    """
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    state = Walk(roots=roots, ends=ends, may_have_type=may_have_type)
    since_record, problem = 0, ""
    for piece in with_break(pieces):
        if isinstance(piece, BrokenFile):
            problem = str(piece)
            break
        try:
            parser.feed(piece)
        except etree.XMLSyntaxError as error:
            problem = malformed(error)
        found = False
        for record in state.finished(parser):
            found = True
            yield record
        since_record = 0 if found else since_record + len(piece)
        if since_record > LONGEST_RECORD:
            problem = f"no record ends within {LONGEST_RECORD // 2**20} MB; reading stops here"
        if problem:
            break
    if not problem:
        try:
            parser.close()
        except etree.XMLSyntaxError as error:
            problem = malformed(error)
        yield from state.finished(parser)
    if problem:
        raise BrokenFile(problem)


def malformed(error: etree.XMLSyntaxError) -> str:
    line, column = error.position
    return f"malformed XML at line {line}, column {column}: {error.msg}; the records before this place are read"


class Walk:
    """The way through the tree: hands out finished records and drops everything that is done with, records or not."""

    def __init__(self, *, roots: Container[str], ends: Container[str], may_have_type: bool) -> None:
        self.roots = roots
        self.ends = ends
        self.may_have_type = may_have_type
        self.depth = 0
        self.record_depth = 0  # 0: not inside a record

    def finished(self, parser: etree.XMLPullParser) -> Iterator[etree._Element]:
        events: Iterator[tuple[str, etree._Element]] = cast("Any", parser.read_events())
        for event, element in events:
            name = local_name(element)
            if event == "start":
                self.depth += 1
                if self.depth == 1:
                    self.check_root(element, name)
                if not self.record_depth and name in self.ends:
                    self.record_depth = self.depth
                continue
            if self.depth == self.record_depth:
                self.record_depth = 0
                yield element
            if not self.record_depth:
                element.clear()
                while (done := element.getprevious()) is not None and (parent := done.getparent()) is not None:
                    parent.remove(done)
            self.depth -= 1

    def check_root(self, element: etree._Element, name: str) -> None:
        declared: Any = cast("Any", element.getroottree().docinfo).internalDTD
        if declared is not None and not self.may_have_type:
            raise BrokenFile("the document declares a document type, which no answer of this registry does; it is refused")
        if declared is not None and declared.entities():
            raise BrokenFile("the document declares entities of its own, which no file of this registry does; it is refused")
        if name not in self.roots:
            raise BrokenFile(f"the document is <{name}>, which is none of the formats read here")


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace; "" for comments and the like."""
    return str(element.tag).rpartition("}")[2] if isinstance(cast("object", element.tag), str) else ""


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first child of that local name, whatever its namespace."""
    return next(children(element, name), None)


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    if element is not None:
        yield from (item for item in element if local_name(item) == name)


def text_of(element: etree._Element | None, name: str = "") -> str:
    """All text inside the element, or inside its first child of that name; "" where there is none."""
    found = child(element, name) if name else element
    return "" if found is None else "".join(str(part) for part in found.itertext()).strip()
