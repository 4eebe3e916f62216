"""One dblp record of a publication."""

import re
from collections.abc import Iterator

from lxml import etree

from works.identifiers import normalise_doi, split_arxiv
from works.importers.record import Identifier, ImportedAuthor, ImportedSource, ImportedWork, InvalidRecord
from works.importers.text import one_line
from works.importers.xml_records import child, children, local_name, text_of

TYPES = {
    "article": "article",
    "inproceedings": "conference-paper",
    "book": "book",
    "incollection": "book-chapter",
    "phdthesis": "dissertation",
    "mastersthesis": "dissertation",
    "data": "dataset",
    "www": "other",
    # What search answers call them.
    "journal articles": "article",
    "conference and workshop papers": "conference-paper",
    "books and theses": "book",
    "parts in books or collections": "book-chapter",
    "informal publications": "preprint",
    "informal and other publications": "preprint",
    "reference works": "book-chapter",
    "data and artifacts": "dataset",
}
# What dblp says of a publication beside its kind, in publtype; several words may stand there.
TYPES_BY_PUBLTYPE = {
    "informal": "preprint",
    "encyclopedia": "book-chapter",
    "survey": "review",
    "data": "dataset",
    "software": "software",
    "habil": "dissertation",
}
NUMBERED = re.compile(r"(?P<name>.*\S) (?P<number>\d{4})")
ARXIV_VOLUME = re.compile(r"abs/(\S+)")
MOST_REFERENCES = 1_000


def key_of(record: etree._Element) -> str:
    return str(record.get("key", "")) or text_of(record, "key")


def read_work(record: etree._Element) -> ImportedWork:
    """The publication of one record; InvalidRecord for volumes of proceedings, pages of persons and errors."""
    kind, key = local_name(record), key_of(record)
    if kind == "error":
        raise InvalidRecord(f"dblp has no record under this key: {one_line(text_of(record))}")
    publtype = str(record.get("publtype", "")).split()
    named = text_of(record, "type").lower() if kind == "info" else kind
    if key.startswith("homepages/") or kind == "person":
        names = ", ".join(one_line(text_of(item)) for item in children(record, "author"))
        raise InvalidRecord(f"this is the page of a person ({names or 'without a name'}), not a work")
    if kind == "proceedings" or named == "editorship":
        raise InvalidRecord("a volume of proceedings is not a work of a researcher")
    if not key:
        raise InvalidRecord("the record has no key")
    year = text_of(record, "year")
    return ImportedWork(
        registry="dblp",
        key=key,
        asserted_by="aggregator",
        type=type_of(record, named, publtype),
        title=without_full_stop(text_of(record, "title")),
        year=int(year) if year.isascii() and year.isdigit() and len(year) < 5 else None,
        notice="withdrawn" if "withdrawn" in publtype else "",
        updated=str(record.get("mdate", "")),
        identifiers=(("dblp", key), *dict.fromkeys(identifiers(record))),
        authors=tuple(authors(record)),
        source=source_of(record),
        references=tuple(("dblp", cited) for item in children(record, "cite") if (cited := text_of(item)) not in {"", "..."})[
            :MOST_REFERENCES
        ],
        volume=text_of(record, "volume"),
        issue=text_of(record, "number"),
        pages=text_of(record, "pages"),
        publisher=text_of(record, "publisher"),
    )


def type_of(record: etree._Element, named: str, publtype: list[str]) -> str:
    if venue(record) in {"CoRR", "IACR Cryptol. ePrint Arch.", "Electron. Colloquium Comput. Complex."} and named == "article":
        return "preprint"
    return next((TYPES_BY_PUBLTYPE[word] for word in publtype if word in TYPES_BY_PUBLTYPE), TYPES.get(named, "other"))


def without_full_stop(title: str) -> str:
    """dblp ends every title with a full stop. One that belongs to dots or initials stays.

    >>> without_full_stop("Spectre Attacks."), without_full_stop("To be continued..."), without_full_stop("Made in the U.S.")
    ('Spectre Attacks', 'To be continued...', 'Made in the U.S.')
    """
    title = one_line(title)
    return title if re.search(r"\.\.$|\b\w\.\w\.$", title) else title.removesuffix(".")


def authors(record: etree._Element) -> Iterator[ImportedAuthor]:
    """The byline. The four digits behind a homonym's name are no part of it: they are dblp's identity of that person."""
    listed = child(record, "authors") if local_name(record) == "info" else record
    for item in children(listed, "author"):
        raw = one_line(text_of(item))
        yield ImportedAuthor(raw_name=raw, name=without_number(raw), identifiers=tuple(identifiers_of_person(raw, item)))


def without_number(name: str) -> str:
    """
    >>> without_number("Michael Schwarz 0001"), without_number("Mausam"), without_number("Studio 54")
    ('Michael Schwarz', 'Mausam', 'Studio 54')
    """
    found = NUMBERED.fullmatch(name)
    return found["name"] if found else name


def identifiers_of_person(raw: str, item: etree._Element) -> Iterator[Identifier]:
    """A numbered name ("dblp-name"), a person's page ("dblp") and an ORCID iD, as far as they stand beside the name.

    A name without number is no identity: dblp gives it to everybody whom it has not told apart yet.
    """
    if NUMBERED.fullmatch(raw):
        yield "dblp-name", raw
    if item.get("pid"):
        yield "dblp", str(item.get("pid"))
    if item.get("orcid"):
        yield "orcid", str(item.get("orcid"))


def identifiers(record: etree._Element) -> Iterator[Identifier]:
    """What the electronic editions name; of a book, its ISBN."""
    for name in ("doi", "ee"):
        for item in children(record, name):
            yield from of_address(text_of(item))
    if venue(record) == "CoRR" and (volume := ARXIV_VOLUME.fullmatch(text_of(record, "volume"))):
        yield from of_arxiv(volume.group(1))
    if local_name(record) == "book":
        yield from (("isbn", text_of(item)) for item in children(record, "isbn"))


def of_address(address: str) -> Iterator[Identifier]:
    if "arxiv.org/" in address.lower() or "10.48550/arxiv" in address.lower():
        yield from of_arxiv(address)
    if re.search(r"doi\.(?:acm\.|ieeecomputersociety\.)?org/|^10\.", address):
        try:
            yield "doi", normalise_doi(address)
        except ValueError:
            return


def of_arxiv(text: str) -> Iterator[Identifier]:
    try:
        yield "arxiv", split_arxiv(text)[0]
    except ValueError:
        return


def venue(record: etree._Element) -> str:
    return text_of(record, "journal") or (text_of(record, "venue") if local_name(record) == "info" else "")


def source_of(record: etree._Element) -> ImportedSource | None:
    """The journal, or the proceedings or book that the part stands in. CoRR is arXiv."""
    journal, booktitle = text_of(record, "journal"), text_of(record, "booktitle")
    found = text_of(record, "venue") if local_name(record) == "info" else journal or booktitle
    if found == "CoRR":
        return ImportedSource(name="arXiv", kind="repository")
    if not found:
        series = text_of(record, "series")
        return ImportedSource(name=series, kind="book-series") if series else None
    is_conference = local_name(record) == "inproceedings" or text_of(record, "type").startswith("Conference")
    return ImportedSource(name=found, kind="conference" if is_conference else "journal" if journal else "other")
