"""What every importer yields: a work as one registry tells of it, checked and normalised, or the reason why not.

These dataclasses are also the BZPEER record format: `to_json` and `from_json` are its one writer and reader,
`docs/bzpeer-record.schema.json` describes it, and the record is stored in that form (works.models.RegistryRecord.payload).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

import orjson

Identifier = tuple[str, str]
Relation = tuple[str, str, str]  # kind, and the identifier (scheme, value) of the other work


class InvalidRecord(ValueError):
    """A record that cannot be taken in. The message is for the person who imports: what is wrong, and what would mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAffiliation:
    """An affiliation as printed (`raw`), and the institution that the registry itself names for it, if any.

    asserted_by: "institution" where the institution itself vouches for it (an ORCID member writes its own people's employments); "" where
    nobody but the registry does.
    mailboxes: digests of the e-mail addresses that stood in the printed line (works.mailboxes), which are taken out of it.
    """

    raw: str
    name: str = ""
    country: str = ""
    kind: str = ""
    identifiers: tuple[Identifier, ...] = ()
    asserted_by: str = ""
    mailboxes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAuthor:
    """One byline position: the name as given (`raw_name`), the same in clean Unicode (`name`), and what the registry ties to it.

    is_orcid_authenticated: the registry says that the person logged in at ORCID to give the iD, rather than that somebody typed it.
    """

    raw_name: str
    name: str
    is_person: bool = True
    identifiers: tuple[Identifier, ...] = ()
    affiliations: tuple[ImportedAffiliation, ...] = ()
    is_orcid_authenticated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTopic:
    scheme: str
    code: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSource:
    """The venue. `kind` is one of works.models.Source.Kind."""

    name: str
    kind: str
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedWork:
    """One work as one registry tells of it.

    registry, key: who tells, and under which id of its own (without version); unique together.
    asserted_by: what kind of registry it is: "repository", "publisher", "aggregator", "converted", or "typed" where a person
    wrote it (a BibTeX file): then nobody answers for it, and it earns nothing.
    type: one of works.models.Work.Type. year: None where the registry gives none; never guessed.
    version, updated: what tells a newer copy from an older one ("v2", an ISO date); may be empty.
    identifiers: normalised pairs, the registry's own among them. references: identifiers of the works that this one cites.
    notice: "", "retracted" or "withdrawn".
    volume, issue, pages, publisher: where in the source it stands, as printed; pages "12-34", or an article's number ("e1002").
    relations: what this work is to others, each (kind, scheme, value): ("is-preprint-of", "doi", "10.1000/x"). The kinds are
    RELATIONS in works.importers.checks. A record that corrects or retracts another is a notice about that work, and no work itself.
    """

    registry: str
    key: str
    title: str
    type: str
    asserted_by: str
    year: int | None = None
    published_on: str = ""
    abstract: str = ""
    language: str = ""
    notice: str = ""
    version: str = ""
    updated: str = ""
    identifiers: tuple[Identifier, ...] = ()
    authors: tuple[ImportedAuthor, ...] = ()
    is_byline_cut: bool = False
    source: ImportedSource | None = None
    topics: tuple[ImportedTopic, ...] = ()
    references: tuple[Identifier, ...] = ()
    relations: tuple[Relation, ...] = ()
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedInstitution:
    """An organisation as one registry knows it.

    names: each (kind, text), the kinds being "name" (the one shown), "label", "alias" and "acronym". relations: (kind, scheme, value) of
    other organisations: "parent", "child", "related", "predecessor", "successor". status: "active", "inactive", "withdrawn" or "".
    """

    registry: str
    key: str
    name: str
    country: str = ""
    city: str = ""
    kind: str = ""
    status: str = ""
    updated: str = ""
    identifiers: tuple[Identifier, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPerson:
    """An author as a registry lists them apart from any work; the registry's own identifier first."""

    name: str
    identifiers: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMergedId:
    """That a registry merged one id into another. kind: "author", "work", "institution" or "source"."""

    kind: str
    scheme: str
    old: str
    new: str


ImportedItem = ImportedWork | ImportedInstitution | ImportedSource | ImportedTopic | ImportedPerson | ImportedMergedId


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A record that was not taken in (or, with `is_reservation`, was taken in but for a part): where, which, why."""

    place: str
    reason: str
    key: str = ""
    excerpt: str = ""
    is_reservation: bool = field(default=False)


Imported = ImportedWork | Rejection
ALWAYS_TOLD = frozenset({"raw_name", "name"})


def to_json(record: Any) -> Any:
    """Plain JSON values of a record; what has its default is left out, so that a record is as long as what it says."""
    kind: Any = type(record)
    if kind is str or record is None:
        return record
    if kind is tuple:
        return [to_json(value) for value in record]
    if is_dataclass(record):
        return {
            name: to_json(value)
            for name, default in told_fields(kind)
            if (value := getattr(record, name)) != default or name in ALWAYS_TOLD
        }
    return record


@cache
def told_fields(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    """The fields of a kind of record with their defaults."""
    return tuple((item.name, item.default) for item in fields(kind))


def from_json(payload: dict[str, Any]) -> ImportedWork:
    """The inverse of `to_json`, for payloads that it wrote. What others write goes through works.importers.bzpeer, which checks it."""

    def pairs(values: Iterable[list[str]]) -> tuple[Identifier, ...]:
        return tuple((scheme, value) for scheme, value in values)

    def author(item: dict[str, Any]) -> ImportedAuthor:
        affiliations = tuple(
            ImportedAffiliation(
                **{
                    **affiliation,
                    "identifiers": pairs(affiliation.get("identifiers", ())),
                    "mailboxes": tuple(affiliation.get("mailboxes", ())),
                }
            )
            for affiliation in item.get("affiliations", ())
        )
        return ImportedAuthor(**{**item, "identifiers": pairs(item.get("identifiers", ())), "affiliations": affiliations})

    source = payload.get("source")
    return ImportedWork(
        **{
            **payload,
            "identifiers": pairs(payload.get("identifiers", ())),
            "authors": tuple(author(item) for item in payload.get("authors", ())),
            "source": source and ImportedSource(**{**source, "identifiers": pairs(source.get("identifiers", ()))}),
            "topics": tuple(ImportedTopic(**item) for item in payload.get("topics", ())),
            "references": pairs(payload.get("references", ())),
            "relations": tuple((kind, scheme, value) for kind, scheme, value in payload.get("relations", ())),
        }
    )


def content_hash(payload: dict[str, Any]) -> bytes:
    """128 bits that change when anything in the record changes."""
    return hashlib.blake2b(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
