"""One group of an ORCID record: what several sources say of one work, as one record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from works.importers.markup import plain_text
from works.importers.orcid.person import ORCID_IN_PATH, Person, text, year_of
from works.importers.record import Identifier, ImportedAuthor, ImportedSource, ImportedWork, InvalidRecord, Relation

# v3 writes types as here; v2 in capitals and with underscores.
TYPES = {
    "journal-article": "article",
    "conference-paper": "conference-paper",
    "book": "book",
    "edited-book": "book",
    "book-chapter": "book-chapter",
    "dictionary-entry": "book-chapter",
    "encyclopedia-entry": "book-chapter",
    "dissertation": "dissertation",
    "dissertation-thesis": "dissertation",
    "preprint": "preprint",
    "working-paper": "preprint",
    "report": "report",
    "data-set": "dataset",
    "software": "software",
    "review": "review",
    "book-review": "review",
}
NOT_WORKS = {"journal-issue": "a journal issue is", "annotation": "an annotation is", "physical-object": "a physical object is"}
SOURCE_KINDS = {"journal-article": "journal", "review": "journal", "conference-paper": "conference", "preprint": "repository"}
SCHEMES = {"doi": "doi", "arxiv": "arxiv", "pmid": "pmid", "pmc": "pmcid", "handle": "handle", "eid": "eid", "isbn": "isbn"}


def key_of(group: Any, person: Person) -> str:
    """The iD and the smallest put-code of the group, its oldest: it stays when another source joins in."""
    return f"{person.orcid}/{min(int(summary['put-code']) for summary in group)}"


def read_group(group: Sequence[dict[str, Any]], person: Person) -> ImportedWork:
    """The work. Of several summaries the owner's own tells, else the one with the highest display-index; all give their identifiers."""
    public = [summary for summary in group if (summary.get("visibility") or "public").lower() == "public"]
    if not public:
        raise InvalidRecord("the work is not public")
    chosen = max(
        public, key=lambda summary: (is_own(summary, person.orcid), int(summary.get("display-index") or 0), -int(summary["put-code"]))
    )
    type_ = str(chosen.get("type") or "other").lower().replace("_", "-")
    if type_ in NOT_WORKS:
        raise InvalidRecord(f"{NOT_WORKS[type_]} not a work of a researcher")
    date = chosen.get("publication-date") or {}
    year = year_of(date)
    day = "-".join(text(date.get(part)).zfill(2) for part in ("year", "month", "day"))
    journal = plain_text(text(chosen.get("journal-title")))
    return ImportedWork(
        registry="orcid",
        key=key_of(group, person),
        asserted_by="typed" if all(is_own(summary, person.orcid) for summary in public) else "aggregator",
        type=TYPES.get(type_, "other"),
        title=title_of(chosen.get("title") or {}),
        abstract=plain_text(text(chosen.get("short-description"))),
        language=text(chosen.get("language-code"))[:2],
        year=year,
        published_on=day if len(day) == 10 else "",
        updated=changed_at(chosen.get("last-modified-date")),
        identifiers=tuple(dict.fromkeys(pair for summary in (chosen, *public) for pair in identifiers(summary, type_))),
        authors=byline(chosen, person, year),
        is_byline_cut=True,
        source=ImportedSource(name=journal, kind=SOURCE_KINDS.get(type_, "other")) if journal else None,
        relations=tuple(dict.fromkeys(relation for summary in (chosen, *public) for relation in versions(summary))),
    )


def changed_at(value: Any) -> str:
    """An ISO date and time, out of the milliseconds that JSON gives or the text that XML gives.

    >>> changed_at({"value": 1543452874018}), changed_at({"value": "2017-01-18T15:03:56.856-06:00"}), changed_at(None)
    ('2018-11-29T00:54:34', '2017-01-18T15:03:56.856-06:00', '')
    """
    given = text(value)
    if not given.isdecimal():
        return given
    return dt.datetime.fromtimestamp(int(given) // 1000, tz=dt.UTC).replace(tzinfo=None).isoformat()


def is_own(summary: dict[str, Any], orcid: str) -> bool:
    """Whether the owner of the record wrote it, rather than a registry for them."""
    source = summary.get("source") or {}
    return not source.get("source-client-id") and ((source.get("source-orcid") or {}).get("path") or orcid) == orcid


def title_of(value: dict[str, Any]) -> str:
    title, subtitle = plain_text(text(value.get("title"))), plain_text(text(value.get("subtitle")))
    return f"{title}: {subtitle}" if title and subtitle and subtitle.lower() not in title.lower() else title


def external_ids(summary: dict[str, Any], relationship: str) -> Iterator[tuple[str, str]]:
    for one in (summary.get("external-ids") or {}).get("external-id") or ():
        if str(one.get("external-id-relationship") or "self").lower().replace("_", "-") == relationship:
            scheme, value = SCHEMES.get(str(one.get("external-id-type")).lower(), ""), text(one.get("external-id-value"))
            if scheme and value:
                yield scheme, value


def identifiers(summary: dict[str, Any], type_: str) -> Iterator[Identifier]:
    """What names the work itself; an ISBN names a chapter's book."""
    yield from ((scheme, value) for scheme, value in external_ids(summary, "self") if scheme != "isbn" or TYPES.get(type_) == "book")


def versions(summary: dict[str, Any]) -> Iterator[Relation]:
    yield from (("is-version-of", scheme, value) for scheme, value in external_ids(summary, "version-of") if scheme != "isbn")


def byline(work: dict[str, Any], person: Person, year: int | None) -> tuple[ImportedAuthor, ...]:
    """The contributors of a whole work; of a summary, which has none, the record's person alone."""
    contributors = tuple(contributor(item) for item in (work.get("contributors") or {}).get("contributor") or () if is_author(item))
    if contributors:
        return contributors
    return person.in_byline(year)


def is_author(item: dict[str, Any]) -> bool:
    role = str((item.get("contributor-attributes") or {}).get("contributor-role") or "author").lower()
    return bool(text(item.get("credit-name"))) and (role == "author" or "credit.niso.org" in role)


def contributor(item: dict[str, Any]) -> ImportedAuthor:
    name = plain_text(text(item.get("credit-name")))
    orcid = item.get("contributor-orcid") or {}
    found = ORCID_IN_PATH.search(str(orcid.get("path") or orcid.get("uri") or ""))
    return ImportedAuthor(raw_name=name, name=name, identifiers=(("orcid", found.group()),) if found else ())
