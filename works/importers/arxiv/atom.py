"""The Atom feed of arXiv's API."""

from collections.abc import Iterator

from lxml import etree

from works.importers.arxiv.record import affiliations, arxiv_work
from works.importers.record import ImportedAuthor, ImportedWork, InvalidRecord
from works.importers.xml_records import child, children, text_of


def read_entry(entry: etree._Element) -> ImportedWork:
    """The paper of one <entry>. An error that arXiv reports comes as an entry too; it is refused with arXiv's own words."""
    address, title = text_of(entry, "id"), text_of(entry, "title")
    if "/api/errors" in address or (title == "Error" and "/abs/" not in address):
        raise InvalidRecord(f"arXiv answers with an error: {text_of(entry, 'summary') or address}")
    return arxiv_work(
        address=address,
        title=title,
        abstract=text_of(entry, "summary"),
        authors=list(authors(entry)),
        categories=categories(entry),
        created=text_of(entry, "published"),
        doi=text_of(entry, "doi"),
        comment=text_of(entry, "comment"),
        updated=text_of(entry, "updated"),
    )


def key_of(entry: etree._Element) -> str:
    return text_of(entry, "id")


def authors(entry: etree._Element) -> Iterator[ImportedAuthor]:
    for author in children(entry, "author"):
        name = text_of(author, "name")
        yield ImportedAuthor(raw_name=name, name=name, affiliations=affiliations(text_of(item) for item in children(author, "affiliation")))


def categories(entry: etree._Element) -> list[str]:
    """The primary category first, wherever it stands among the others."""
    primary = child(entry, "primary_category")
    first = [] if primary is None else [str(primary.get("term", ""))]
    return first + [str(item.get("term", "")) for item in children(entry, "category")]
