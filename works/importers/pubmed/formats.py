"""Every citation of a PubMed file."""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from works.importers import xml_records
from works.importers.checks import each_checked, rejected
from works.importers.pubmed.citation import key_of, read_citation
from works.importers.record import Imported
from works.importers.xml_records import children, local_name, text_of

ROOTS = frozenset(
    {
        "PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet", "PubmedArticle", "PubmedBookArticle", "MedlineCitation",
        "eFetchResult", "eSearchResult",
    }
)  # fmt: skip
ENDS = frozenset({"PubmedArticle", "PubmedBookArticle", "MedlineCitation", "DeleteCitation", "ERROR"})


def parse(stream: BinaryIO, *, name: str) -> Iterator[Imported]:
    """Every article and book in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    PubmedArticleSet and MedlineCitationSet, compressed or not. Raises nothing for any bytes; OSError passes.
    """
    return xml_records.read(stream, name=name, roots=ROOTS, ends=ENDS, of_element=of_element)


def of_element(element: etree._Element, place: str) -> Iterator[Imported]:
    if local_name(element) == "DeleteCitation":
        for item in children(element, "PMID"):
            yield rejected(place, "PubMed has deleted this citation", key=text_of(item))
        return
    yield from each_checked(
        lambda: read_citation(element),
        place=place,
        raw=lambda: etree.tostring(element, encoding="unicode", with_tail=False),
        key=lambda: key_of(element),
    )
