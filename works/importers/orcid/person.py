"""Whose record it is: iD, name, and where the person says (or an institution says) that they were employed, and when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from works.identifiers import normalise_orcid
from works.importers.people import name_of_parts
from works.importers.record import Identifier, ImportedAffiliation, ImportedAuthor, InvalidRecord
from works.names import fold

ORCID_IN_PATH = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
ORGANISATION_SCHEMES = {"ROR": "ror", "GRID": "grid", "RINGGOLD": "ringgold", "FUNDREF": "fundref"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment:
    """An employer, from one year to another (None: not said, or not ended)."""

    affiliation: ImportedAffiliation
    since: int | None
    until: int | None

    def covers(self, year: int | None) -> bool:
        return year is not None and self.since is not None and self.since <= year and (self.until is None or year <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The owner of a record. `name` is "" where none is public: then nobody can be put into a byline."""

    orcid: str
    name: str
    employments: tuple[Employment, ...] = ()

    def in_byline(self, year: int | None) -> tuple[ImportedAuthor, ...]:
        """The person as the one name of a byline, with the employers of that year."""
        if not self.name:
            return ()
        return (
            ImportedAuthor(
                raw_name=self.name,
                name=self.name,
                identifiers=(("orcid", self.orcid),),
                affiliations=tuple(one.affiliation for one in self.employments if one.covers(year)),
                is_orcid_authenticated=True,
            ),
        )


def read_person(value: dict[str, Any], groups: Iterable[Any]) -> Person:
    """The owner. A list of works alone does not name them, but says who wrote a summary themselves.

    InvalidRecord where no iD stands in the record, or one that is none.
    """
    path = (value.get("orcid-identifier") or {}).get("path") or value.get("path") or (value.get("work") or {}).get("path") or ""
    found = ORCID_IN_PATH.search(str(path))
    if not found:
        raise InvalidRecord("this is no ORCID record: no iD stands in it")
    try:
        orcid = normalise_orcid(found.group())
    except ValueError as error:
        raise InvalidRecord(str(error)) from None
    employments = (value.get("activities-summary") or {}).get("employments") or {}
    name = name_of((value.get("person") or {}).get("name"))
    if "person" not in value:
        sources = [summary.get("source") or {} for group in groups for summary in group]
        own = (text(source.get("source-name")) for source in sources if (source.get("source-orcid") or {}).get("path") == orcid)
        name = next(own, "")
    return Person(orcid=orcid, name=name, employments=tuple(read_employments(employments, orcid)))


def name_of(name: Any) -> str:
    """The name under which the person publishes, else given names and family name; "" where none is public."""
    if not isinstance(name, dict):
        return ""
    return text(name.get("credit-name")) or name_of_parts(text(name.get("family-name")), text(name.get("given-names")))


def text(value: Any) -> str:
    """The text of {"value": text}, of a bare text, or of null."""
    if isinstance(value, dict):
        value = value.get("value")
    return str(value).strip() if value is not None else ""


def read_employments(value: dict[str, Any], orcid: str) -> Iterator[Employment]:
    """v2 lists the summaries; v3 puts them into groups."""
    summaries = list(value.get("employment-summary") or ())
    for group in value.get("affiliation-group") or ():
        summaries += [one["employment-summary"] for one in group.get("summaries") or () if "employment-summary" in one]
    for summary in summaries:
        organisation = summary.get("organization") or {}
        if (summary.get("visibility") or "public").lower() == "public" and text(organisation.get("name")):
            yield Employment(
                affiliation=affiliation(summary, organisation, orcid),
                since=year_of(summary.get("start-date")),
                until=year_of(summary.get("end-date")),
            )


def affiliation(summary: dict[str, Any], organisation: dict[str, Any], orcid: str) -> ImportedAffiliation:
    name, address = text(organisation.get("name")), organisation.get("address") or {}
    parts = [text(summary.get("department-name")), name, text(address.get("city")), text(address.get("country"))]
    return ImportedAffiliation(
        raw=", ".join(part for part in parts if part),
        name=name,
        country=text(address.get("country")),
        identifiers=tuple(organisation_ids(organisation.get("disambiguated-organization") or {})),
        asserted_by="institution" if is_by_institution(summary.get("source") or {}, name, orcid) else "",
    )


def organisation_ids(value: dict[str, Any]) -> Iterator[Identifier]:
    scheme = ORGANISATION_SCHEMES.get(text(value.get("disambiguation-source")).upper())
    if scheme and (found := text(value.get("disambiguated-organization-identifier"))):
        yield scheme, found if scheme == "ror" else found.rpartition("/")[2]


def is_by_institution(source: dict[str, Any], organisation: str, orcid: str) -> bool:
    """Whether the institution itself wrote the employment: a member's client of its name did, and not on the person's behalf."""
    if not source.get("source-client-id"):
        return False
    origin = (source.get("assertion-origin-orcid") or {}).get("path")
    writer, employer = fold(text(source.get("source-name"))), fold(organisation)
    return origin != orcid and bool(writer and employer) and (writer in employer or employer in writer)


def year_of(date: Any) -> int | None:
    year = text((date or {}).get("year"))
    return int(year) if year.isascii() and year.isdecimal() else None
