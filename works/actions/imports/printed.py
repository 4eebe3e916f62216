"""Institutions read out of printed affiliations where no registry names any: rows become candidates for works.affiliations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from works.actions.imports.entities import institution_entity
from works.actions.imports.staging import select
from works.affiliations import Organisation, institutions_of, keys
from works.importers.record import Identifier, ImportedAuthor, ImportedWork

Entity = tuple[str, str, tuple[Identifier, ...]]


def institutions_in(raws: Collection[str]) -> dict[str, tuple[int, ...]]:
    """The institutions that each of these lines names; lines that name none are left out. Two queries, none where there are no lines."""
    if not raws or not select("SELECT 1 FROM works_institutionname LIMIT 1", []):
        return {}
    keys_of = {raw: keys(raw) for raw in raws}
    known: dict[str, list[Organisation]] = defaultdict(list)
    for key, kind, institution, country, city in select(
        """
        SELECT DISTINCT name.name_key, name.kind, institution.id, institution.country_code, institution.city
        FROM works_institutionname name JOIN works_institution institution ON institution.id = name.institution_id
        WHERE name.name_key = ANY(%s) AND institution.status <> 'withdrawn'
        ORDER BY institution.id, name.kind
        """,
        [sorted(set().union(*keys_of.values()))],
    ):
        known[key].append(Organisation(institution=institution, key=key, kind=kind, country=country, city=city))
    found = {}
    for raw, its in keys_of.items():
        if named := institutions_of(raw, [candidate for key in its for candidate in known.get(key, ())]):
            found[raw] = named
    return found


def with_lines_split(records: Mapping[int, ImportedWork]) -> tuple[dict[int, ImportedWork], dict[str, tuple[int, ...]]]:
    """The records, with a printed line that names several institutions standing once for each; and which institutions each line names."""
    raws = {
        affiliation.raw
        for record in records.values()
        for author in record.authors
        for affiliation in author.affiliations
        if not affiliation.name
    }
    inferred = institutions_in(raws)
    several = {raw for raw, named in inferred.items() if len(named) > 1}
    if not several:
        return dict(records), inferred
    return {
        work: replace(record, authors=tuple(split(author, several, inferred) for author in record.authors))
        for work, record in records.items()
    }, inferred


def split(author: ImportedAuthor, several: set[str], inferred: Mapping[str, tuple[int, ...]]) -> ImportedAuthor:
    if not any(affiliation.raw in several and not affiliation.name for affiliation in author.affiliations):
        return author
    return replace(
        author,
        affiliations=tuple(
            affiliation
            for one in author.affiliations
            for affiliation in [one] * (len(inferred.get(one.raw, ())) if not one.name and one.raw in several else 1)
        ),
    )


def institutions_at(
    author: ImportedAuthor, institutions: Mapping[Entity, int], inferred: Mapping[str, tuple[int, ...]]
) -> tuple[int | None, ...]:
    """The institution of each of the author's affiliations: as the registry names it, else as the line was read, else None."""
    told: Counter[str] = Counter()
    found: list[int | None] = []
    for affiliation in author.affiliations:
        if affiliation.name:
            found.append(institutions[institution_entity(affiliation)[:3]])
            continue
        named = inferred.get(affiliation.raw, ())
        found.append(named[told[affiliation.raw]] if told[affiliation.raw] < len(named) else None)
        told[affiliation.raw] += 1
    return tuple(found)
