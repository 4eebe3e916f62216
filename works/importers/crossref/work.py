"""One Crossref record, in the form of its REST API, as a work or as a notice about one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from works.identifiers import normalise_doi, split_arxiv
from works.importers.crossref.contributor import read_contributor
from works.importers.markup import plain_text
from works.importers.record import Identifier, ImportedSource, ImportedWork, InvalidRecord, Relation
from works.importers.text import without_heading

TYPES = {
    "journal-article": "article",
    "proceedings-article": "conference-paper",
    "posted-content": "preprint",
    "book-chapter": "book-chapter",
    "book-section": "book-chapter",
    "book-part": "book-chapter",
    "book-track": "book-chapter",
    "reference-entry": "book-chapter",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "dissertation": "dissertation",
    "dataset": "dataset",
    "database": "dataset",
    "report": "report",
    "report-component": "report",
}
POSTED = {"preprint": "preprint", "working_paper": "preprint", "dissertation": "dissertation", "report": "report", "letter": "letter"}
NOT_WORKS = {
    "component": "a component of another work is",
    "peer-review": "a peer review is",
    "grant": "a grant is",
    "journal": "a journal is",
    "journal-issue": "a journal issue is",
    "journal-volume": "a journal volume is",
    "proceedings": "a volume of proceedings is",
    "proceedings-series": "a series of proceedings is",
    "report-series": "a report series is",
    "book-series": "a book series is",
    "book-set": "a set of books is",
    "standard-series": "a series of standards is",
}
RELATIONS = {
    "is-preprint-of": "is-preprint-of",
    "has-preprint": "has-preprint",
    "is-version-of": "is-version-of",
    "has-version": "has-version",
    "is-manuscript-of": "is-version-of",
    "has-manuscript": "has-version",
    "is-identical-to": "is-same-as",
    "is-same-as": "is-same-as",
}
# What a notice does to the work it is about; Crossref's own words and those that Retraction Watch adds.
UPDATES = {
    "correction": "corrects",
    "corrigendum": "corrects",
    "erratum": "corrects",
    "addendum": "corrects",
    "clarification": "corrects",
    "partial_retraction": "corrects",
    "retraction": "retracts",
    "withdrawal": "withdraws",
    "removal": "withdraws",
    "expression_of_concern": "questions",
    "new_version": "is-version-of",
    "new_edition": "is-version-of",
}
UPDATED = {
    "corrects": "is-corrected-by",
    "retracts": "is-retracted-by",
    "withdraws": "is-withdrawn-by",
    "questions": "is-questioned-by",
    "is-version-of": "has-version",
}
RELATED_SCHEMES = {"doi": "doi", "arxiv": "arxiv", "pmid": "pmid", "pmcid": "pmcid"}
RETRACTED_TITLE = re.compile(r"\W*(?:RETRACTED|Retracted)(?: (?:ARTICLE|Article|CHAPTER|Chapter|PAPER|Paper))?\s*[:\]]")
WITHDRAWN_TITLE = re.compile(r"\W*(?:WITHDRAWN|Withdrawn)(?: (?:ARTICLE|Article))?\s*[:\]]")
MOST_REFERENCES = 1_000


def message_of(item: Any) -> Any:
    """The record inside an answer's envelope."""
    return item["message"] if isinstance(item, dict) and isinstance(item.get("message"), dict) else item


def key_of(item: Any) -> str:
    item = message_of(item)
    return str(item.get("DOI") or "") if isinstance(item, dict) else ""


def read_work(item: Any) -> ImportedWork:
    """The work (or notice) of one JSON object. InvalidRecord for types that are no works of a researcher."""
    item = message_of(item)
    key = doi_of(item)
    type_ = str(item.get("type") or "other")
    if type_ in NOT_WORKS:
        raise InvalidRecord(f"{NOT_WORKS[type_]} not a work of a researcher")
    source = read_source(item, type_)
    title = title_of(item)
    year, published_on = date_of(item)
    relations = tuple(read_relations(item))
    return ImportedWork(
        registry="crossref",
        key=key,
        asserted_by="publisher",
        type="conference-paper" if source and source.kind == "conference" and type_ == "book-chapter" else work_type(type_, item),
        title=title,
        abstract=without_heading(plain_text(item.get("abstract") or "")),
        year=year,
        published_on=published_on,
        language=item.get("language") or "",
        notice=notice_of(title, key, relations),
        updated=(item.get("deposited") or {}).get("date-time") or "",
        identifiers=(("doi", key), *isbns(item, type_)),
        authors=tuple(read_contributor(author) for author in item.get("author") or ()),
        source=source,
        references=tuple(("doi", one["DOI"]) for one in (item.get("reference") or ())[:MOST_REFERENCES] if one.get("DOI")),
        relations=tuple(relation for relation in relations if relation[1:] != ("doi", key)),
        volume=str(item.get("volume") or ""),
        issue=str(item.get("issue") or ""),
        pages=str(item.get("page") or item.get("article-number") or ""),
        publisher=plain_text(first(item.get("publisher"))),
    )


