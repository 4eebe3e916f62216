"""OAI-PMH records of arXiv, with metadataPrefix arXiv, arXivRaw or oai_dc. Protocol: OAI-PMH 2.0."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from lxml import etree

from works.importers.arxiv.free_text import authors_of_text
from works.importers.arxiv.record import affiliations, arxiv_work
from works.importers.arxiv.taxonomy import codes_by_subject
from works.importers.people import name_of_inverted, name_of_parts
from works.importers.record import ImportedAuthor, ImportedWork, InvalidRecord
from works.importers.text import one_line
from works.importers.xml_records import child, children, local_name, text_of


def read_record(record: etree._Element) -> ImportedWork:
    """The paper of one <record>; InvalidRecord for a deleted record, and for an <error> of the protocol, with arXiv's own words."""
    if local_name(record) == "error":
        raise InvalidRecord(f"arXiv answers with an error: {record.get('code', 'without a code')}: {one_line(text_of(record))}")
    header = child(record, "header")
    if header is not None and header.get("status") == "deleted":
        raise InvalidRecord("arXiv has deleted this record")
    metadata = child(record, "metadata")
    body = None if metadata is None else next((item for item in metadata if local_name(item)), None)
    if body is None:
        raise InvalidRecord("the record has no metadata")
    reader = {"arXiv": read_arxiv, "arXivRaw": read_arxiv_raw, "dc": read_oai_dc}.get(local_name(body))
    if reader is None:
        raise InvalidRecord(f"the metadata are <{local_name(body)}>; arXiv, arXivRaw and oai_dc are read")
    return reader(body, key_of(record))


def key_of(record: etree._Element) -> str:
    """oai:arXiv.org:0901.2443 -> 0901.2443; "" for an error."""
    return text_of(child(record, "header"), "identifier").rpartition(":")[2]


def read_arxiv(body: etree._Element, key: str) -> ImportedWork:
    return arxiv_work(
        address=text_of(body, "id") or key,
        title=text_of(body, "title"),
        abstract=text_of(body, "abstract"),
        authors=[author_of_parts(item) for item in children(child(body, "authors"), "author")],
        categories=text_of(body, "categories").split(),
        created=text_of(body, "created"),
        doi=text_of(body, "doi"),
        comment=text_of(body, "comments"),
        updated=text_of(body, "updated"),
    )


def author_of_parts(author: etree._Element) -> ImportedAuthor:
    family, given, suffix = (text_of(author, part) for part in ("keyname", "forenames", "suffix"))
    return ImportedAuthor(
        raw_name=", ".join(part for part in (family, given, suffix) if part),
        name=name_of_parts(family, given, suffix),
        affiliations=affiliations(text_of(item) for item in children(author, "affiliation")),
    )


def read_arxiv_raw(body: etree._Element, key: str) -> ImportedWork:
    """arXivRaw tells the versions, and the authors as one text."""
    versions = [(str(item.get("version", "")), mail_date(text_of(item, "date"))) for item in children(body, "version")]
    authors, _ = authors_of_text(text_of(body, "authors"))
    return arxiv_work(
        address=text_of(body, "id") or key,
        title=text_of(body, "title"),
        abstract=text_of(body, "abstract"),
        authors=authors,
        categories=text_of(body, "categories").split(),
        created=versions[0][1] if versions else "",
        doi=text_of(body, "doi"),
        comment=text_of(body, "comments"),
        version=versions[-1][0] if versions else "",
        updated=versions[-1][1] if versions else "",
    )


def mail_date(text: str) -> str:
    """The ISO date of a date as mail writes it ("Mon, 2 Apr 2007 19:18:42 GMT"); "" where it is none.

    >>> mail_date("Mon, 2 Apr 2007 19:18:42 GMT"), mail_date("soon")
    ('2007-04-02', '')
    """
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def read_oai_dc(body: etree._Element, key: str) -> ImportedWork:
    """Dublin Core: the abstract is the first description, the comment a later one; subjects name categories in words, among MSC classes."""
    texts = {name: list(texts_of(body, name)) for name in ("title", "creator", "subject", "description", "date", "identifier")}
    comments = [text for text in texts["description"] if text.startswith("Comment:")]
    abstracts = [text for text in texts["description"] if not text.startswith("Comment:")]
    subjects = codes_by_subject()
    addresses = [text for text in texts["identifier"] if "arxiv.org/abs/" in text]
    return arxiv_work(
        address=addresses[0] if addresses else key,
        title=" ".join(texts["title"][:1]),
        abstract=" ".join(abstracts[:1]),
        authors=[ImportedAuthor(raw_name=text, name=name_of_inverted(one_line(text))) for text in texts["creator"]],
        categories=[subjects[name] for text in texts["subject"] if (name := one_line(text)) in subjects],
        created=min((text for text in texts["date"] if re.match(r"\d{4}", text)), default=""),
        doi=" ".join(text.removeprefix("doi:") for text in texts["identifier"] if text.startswith("doi:")),
        comment=" ".join(comments),
        updated=max(texts["date"], default=""),
    )


def texts_of(body: etree._Element, name: str) -> Iterator[str]:
    return (text_of(item) for item in children(body, name))
