"""Every record of a dblp file."""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from works.importers import xml_records
from works.importers.checks import each_checked
from works.importers.dblp.work import key_of, read_work
from works.importers.record import Imported

RECORDS = frozenset(
    {"article", "inproceedings", "proceedings", "book", "incollection", "phdthesis", "mastersthesis", "www", "person", "data"}
)
ROOTS = frozenset({"dblp", "dblpperson", "result"}) | RECORDS
ENDS = RECORDS | {"info", "error"}


def parse(stream: BinaryIO, *, name: str) -> Iterator[Imported]:
    """Every publication in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    The dump, person pages (dblp.org/pid/….xml), single records (dblp.org/rec/….xml) and search answers in XML, compressed or not. The
    document type is never fetched: its letters (&uuml;) are known here. Raises nothing for any bytes; OSError passes.
    """
    return xml_records.read(stream, name=name, roots=ROOTS, ends=ENDS, of_element=of_element)


def of_element(element: etree._Element, place: str) -> Iterator[Imported]:
    return each_checked(
        lambda: read_work(element),
        place=place,
        raw=lambda: etree.tostring(element, encoding="unicode", with_tail=False),
        key=lambda: key_of(element),
    )
