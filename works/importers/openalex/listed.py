"""What OpenAlex lists besides works: authors, institutions, sources, topics; and which of its ids were merged into others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from works.identifiers import normalise_openalex
from works.importers.checks import checked_institution, clean_identifiers, clean_source, clean_topics, cut_name
from works.importers.openalex.work import SOURCE_KINDS
from works.importers.record import (
    Identifier,
    ImportedInstitution,
    ImportedMergedId,
    ImportedPerson,
    ImportedSource,
    ImportedTopic,
    InvalidRecord,
    Relation,
)
from works.importers.text import one_line, without_markup

RELATIONS = {"parent": "parent", "child": "child", "related": "related"}
MERGEABLE = {"A": "author", "W": "work", "I": "institution", "S": "source"}


def short_id(item: dict[str, Any]) -> str:
    return normalise_openalex(str(item.get("id") or ""))


def read_institution(item: dict[str, Any]) -> tuple[ImportedInstitution, list[str]]:
    ids, place = item.get("ids") or {}, item.get("geo") or {}
    key = short_id(item)
    pairs: list[Identifier] = [("openalex", key)]
    pairs += [(scheme, str(value).rpartition("/")[2]) for scheme in ("ror", "grid", "wikidata") if (value := ids.get(scheme))]
    if item.get("ror") and not ids.get("ror"):
        pairs.append(("ror", item["ror"]))
    name = item.get("display_name") or ""
    names = [("name", name)]
    names += [("alias", str(text)) for text in item.get("display_name_alternatives") or ()]
    names += [("acronym", str(text)) for text in item.get("display_name_acronyms") or ()]
    return checked_institution(
        ImportedInstitution(
            registry="openalex",
            key=key,
            name=name,
            country=item.get("country_code") or place.get("country_code") or "",
            city=place.get("city") or "",
            kind=item.get("type") or "",
            updated=item.get("updated_date") or "",
            identifiers=tuple(pairs),
            names=tuple(names),
            relations=tuple(associated(item)),
        )
    )


def associated(item: dict[str, Any]) -> Iterator[Relation]:
    for other in item.get("associated_institutions") or ():
        kind = RELATIONS.get(other.get("relationship") or "")
        if kind and other.get("id"):
            yield kind, "openalex", other["id"]


def read_source(item: dict[str, Any]) -> tuple[ImportedSource, list[str]]:
    reservations: list[str] = []
    issns = [item.get("issn_l"), *(item.get("issn") or ())]
    pairs: list[Identifier] = [("openalex", short_id(item)), *(("issn", str(issn)) for issn in issns if issn)]
    source = clean_source(
        ImportedSource(
            name=without_markup(item.get("display_name") or ""),
            kind=SOURCE_KINDS.get(item.get("type") or "", "other"),
            identifiers=tuple(pairs),
        ),
        reservations,
    )
    if source is None:
        raise InvalidRecord("the source has no name")
    return source, reservations


def read_topic(item: dict[str, Any]) -> tuple[ImportedTopic, list[str]]:
    found = clean_topics([ImportedTopic(scheme="openalex", code=short_id(item), label=item.get("display_name") or "")])
    return found[0], []


def read_person(item: dict[str, Any]) -> tuple[ImportedPerson, list[str]]:
    reservations: list[str] = []
    pairs: list[Identifier] = [("openalex", short_id(item))]
    if item.get("orcid"):
        pairs.append(("orcid", item["orcid"]))
    name = cut_name(one_line(item.get("display_name") or ""))
    if not name:
        raise InvalidRecord("the author has no name")
    return ImportedPerson(name=name, identifiers=clean_identifiers(pairs, 2, reservations)), reservations


def read_merged_id(line: bytes) -> ImportedMergedId:
    """One line of merged_ids: merge_date,id,merge_into_id."""
    parts = [part.strip().strip('"') for part in line.decode(errors="replace").split(",")]
    if len(parts) != 3:
        raise InvalidRecord(f"a line of merged ids has a date and two ids; this one has {len(parts)} parts")
    try:
        old, new = normalise_openalex(parts[1]), normalise_openalex(parts[2])
    except ValueError as error:
        raise InvalidRecord(str(error)) from None
    if old[0] != new[0] or old[0] not in MERGEABLE:
        raise InvalidRecord(f"{old} was merged into {new}: the record keeps ids of authors, works, institutions and sources only")
    return ImportedMergedId(kind=MERGEABLE[old[0]], scheme="openalex", old=old, new=new)
