"""What the formats of arXiv have in common: one record of its own, from the parts that each format gives."""

import re
from collections.abc import Iterable

from works.identifiers import split_arxiv
from works.importers.arxiv.taxonomy import CATEGORIES
from works.importers.record import (
    Identifier,
    ImportedAffiliation,
    ImportedAuthor,
    ImportedSource,
    ImportedTopic,
    ImportedWork,
    InvalidRecord,
)
from works.importers.text import one_line

ARXIV = ImportedSource(name="arXiv", kind="repository")
WITHDRAWN = re.compile(
    r"\bwithdrawn by\b|\b(?:paper|article|manuscript|submission|preprint|work)\s+(?:has been|is|was)\s+(?:\w+\s+)?withdrawn\b",
    re.IGNORECASE,
)
WITHDRAWN_ABSTRACT = re.compile(
    r"\W*(?:this|the) (?:paper|article|manuscript|submission|preprint|work) (?:has been|is|was) withdrawn\b", re.IGNORECASE
)


def arxiv_work(
    *,
    address: str,
    title: str,
    abstract: str,
    authors: Iterable[ImportedAuthor],
    categories: Iterable[str],
    created: str,
    doi: str = "",
    comment: str = "",
    version: str = "",
    updated: str = "",
) -> ImportedWork:
    """The record of one arXiv paper. `address`: its id or address, with or without version; `created`: ISO date of its first version.

    A paper keeps the type "preprint" and arXiv as its source although it has the DOI of an article: that tells which article it became.
    """
    try:
        key, version_in_address = split_arxiv(address)
    except ValueError as error:
        raise InvalidRecord(str(error)) from None
    abstract = one_line(abstract)
    year = created[:4]
    return ImportedWork(
        registry="arxiv",
        key=key,
        asserted_by="repository",
        type="preprint",
        title=title,
        abstract=abstract,
        year=int(year) if year.isascii() and year.isdigit() else None,
        published_on=created[:10],
        notice="withdrawn" if WITHDRAWN.search(comment) or WITHDRAWN_ABSTRACT.match(abstract) else "",
        version=version or version_in_address,
        updated=updated,
        identifiers=(("arxiv", key), *dois(doi)),
        authors=tuple(authors),
        source=ARXIV,
        topics=tuple(topics(categories)),
    )


def dois(text: str) -> Iterable[Identifier]:
    """arXiv lets authors give several DOIs, separated by spaces."""
    return (("doi", part) for part in re.split(r"[\s;]+", text) if part)


def topics(categories: Iterable[str]) -> Iterable[ImportedTopic]:
    """arXiv's own categories, in the order given; MSC and ACM classes, which stand among them, are no topics here."""
    for code in categories:
        if label := CATEGORIES.get(code):
            yield ImportedTopic(scheme="arxiv", code=code, label=label)


def affiliations(texts: Iterable[str]) -> tuple[ImportedAffiliation, ...]:
    """Affiliations as printed; arXiv ties no institution to them. Bare footnote marks ("1 and 2") name nothing and go."""
    return tuple(ImportedAffiliation(raw=text) for text in texts if re.search(r"[^\W\d_]{2}", re.sub(r"\band\b", "", text)))
