"""One citation of PubMed: an article, or a book or chapter of its bookshelf."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from works.importers.people import name_of_parts
from works.importers.pubmed.dates import read_date
from works.importers.record import (
    Identifier,
    ImportedAffiliation,
    ImportedAuthor,
    ImportedSource,
    ImportedWork,
    InvalidRecord,
    Relation,
)
from works.importers.text import one_line
from works.importers.xml_records import child, children, local_name, text_of

# PubMed's publication types, the telling ones first; "Journal Article" stands beside most of them.
TYPES = {
    "Preprint": "preprint",
    "Dataset": "dataset",
    "Editorial": "editorial",
    "Letter": "letter",
    "Review": "review",
    "Systematic Review": "review",
    "Academic Dissertation": "dissertation",
    "Technical Report": "report",
}
NOTICES = {"Retracted Publication": "retracted", "Withdrawn": "withdrawn"}
RELATIONS = {
    "RetractionIn": "is-retracted-by",
    "RetractionOf": "retracts",
    "ErratumIn": "is-corrected-by",
    "ErratumFor": "corrects",
    "PartialRetractionIn": "is-corrected-by",
    "PartialRetractionOf": "corrects",
    "ExpressionOfConcernIn": "is-questioned-by",
    "ExpressionOfConcernFor": "questions",
    "RepublishedIn": "has-version",
    "RepublishedFrom": "is-version-of",
    "CorrectedandRepublishedIn": "has-version",
    "CorrectedandRepublishedFrom": "is-version-of",
    "RetractedandRepublishedIn": "has-version",
    "RetractedandRepublishedFrom": "is-version-of",
}
SCHEMES = {"pubmed": "pmid", "pmc": "pmcid", "doi": "doi"}
LANGUAGES = {
    "eng": "en", "fre": "fr", "ger": "de", "spa": "es", "chi": "zh", "jpn": "ja", "rus": "ru", "ita": "it", "por": "pt", "kor": "ko",
    "pol": "pl", "dut": "nl", "cze": "cs", "hun": "hu", "tur": "tr", "swe": "sv", "dan": "da", "nor": "no", "ukr": "uk",
}  # fmt: skip
NO_TITLE = {"[Not Available]", "[In Process Citation]", ""}
ARXIV_PII = re.compile(r"arXiv:\S+")
MOST_REFERENCES = 1_000


def key_of(element: etree._Element) -> str:
    body = body_of(element)
    return "" if body is None else text_of(body, "PMID")


def body_of(element: etree._Element) -> etree._Element | None:
    name = {"PubmedArticle": "MedlineCitation", "PubmedBookArticle": "BookDocument"}.get(local_name(element))
    return child(element, name) if name else element


def read_citation(element: etree._Element) -> ImportedWork:
    if local_name(element) == "ERROR":
        raise InvalidRecord(f"PubMed answers with an error: {one_line(text_of(element))}")
    body = body_of(element)
    if body is None or not text_of(body, "PMID"):
        raise InvalidRecord("the citation has no PubMed id")
    return read_book(element, body) if local_name(body) == "BookDocument" else read_article(element, body)


def read_article(element: etree._Element, body: etree._Element) -> ImportedWork:
    article = child(body, "Article")
    journal = child(article, "Journal")
    year, published_on = read_date(child(child(journal, "JournalIssue"), "PubDate"))
    if year is None:
        year, published_on = read_date(child(article, "ArticleDate"))
    kinds = [text_of(item) for item in children(child(article, "PublicationTypeList"), "PublicationType")]
    type_ = next((type_ for kind, type_ in TYPES.items() if kind in kinds), "article")
    relations = tuple(relations_of(body, type_))
    listed = child(article, "AuthorList")
    key = text_of(body, "PMID")
    return ImportedWork(
        registry="pubmed",
        key=key,
        asserted_by="aggregator",
        type=type_,
        title=title_of(article),
        abstract=abstract_of(child(article, "Abstract")),
        year=year,
        published_on=published_on,
        language=language_of(text_of(article, "Language")),
        notice=notice_of(kinds, relations),
        updated=read_date(child(body, "DateRevised"))[1],
        identifiers=(("pmid", key), *dict.fromkeys(identifiers(element, article))),
        authors=tuple(authors(listed)),
        is_byline_cut=listed is not None and listed.get("CompleteYN") == "N",
        source=source_of(journal),
        references=tuple(references(child(element, "PubmedData")))[:MOST_REFERENCES],
        relations=relations,
        volume=text_of(child(journal, "JournalIssue"), "Volume"),
        issue=text_of(child(journal, "JournalIssue"), "Issue"),
        pages=pages_of(child(article, "Pagination")),
    )


def read_book(element: etree._Element, body: etree._Element) -> ImportedWork:
    """A book of the bookshelf, or a chapter of one, which then has a title of its own."""
    book = child(body, "Book")
    chapter = one_line(text_of(body, "ArticleTitle"))
    year, published_on = read_date(child(book, "PubDate"))
    if year is None:
        year, published_on = read_date(child(body, "ContributionDate"))
    own = [item for item in children(body, "AuthorList") if item.get("Type") != "editors"]
    of_book = [item for item in children(book, "AuthorList") if item.get("Type") != "editors"]
    title = one_line(text_of(book, "BookTitle"))
    key = text_of(body, "PMID")
    return ImportedWork(
        registry="pubmed",
        key=key,
        asserted_by="aggregator",
        type="book-chapter" if chapter else "book",
        title=without_full_stop(chapter) if chapter else title,
        abstract=abstract_of(child(body, "Abstract")),
        year=year,
        published_on=published_on,
        language=language_of(text_of(body, "Language")),
        updated=read_date(child(body, "DateRevised"))[1],
        identifiers=(
            ("pmid", key),
            *ids_in(child(body, "ArticleIdList")),
            *(("isbn", text_of(item)) for item in children(book, "Isbn") if not chapter),
        ),
        authors=tuple(author for listed in (own if chapter or own else of_book) for author in authors(listed)),
        source=ImportedSource(name=title, kind="other") if chapter and title else None,
        volume=text_of(book, "Volume"),
        pages=pages_of(child(body, "Pagination")),
        publisher=one_line(text_of(child(book, "Publisher"), "PublisherName")),
    )


def pages_of(pagination: etree._Element | None) -> str:
    """As MEDLINE writes them ("1025-34"), or the first and the last."""
    written = text_of(pagination, "MedlinePgn")
    return written or "-".join(filter(None, (text_of(pagination, "StartPage"), text_of(pagination, "EndPage"))))


def title_of(article: etree._Element | None) -> str:
    """The title without the full stop and the brackets that PubMed sets around translations; the printed one where there is no other."""
    title = one_line(text_of(article, "ArticleTitle"))
    if title.rstrip(".") in NO_TITLE:
        title = one_line(text_of(article, "VernacularTitle"))
    title = without_full_stop(title)
    if title.startswith("[") and title.endswith("]") and "]" not in title[:-1]:
        title = without_full_stop(title[1:-1])
    return title


def without_full_stop(title: str) -> str:
    return title if title.endswith("..") else title.removesuffix(".")


def abstract_of(abstract: etree._Element | None) -> str:
    """The parts, each behind its label: "METHODS: We …"."""
    parts = []
    for part in children(abstract, "AbstractText"):
        label, words = str(part.get("Label", "")), one_line(text_of(part))
        if words:
            parts.append(f"{label}: {words}" if label and label != "UNLABELLED" else words)
    return " ".join(parts)


def language_of(code: str) -> str:
    return LANGUAGES.get(code, code)


def notice_of(kinds: list[str], relations: tuple[Relation, ...]) -> str:
    if any(kind == "is-retracted-by" for kind, _, _ in relations):
        return "retracted"
    return next((notice for kind, notice in NOTICES.items() if kind in kinds), "")


def authors(listed: etree._Element | None) -> Iterator[ImportedAuthor]:
    """The byline in order. Names that PubMed has since found wrong stand beside the right ones, marked, and are passed over."""
    for author in children(listed, "Author"):
        if author.get("ValidYN") == "N":
            continue
        collective = one_line(text_of(author, "CollectiveName"))
        family, suffix = (one_line(text_of(author, part)) for part in ("LastName", "Suffix"))
        given = one_line(text_of(author, "ForeName") or text_of(author, "FirstName") or text_of(author, "Initials"))
        yield ImportedAuthor(
            raw_name=collective or ", ".join(part for part in (family, given, suffix) if part),
            name=collective or name_of_parts(family, given, suffix),
            is_person=not collective,
            identifiers=tuple(("orcid", text_of(item)) for item in children(author, "Identifier") if item.get("Source") == "ORCID"),
            affiliations=tuple(affiliations(author)),
        )


def affiliations(author: etree._Element) -> Iterator[ImportedAffiliation]:
    """As printed; the institution that PubMed names for one, where it does."""
    for info in (*children(author, "AffiliationInfo"), author):
        found = {"GRID": "grid", "ROR": "ror", "ISNI": "isni", "RINGGOLD": "ringgold"}
        pairs = tuple(
            (found[source], text_of(item))
            for item in children(info, "Identifier")
            if info is not author and (source := str(item.get("Source", "")).upper()) in found
        )
        for item in children(info, "Affiliation"):
            if raw := one_line(text_of(item)):
                yield ImportedAffiliation(raw=raw, identifiers=pairs)


def identifiers(element: etree._Element, article: etree._Element | None) -> Iterator[Identifier]:
    """The ids that stand beside the citation; an arXiv id where arXiv is the journal."""
    yield from ids_in(child(child(element, "PubmedData"), "ArticleIdList"))
    for item in children(article, "ELocationID"):
        value = text_of(item)
        if item.get("ValidYN") == "N":
            continue
        if item.get("EIdType") == "doi":
            yield "doi", value
        elif ARXIV_PII.fullmatch(value):
            yield "arxiv", value


def ids_in(listed: etree._Element | None) -> Iterator[Identifier]:
    for item in children(listed, "ArticleId"):
        value = text_of(item)
        if value and (scheme := SCHEMES.get(str(item.get("IdType", "")))):
            yield scheme, value


def source_of(journal: etree._Element | None) -> ImportedSource | None:
    name = one_line(text_of(journal, "Title") or text_of(journal, "ISOAbbreviation"))
    if not name:
        return None
    is_repository = name.lower().startswith(("arxiv", "biorxiv", "medrxiv", "research square", "ssrn", "chemrxiv"))
    pairs: tuple[Identifier, ...] = tuple(("issn", issn) for item in children(journal, "ISSN") if (issn := text_of(item)))
    return ImportedSource(name=name, kind="repository" if is_repository else "journal", identifiers=pairs)


def references(data: etree._Element | None) -> Iterator[Identifier]:
    """One identifier a reference, its PubMed id first. Lists of references may stand in each other."""
    if data is None:
        return
    for reference in data.iter("{*}Reference"):
        pairs = dict(ids_in(child(reference, "ArticleIdList")))
        if found := next(((scheme, pairs[scheme]) for scheme in ("pmid", "doi", "pmcid") if scheme in pairs), None):
            yield found


def relations_of(body: etree._Element, type_: str) -> Iterator[Relation]:
    """What PubMed ties to the citation. An update of a preprint is the article that it became."""
    updates = {"UpdateIn": "is-preprint-of" if type_ == "preprint" else "has-version", "UpdateOf": "is-version-of"}
    for item in children(child(body, "CommentsCorrectionsList"), "CommentsCorrections"):
        ref_type, other = str(item.get("RefType", "")), text_of(item, "PMID")
        if other and (kind := RELATIONS.get(ref_type) or updates.get(ref_type)):
            yield kind, "pmid", other
