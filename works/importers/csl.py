"""CSL-JSON: single items, arrays and JSON Lines, as reference managers and DOI agencies give them out.

The form is described at citeproc-js.readthedocs.io, "CSL-JSON". Whoever keeps such a file typed or collected it: nobody answers for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from works.identifiers import DOI, split_arxiv
from works.importers.bzpeer import default_key
from works.importers.checks import clean_identifiers
from works.importers.json_source import parse_json
from works.importers.markup import plain_text
from works.importers.people import name_of_parts, without_capitals
from works.importers.record import Identifier, ImportedAffiliation, ImportedAuthor, ImportedSource, ImportedWork, InvalidRecord, Rejection
from works.importers.text import without_heading, without_markup

LONGEST_LINE = 4 * 1024 * 1024

# CSL's own types; then those of Crossref, which its content negotiation leaves as they are.
TYPES = {
    "article": "preprint",
    "article-journal": "article",
    "paper-conference": "conference-paper",
    "chapter": "book-chapter",
    "entry": "book-chapter",
    "entry-dictionary": "book-chapter",
    "entry-encyclopedia": "book-chapter",
    "book": "book",
    "thesis": "dissertation",
    "report": "report",
    "review": "review",
    "review-book": "review",
    "dataset": "dataset",
    "software": "software",
    "journal-article": "article",
    "proceedings-article": "conference-paper",
    "posted-content": "preprint",
    "book-chapter": "book-chapter",
    "monograph": "book",
    "edited-book": "book",
    "dissertation": "dissertation",
}
NOT_WORKS = {"periodical": "a periodical is", "component": "a component of another work is", "journal-issue": "a journal issue is"}
SOURCE_KINDS = {"article": "journal", "review": "journal", "conference-paper": "conference", "preprint": "repository"}
NOTED = re.compile(r"^\s*(DOI|PMID|PMCID|arXiv)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
NOTED_SCHEMES = {"doi": "doi", "pmid": "pmid", "pmcid": "pmcid", "arxiv": "arxiv"}
YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d\d)(?!\d)")


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """Every item in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    An item, an array of items, JSON Lines, or {"items": [...]}, compressed or not. Raises nothing for any bytes; OSError passes.
    """
    yield from parse_json(stream, name=name, read=read_item, key_of=key_of, longest_line=LONGEST_LINE, within=("items",))


def key_of(item: Any) -> str:
    return str(item.get("DOI") or item.get("id") or item.get("title") or "")[:400] if isinstance(item, dict) else ""


def read_item(item: Any) -> ImportedWork:
    """The work of one item. InvalidRecord for what is no item, or of a type that is no work of a researcher."""
    if not isinstance(item, dict):
        raise InvalidRecord(f"this is a JSON {type(item).__name__}, not a CSL item")
    if not item.keys() & {"type", "title", "id"}:
        raise InvalidRecord("this is no CSL item: it has neither type, title nor id")
    given = str(item.get("type") or "")
    if given in NOT_WORKS:
        raise InvalidRecord(f"{NOT_WORKS[given]} not a work of a researcher")
    type_ = TYPES.get(given, "other")
    title = plain_text(first(item.get("title")))
    authors = tuple(read_name(name) for name in item.get("author") or ())
    year, published_on = date_of(item.get("issued"))
    pairs = tuple(identifiers(item, type_))
    return ImportedWork(
        registry="csl",
        key=default_key(clean_identifiers(pairs, 1, []), title, authors, year)[:400],
        asserted_by="typed",
        type=type_,
        title=title,
        abstract=without_heading(plain_text(first(item.get("abstract")))),
        year=year,
        published_on=published_on,
        language=first(item.get("language")).replace("_", "-"),
        identifiers=pairs,
        authors=authors,
        source=read_source(item, type_),
        volume=first(item.get("volume")),
        issue=first(item.get("issue")),
        pages=first(item.get("page")),
        # What publishes a preprint is the repository that it stands in, which is its source.
        publisher="" if type_ == "preprint" and not first(item.get("container-title")) else plain_text(first(item.get("publisher"))),
    )


def first(value: Any) -> str:
    """The text, or the first of a list of texts; "" for null. Content negotiation gives one or the other."""
    if isinstance(value, list):
        value = next((text for text in value if text), "")
    return str(value) if value is not None and not isinstance(value, dict) else ""


def read_name(item: Any) -> ImportedAuthor:
    """A name in parts, its particles before the family name; or an organisation as `literal` or `name`."""
    if isinstance(item, str):
        return ImportedAuthor(raw_name=item, name=item)
    literal = without_markup(str(item.get("literal") or item.get("name") or "")).strip()
    affiliations = tuple(
        ImportedAffiliation(raw=plain_text(first(one.get("name") if isinstance(one, dict) else one)))
        for one in item.get("affiliation") or ()
    )
    if literal and not item.get("family"):
        return ImportedAuthor(raw_name=literal, name=literal, is_person=False, affiliations=affiliations)
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    given, dropping, particle, family, suffix = (without_markup(str(item.get(part) or "")).strip() for part in parts)
    raw = " ".join(part for part in (given, dropping, particle, family, suffix) if part)
    given, family = without_capitals(given, family)
    return ImportedAuthor(
        raw_name=raw,
        name=name_of_parts(" ".join(part for part in (dropping, particle, family) if part), given, suffix),
        identifiers=(("orcid", str(item["ORCID"])),) if item.get("ORCID") else (),
        affiliations=affiliations,
    )


def date_of(issued: Any) -> tuple[int | None, str]:
    """(year, whole date) out of date-parts, whose numbers may be texts, or out of a date as text; (None, "") where there is no year."""
    if not isinstance(issued, dict):
        found = YEAR.search(str(issued or ""))
        return (int(found.group()), "") if found else (None, "")
    parts = [str(part) for part in ((issued.get("date-parts") or [[]])[0] or []) if part is not None]
    if parts and parts[0].isdecimal():
        whole = "-".join(part.zfill(2) for part in parts) if len(parts) == 3 else ""
        return int(parts[0]), whole
    text = first(issued.get("raw") or issued.get("literal") or issued.get("date-time"))
    found = YEAR.search(text)
    return (int(found.group()), text[:10]) if found else (None, "")


def identifiers(item: dict[str, Any], type_: str) -> Iterator[Identifier]:
    """What the item is called: its own fields, what the address says, and lines such as "PMID: 123" in its note.

    A short DOI (10/abc) is a link to the DOI and not the DOI: the address behind it is asked.
    """
    doi, url = first(item.get("DOI")), first(item.get("URL"))
    if doi and (DOI.search(doi) or not DOI.search(url)):
        yield "doi", doi
    elif "doi.org/" in url and DOI.search(url):
        yield "doi", url
    yield from (("arxiv", found) for found in arxiv_ids(url, first(item.get("number"))))
    for field, scheme in (("PMID", "pmid"), ("PMCID", "pmcid")):
        if value := first(item.get(field)):
            yield scheme, value
    if type_ == "book" and (isbn := first(item.get("ISBN"))):
        yield "isbn", re.sub(r"[^\dXx]", "", isbn.split()[0])
    for field, value in NOTED.findall(first(item.get("note"))):
        yield NOTED_SCHEMES[field.lower()], value


def arxiv_ids(url: str, number: str) -> Iterator[str]:
    for text in (url if "arxiv.org/" in url.lower() else "", number if number.lower().startswith("arxiv:") else ""):
        try:
            yield split_arxiv(text)[0]
        except ValueError:
            continue


def read_source(item: dict[str, Any], type_: str) -> ImportedSource | None:
    name = first(item.get("container-title"))
    if type_ == "conference-paper":
        name = name or first(item.get("event-title")) or first(item.get("event"))
    if type_ == "preprint":
        name = name or first(item.get("publisher"))
    issn = item.get("ISSN") or []
    issns = issn if isinstance(issn, list) else re.split(r"[\s,;]+", str(issn))
    kind = SOURCE_KINDS.get(type_, "other")
    pairs = tuple(("issn", str(one)) for one in issns if one) if kind == "journal" else ()
    return ImportedSource(name=plain_text(name), kind=kind, identifiers=pairs) if name else None
