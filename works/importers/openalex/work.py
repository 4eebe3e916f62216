"""One OpenAlex work as a record. The schema moves (sources of 2023 and 2026 differ): every field may be missing or null."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from works.identifiers import split_arxiv
from works.importers.openalex.authorship import read_authorship
from works.importers.record import Identifier, ImportedSource, ImportedTopic, ImportedWork, InvalidRecord
from works.importers.text import one_line, without_heading, without_markup

# Since 2023 OpenAlex has types of its own; older records carry Crossref's, which `type_crossref` kept for a while.
TYPES = {
    "article": "article",
    "journal-article": "article",
    "preprint": "preprint",
    "posted-content": "preprint",
    "proceedings-article": "conference-paper",
    "conference-paper": "conference-paper",
    "review": "review",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "book-chapter": "book-chapter",
    "book-part": "book-chapter",
    "book-section": "book-chapter",
    "reference-entry": "book-chapter",
    "dissertation": "dissertation",
    "dataset": "dataset",
    "database": "dataset",
    "software": "software",
    "report": "report",
    "report-component": "report",
    "editorial": "editorial",
    "letter": "letter",
}
# What OpenAlex lists among works but nobody's profile should: parts, containers, money, notices about other works.
NOT_WORKS = {
    "paratext": "paratext is",
    "grant": "a grant is",
    "peer-review": "a peer review is",
    "component": "a component of another work is",
    "supplementary-materials": "supplementary material is",
    "libguides": "a library guide is",
    "erratum": "an erratum is a notice about a work,",
    "retraction": "a retraction is a notice about a work,",
    "journal": "a journal is",
    "journal-issue": "a journal issue is",
    "journal-volume": "a journal volume is",
    "proceedings": "a volume of proceedings is",
    "proceedings-series": "a series of proceedings is",
    "report-series": "a report series is",
    "book-series": "a book series is",
    "book-set": "a set of books is",
}
SOURCE_KINDS = {"journal": "journal", "conference": "conference", "repository": "repository", "book series": "book-series"}
ENTITIES = {
    "A": "an author", "I": "an institution", "S": "a source", "V": "a source", "T": "a topic", "C": "a concept", "P": "a publisher",
    "F": "a funder", "K": "a keyword",
}  # fmt: skip
ENTITY_ID = re.compile(r"(?:https?://(?:api\.)?openalex\.org/(?:works/)?)?([A-Z])(\d+)", re.IGNORECASE)
ARXIV_ADDRESS = re.compile(r"arxiv\.org/(?:abs|pdf)/|10\.48550/arxiv\.", re.IGNORECASE)
MOST_REFERENCES = 1_000
MOST_CONCEPTS = 5
LEAST_CONCEPT_SCORE = 0.4


def key_of(item: Any) -> str:
    return str(item.get("id") or "") if isinstance(item, dict) else ""


def read_work(item: Any) -> ImportedWork:
    """The work of one JSON object. InvalidRecord for other entities of OpenAlex, and for types that are no works of a researcher."""
    key = work_key(item)
    crossref_type = item.get("type_crossref") or ""
    type_ = "paratext" if item.get("is_paratext") is True else item.get("type") or crossref_type or "other"
    if type_ in NOT_WORKS:
        raise InvalidRecord(f"{NOT_WORKS[type_]} not a work of a researcher")
    source = read_source(item)
    title = without_markup(item.get("title") or item.get("display_name") or "")
    return ImportedWork(
        registry="openalex",
        key=key,
        asserted_by="aggregator",
        type=work_type(type_, crossref_type, source),
        title=title,
        abstract=abstract(item, title),
        year=whole_number(item.get("publication_year")),
        published_on=item.get("publication_date") or "",
        language=item.get("language") or "",
        notice="retracted" if item.get("is_retracted") is True else "",
        updated=item.get("updated_date") or "",
        identifiers=tuple(identifiers(item, key)),
        authors=tuple(read_authorship(authorship) for authorship in item.get("authorships") or ()),
        is_byline_cut=item.get("is_authors_truncated") is True,
        source=source,
        topics=tuple(topics(item)),
        references=tuple(("openalex", address) for address in (item.get("referenced_works") or ())[:MOST_REFERENCES]),
        **printed(item),
    )


def work_key(item: Any) -> str:
    if not isinstance(item, dict):
        raise InvalidRecord(f"this is a JSON {type(item).__name__}, not an OpenAlex work")
    if "entries" in item and "meta" in item:
        raise InvalidRecord("this is a manifest of OpenAlex's snapshot, which lists files, not works")
    if "error" in item:
        raise InvalidRecord(f"OpenAlex answers with an error: {item.get('message') or item['error']}")
    found = ENTITY_ID.fullmatch(str(item.get("id") or ""))
    letter = found.group(1).upper() if found else ""
    if found and letter == "W":
        return f"W{found.group(2)}"
    if letter in ENTITIES:
        raise InvalidRecord(f"this is {ENTITIES[letter]} of OpenAlex, not a work; works bring what the record needs of it")
    raise InvalidRecord(f"this is no OpenAlex work: its id is {str(item.get('id'))[:60]!r}, not W and a number")


def work_type(type_: str, crossref_type: str, source: ImportedSource | None) -> str:
    """OpenAlex calls a paper in proceedings an article; Crossref's type and the source tell."""
    if type_ in {"article", "journal-article"} and (crossref_type == "proceedings-article" or (source and source.kind == "conference")):
        return "conference-paper"
    return TYPES.get(type_, "other")


