"""XML read record by record, in bounded memory, with entities, document types and the network off."""

from collections.abc import Container, Iterator
from typing import Any, cast

from lxml import etree

from works.importers.files import BrokenFile, with_break

LONGEST_RECORD = 4 * 1024 * 1024  # bytes between the ends of two records; arXiv's longest, of 3,303 authors, has under 1 MB


def records(pieces: Iterator[bytes], *, roots: Container[str], ends: Container[str]) -> Iterator[etree._Element]:
    """Each element whose local name is in `ends`, whole, in the order of the file; it is emptied when the next one is asked for.

    `roots` are the local names that the document may begin with. Raises BrokenFile, with line and column, where the document is malformed
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
    state = Walk(roots=roots, ends=ends)
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

    def __init__(self, *, roots: Container[str], ends: Container[str]) -> None:
        self.roots = roots
        self.ends = ends
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
        if element.getroottree().docinfo.internalDTD is not None:
            raise BrokenFile("the document declares a document type, which no answer of this registry does; it is refused")
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
