"""Every paper of an Anthology file, with what its volume says of it."""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from works.importers import xml_records
from works.importers.acl.paper import Volume, key_of, read_paper
from works.importers.checks import each_checked
from works.importers.record import Imported, ImportedWork, InvalidRecord
from works.importers.xml_records import local_name

ROOTS = frozenset({"collection"})
ENDS = frozenset({"meta", "paper", "error"})


def parse(stream: BinaryIO, *, name: str) -> Iterator[Imported]:
    """Every paper in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    Collection files, compressed or not. Editors have made a volume, not its papers; front matter is nobody's paper. Raises nothing for any
    bytes; OSError passes.
    """
    volume = Volume()

    def of_element(element: etree._Element, place: str) -> Iterator[Imported]:
        if local_name(element) == "meta":
            volume.begin(element)
            return
        yield from each_checked(
            lambda: read_error(element) if local_name(element) == "error" else read_paper(element, volume),
            place=f"{name}:{key}" if (key := key_of(element)) else place,
            raw=lambda: etree.tostring(element, encoding="unicode", with_tail=False),
            key=lambda: key_of(element),
        )

    return xml_records.read(stream, name=name, roots=ROOTS, ends=ENDS, of_element=of_element)


def read_error(element: etree._Element) -> ImportedWork:
    raise InvalidRecord(f"the Anthology has no paper {xml_records.text_of(element)}")