def whole_number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def abstract(item: dict[str, Any], title: str) -> str:
    """The abstract out of its inverted index, {word: [positions]}. Positions have gaps and need not begin at 0; only their order counts."""
    index = item.get("abstract_inverted_index")
    if not index:
        return ""
    placed = sorted((position, word) for word, positions in index.items() for position in positions)
    text = one_line(without_markup(" ".join(word for _, word in placed)))
    return text if title.lower().startswith("abstract") else without_heading(text)


def identifiers(item: dict[str, Any], key: str) -> Iterator[Identifier]:
    ids = item.get("ids") or {}
    yield "openalex", key
    if doi := item.get("doi") or ids.get("doi"):
        yield "doi", doi
    for scheme in ("pmid", "pmcid"):
        if value := ids.get(scheme):
            yield scheme, str(value)
    yield from (("arxiv", found) for found in arxiv_id(item, doi or ""))


def arxiv_id(item: dict[str, Any], doi: str) -> list[str]:
    """The arXiv id that the work's DOI or its locations name; none where they name several, for then one of them is another work's."""
    addresses = [doi, (item.get("ids") or {}).get("arxiv") or ""]
    for location in (*(item.get("locations") or ()), item.get("primary_location") or {}, item.get("best_oa_location") or {}):
        addresses += [location.get("landing_page_url") or "", location.get("pdf_url") or ""]
    found: dict[str, None] = {}
    for address in addresses:
        if ARXIV_ADDRESS.search(address):
            try:
                found[split_arxiv(address)[0]] = None
            except ValueError:
                continue
    return list(found) if len(found) == 1 else []


def read_source(item: dict[str, Any]) -> ImportedSource | None:
    """The primary location's source; in records before 2023, the host venue."""
    source = (item.get("primary_location") or {}).get("source") or item.get("host_venue") or {}
    name = source.get("display_name")
    if not name:
        return None
    issns = [source.get("issn_l"), *(source.get("issn") or ())]
    pairs: list[Identifier] = [("openalex", source["id"])] if source.get("id") else []
    pairs += [("issn", issn) for issn in issns if issn]
    return ImportedSource(name=without_markup(name), kind=SOURCE_KINDS.get(source.get("type") or "", "other"), identifiers=tuple(pairs))


def printed(item: dict[str, Any]) -> dict[str, Any]:
    """Where in its source the work stands. A repository's host organisation is no publisher of what it keeps."""
    biblio = item.get("biblio") or {}
    source = (item.get("primary_location") or {}).get("source") or item.get("host_venue") or {}
    publisher = "" if source.get("type") == "repository" else source.get("host_organization_name") or source.get("publisher")
    return {
        "volume": str(biblio.get("volume") or ""),
        "issue": str(biblio.get("issue") or ""),
        "pages": "-".join(str(biblio[part]) for part in ("first_page", "last_page") if biblio.get(part)),
        "publisher": without_markup(str(publisher or "")),
    }


def topics(item: dict[str, Any]) -> Iterator[ImportedTopic]:
    """OpenAlex's topics. Records from before topics existed (early 2024) give their strongest concepts instead, in a scheme apart."""
    if "topics" in item:
        primary = item.get("primary_topic")
        for topic in ([primary] if primary else []) + (item["topics"] or []):
            yield ImportedTopic(scheme="openalex", code=topic["id"].rpartition("/")[2], label=topic["display_name"])
        return
    concepts = [concept for concept in item.get("concepts") or () if (concept.get("score") or 0) >= LEAST_CONCEPT_SCORE]
    for concept in sorted(concepts, key=lambda concept: -float(concept["score"]))[:MOST_CONCEPTS]:
        yield ImportedTopic(scheme="openalex-concept", code=concept["id"].rpartition("/")[2], label=concept["display_name"])