def doi_of(item: Any) -> str:
    if not isinstance(item, dict):
        raise InvalidRecord(f"this is a JSON {type(item).__name__}, not a Crossref record")
    if "error" in item:
        raise InvalidRecord(f"Crossref has no record of {str(item.get('DOI') or '')[:100]!r}: {item['error']}")
    if not item.get("DOI"):
        raise InvalidRecord("this is no Crossref record: it has no DOI")
    try:
        return normalise_doi(str(item["DOI"]))
    except ValueError as error:
        raise InvalidRecord(str(error)) from None


def title_of(item: dict[str, Any]) -> str:
    """The first title, and the subtitle where it is not part of it already."""
    title, subtitle = plain_text(first(item.get("title"))), plain_text(first(item.get("subtitle")))
    if not title or not subtitle or subtitle.lower() in title.lower():
        return title
    return f"{title} {subtitle}" if title[-1] in ":?!" else f"{title}: {subtitle}"


def first(value: Any) -> str:
    """The first text of a list, or the text itself; "" where there is none."""
    if isinstance(value, list):
        return next((text for text in value if isinstance(text, str) and text.strip()), "")
    return value if isinstance(value, str) else ""


def work_type(type_: str, item: dict[str, Any]) -> str:
    if type_ == "posted-content" and item.get("subtype"):
        return POSTED.get(item["subtype"], "other")
    return TYPES.get(type_, "other")


def date_of(item: dict[str, Any]) -> tuple[int | None, str]:
    """(year, whole date if it is one) of publication; (None, "") where none is given: `created` is the day of registration only."""
    for name in ("issued", "published", "published-online", "published-print", "posted"):
        parts = ((item.get(name) or {}).get("date-parts") or [[]])[0] or []
        if parts and isinstance(parts[0], int):
            whole = "-".join(f"{part:02}" for part in parts) if len(parts) == 3 else ""
            return parts[0], whole
    return None, ""


def notice_of(title: str, key: str, relations: tuple[Relation, ...]) -> str:
    """Whether the publisher says of this very work that it is retracted or withdrawn: by a notice, by an update of itself, by its title."""
    own = {kind for kind, *other in relations if other == ["doi", key] or kind.endswith("-by")}
    if own & {"retracts", "is-retracted-by"} or RETRACTED_TITLE.match(title):
        return "retracted"
    return "withdrawn" if own & {"withdraws", "is-withdrawn-by"} or WITHDRAWN_TITLE.match(title) else ""


def read_relations(item: dict[str, Any]) -> Iterator[Relation]:
    for kind, others in (item.get("relation") or {}).items():
        for other in others if isinstance(others, list) else [others]:
            scheme = RELATED_SCHEMES.get(str(other.get("id-type")).lower())
            if kind in RELATIONS and scheme:
                yield (RELATIONS[kind], *arxiv_or(scheme, str(other.get("id") or "")))
    for update in item.get("update-to") or ():
        if kind := UPDATES.get(update.get("type") or ""):
            yield (kind, *arxiv_or("doi", update.get("DOI") or ""))
    for update in item.get("updated-by") or ():
        if kind := UPDATES.get(update.get("type") or ""):
            yield (UPDATED[kind], *arxiv_or("doi", update.get("DOI") or ""))


def arxiv_or(scheme: str, value: str) -> Identifier:
    """arXiv papers by their arXiv id, under which the record knows them, also where their DataCite DOI is given."""
    try:
        if "arxiv" in value.lower():
            return "arxiv", split_arxiv(value)[0]
        return scheme, normalise_doi(value) if scheme == "doi" else value
    except ValueError:
        return scheme, value


def isbns(item: dict[str, Any], type_: str) -> Iterator[Identifier]:
    """A book's own; a chapter carries those of the book it stands in, which do not name the chapter."""
    if TYPES.get(type_) == "book":
        for isbn in item.get("ISBN") or ():
            yield "isbn", re.sub(r"\D(?!$)", "", isbn.rpartition("/")[2]).upper()


def read_source(item: dict[str, Any], type_: str) -> ImportedSource | None:
    """Where it appeared. Chapters of proceedings that Springer and others deposit as book chapters name their conference apart."""
    issns = tuple(("issn", issn) for issn in item.get("ISSN") or ())
    container = plain_text(first(item.get("container-title")))
    if type_ == "proceedings-article":
        return ImportedSource(name=container or plain_text((item.get("event") or {}).get("name") or ""), kind="conference")
    if type_ == "posted-content":
        institution = first([one.get("name") for one in listed(item.get("institution"))])
        return ImportedSource(name=plain_text(institution or item.get("group-title") or ""), kind="repository")
    if type_ == "journal-article":
        return ImportedSource(name=container, kind="journal", identifiers=issns)
    if conference := conference_of(item):
        return ImportedSource(name=conference, kind="conference")
    if type_ == "book-chapter" and issns:
        return ImportedSource(name=container, kind="book-series", identifiers=issns)
    return ImportedSource(name=container, kind="other") if container else None


def listed(value: Any) -> list[dict[str, Any]]:
    """Crossref gives some fields as an object, later as a list of objects."""
    return [value] if isinstance(value, dict) else list(value or ())


def conference_of(item: dict[str, Any]) -> str:
    """The name of the conference in the assertions that Crossmark carries."""
    told = {one.get("name"): one.get("value") for one in item.get("assertion") or () if isinstance(one, dict)}
    return plain_text(told.get("conference_name") or told.get("conference_acronym") or "")
