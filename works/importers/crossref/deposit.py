"""Deposited XML (unixref), brought into the form of the REST API: what is known of works is then read in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from works.importers.record import InvalidRecord
from works.importers.xml_records import child, children, local_name, text_of

# The element of the work, innermost first: a journal's article before the journal's issue around it.
WORKS = {
    "sa_component": "component",
    "component": "component",
    "journal_article": "journal-article",
    "conference_paper": "proceedings-article",
    "content_item": "book-chapter",
    "posted_content": "posted-content",
    "dissertation": "dissertation",
    "report-paper": "report",
    "standard": "standard",
    "dataset": "dataset",
    "peer_review": "peer-review",
    "grant": "grant",
    "book": "book",
    "conference": "proceedings",
    "journal": "journal-issue",
}
DATES = ("publication_date", "posted_date", "approval_date")
RELATION_KINDS = {
    "isPreprintOf": "is-preprint-of",
    "hasPreprint": "has-preprint",
    "isVersionOf": "is-version-of",
    "hasVersion": "has-version",
    "isManuscriptOf": "is-manuscript-of",
    "hasManuscript": "has-manuscript",
    "isIdenticalTo": "is-identical-to",
    "isSameAs": "is-same-as",
}


def as_rest(record: etree._Element) -> dict[str, Any]:
    """The REST form of one <crossref> element. InvalidRecord where it holds no work."""
    if local_name(record) == "error" or child(record, "error") is not None:
        raise InvalidRecord(f"Crossref answers with an error: {text_of(record)[:200]}")
    found = next(((element, type_) for name, type_ in WORKS.items() for element in record.iter(f"{{*}}{name}")), None)
    if found is None:
        raise InvalidRecord("the deposit holds no work of a kind that is known")
    element, type_ = found
    metadata = first_of(element, f"{local_name(element)}_metadata", "book_series_metadata", "book_set_metadata")
    body = element if metadata is None else metadata
    journal = first_of(record, "journal_metadata")
    return {
        "type": type_,
        "subtype": element.get("type") or "",
        "DOI": text_of(child(body, "doi_data"), "doi") or text_of(child(element, "doi_data"), "doi"),
        "language": element.get("language") or (journal.get("language") if journal is not None else "") or "",
        "title": [inner(title) for titles in children(body, "titles") for title in children(titles, "title")],
        "subtitle": [inner(title) for titles in children(body, "titles") for title in children(titles, "subtitle")],
        "abstract": " ".join(inner(abstract) for abstract in children(body, "abstract")),
        "author": [contributor(item) for item in authors(body)],
        "issued": {"date-parts": [min((date_parts(item) for name in DATES for item in children(body, name)), default=[])]},
        "container-title": containers(record, type_),
        "ISSN": [text_of(issn) for issn in children(journal, "issn")],
        "ISBN": [text_of(isbn) for isbn in children(body, "isbn")],
        "institution": [{"name": text_of(one, "institution_name")} for one in children(body, "institution")],
        "group-title": text_of(body, "group_title"),
        "volume": text_of(first_of(record, "journal_volume"), "volume") or text_of(body, "volume"),
        "issue": text_of(first_of(record, "journal_issue"), "issue"),
        "page": "-".join(filter(None, (text_of(child(body, "pages"), part) for part in ("first_page", "last_page")))),
        "article-number": text_of(child(body, "publisher_item"), "item_number"),
        "publisher": text_of(first_of(record, "publisher"), "publisher_name"),
        "reference": [{"DOI": text_of(doi)} for cited in children(body, "citation_list") for doi in cited.iter("{*}doi")],
        "relation": relations(body),
        "update-to": [{"DOI": text_of(one), "type": one.get("type")} for one in element.iter("{*}update")],
    }


def first_of(element: etree._Element, *names: str) -> etree._Element | None:
    return next((found for name in names for found in element.iter(f"{{*}}{name}")), None)


def inner(element: etree._Element) -> str:
    """What stands inside the element, its markup with it."""
    return (element.text or "") + "".join(etree.tostring(item, encoding="unicode") for item in element)


def authors(body: etree._Element) -> Iterator[etree._Element]:
    for contributors in children(body, "contributors"):
        for item in contributors:
            if local_name(item) in {"person_name", "organization"} and item.get("contributor_role", "author") == "author":
                yield item


def contributor(item: etree._Element) -> dict[str, Any]:
    if local_name(item) == "organization":
        return {"name": text_of(item)}
    orcid = child(item, "ORCID")
    return {
        "given": text_of(item, "given_name"),
        "family": text_of(item, "surname"),
        "suffix": text_of(item, "suffix"),
        "ORCID": text_of(orcid),
        "authenticated-orcid": orcid is not None and orcid.get("authenticated") == "true",
        "affiliation": [{"name": text_of(one)} for one in children(item, "affiliation")]
        + [institution(one) for group in children(item, "affiliations") for one in children(group, "institution")],
    }


def institution(item: etree._Element) -> dict[str, Any]:
    return {
        "name": text_of(item, "institution_name"),
        "department": [text_of(one) for one in children(item, "institution_department")],
        "place": [text_of(one) for one in children(item, "institution_place")],
        "id": [{"id": text_of(one), "id-type": (one.get("type") or "").upper()} for one in children(item, "institution_id")],
    }


def date_parts(item: etree._Element) -> list[int]:
    """[year], [year, month] or [year, month, day]."""
    texts = [text_of(item, part) for part in ("year", "month", "day")]
    known = texts[: texts.index("")] if "" in texts else texts
    return [int(text) for text in known if text.isdecimal()]


def containers(record: etree._Element, type_: str) -> list[str]:
    names = {"journal-article": ("full_title",), "proceedings-article": ("proceedings_title",)}.get(type_, ())
    found = [text_of(item) for name in names for item in record.iter(f"{{*}}{name}")]
    if type_ == "book-chapter":
        found = [text_of(titles, "title") for name in ("book_metadata", "book_series_metadata") for book in record.iter(f"{{*}}{name}")
                 for titles in children(book, "titles")]  # fmt: skip
    return found


def relations(body: etree._Element) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for name in ("intra_work_relation", "inter_work_relation"):
        for item in body.iter(f"{{*}}{name}"):
            if kind := RELATION_KINDS.get(item.get("relationship-type") or ""):
                found.setdefault(kind, []).append({"id-type": item.get("identifier-type") or "", "id": text_of(item)})
    return found
