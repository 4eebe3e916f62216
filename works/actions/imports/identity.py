"""Where the same work is looked for: among the works that an identifier, a relation, a title or a byline leads to.

As many queries for a batch of records as for one. works.matching says what of that is the same work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import orjson

from works.actions.imports.staging import select
from works.importers.record import Identifier, ImportedWork
from works.matching import ONE_PER_WORK, SAME_WORK_RELATIONS, TELLING_SCHEMES, YEARS_TO_PRINT, WorkFacts, byline_hash, is_generic, same_work
from works.names import fold, title_hash

# Of the works of one title, or of one byline, the oldest are looked at: what one record reads stays bounded.
MOST_NAMESAKES = 50


def facts_of(record: ImportedWork) -> WorkFacts:
    return WorkFacts(
        title=record.title,
        byline=tuple(fold(author.name) for author in record.authors),
        year=record.year,
        type=record.type,
        identifiers=frozenset(identifier for identifier in record.identifiers if identifier[0] in TELLING_SCHEMES),
    )


def kin_of(record: ImportedWork) -> list[Identifier]:
    """The identifiers under which the record says that its work stands elsewhere, as a preprint or in another version."""
    return [(scheme, value) for kind, scheme, value in record.relations if kind in SAME_WORK_RELATIONS]


class Namesakes:
    """Works by the hash of their title and by that of their byline, with what tells them apart."""

    def __init__(self) -> None:
        self.by_hash: defaultdict[int, dict[int, WorkFacts]] = defaultdict(dict)

    def add(self, facts: WorkFacts, work: int) -> None:
        for number in hashes_of(facts):
            its = self.by_hash[number]
            if len(its) < MOST_NAMESAKES or work in its:
                its[work] = facts

    def of(self, facts: WorkFacts) -> Iterator[int]:
        """The works that these facts tell of too, the one with the title first."""
        for number in hashes_of(facts):
            yield from (work for work, theirs in self.by_hash.get(number, {}).items() if same_work(facts, theirs))


def hashes_of(facts: WorkFacts) -> list[int]:
    """Under which numbers to look for the same work; none where the title or the byline says nothing."""
    people = byline_hash(facts.byline)
    return [] if people is None or is_generic(facts.title) else [title_hash(fold(facts.title)), people]


def known_kin(identifiers: Collection[Identifier]) -> dict[Identifier, int]:
    """The works of which a record says that they stand under one of these identifiers too. One query."""
    return {
        (scheme, value): work
        for scheme, value, work, relations in select(
            """
            SELECT scheme, value, record.work_id, record.payload->'relations'
            FROM unnest(%s::text[], %s::text[]) AS wanted (scheme, value)
            JOIN works_registryrecord record
                ON record.payload ? 'relations'
                AND record.payload->'relations' @> jsonb_build_array(jsonb_build_array(wanted.scheme, wanted.value))
            ORDER BY record.work_id DESC
            """,
            [list(column) for column in zip(*sorted(identifiers), strict=True)] or [[], []],
        )
        if any(kind in SAME_WORK_RELATIONS and (scheme, value) == (its, name) for kind, its, name in as_list(relations))
    }


def as_list(given: Any) -> list[Any]:
    """A column of JSON, which raw queries give as text."""
    return list(orjson.loads(given)) if isinstance(given, str | bytes) else given


def distinguishing_identifiers(works: Collection[int]) -> defaultdict[int, set[Identifier]]:
    """The identifiers of these works of which a work has one only. One query."""
    found: defaultdict[int, set[Identifier]] = defaultdict(set)
    for work, scheme, value in select(
        "SELECT work_id, scheme, value FROM works_workidentifier WHERE work_id = ANY(%s) AND scheme = ANY(%s)",
        [sorted(works), sorted(ONE_PER_WORK)],
    ):
        found[work].add((scheme, value))
    return found


def known_owners(identifiers: Collection[Identifier]) -> dict[Identifier, int]:
    """The works that these identifiers name already. One query."""
    identifiers = sorted(identifiers)
    return {
        (scheme, value): work
        for scheme, value, work in select(
            "SELECT scheme, value, work_id FROM works_workidentifier"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value)",
            [[scheme for scheme, _ in identifiers], [value for _, value in identifiers]],
        )
    }


def known_namesakes(wanted: Iterable[WorkFacts]) -> Namesakes:
    """Works that have one of these titles, or one of these bylines within the years of one work; the oldest of each. One query."""
    rows = {(*hashes, facts.year) for facts in wanted if (hashes := hashes_of(facts))}
    namesakes = Namesakes()
    for work, title, year, kind, names, schemes, values in select(
        """
        SELECT work.id, work.title, work.year, work.type, byline.names, ids.schemes, ids.values
        FROM (
            SELECT DISTINCT alike.id
            FROM unnest(%(titles)s::bigint[], %(bylines)s::bigint[], %(years)s::int[]) AS wanted (title_hash, byline_hash, year)
            CROSS JOIN LATERAL (
                (SELECT id FROM works_work
                WHERE title_hash = wanted.title_hash AND merged_into_id IS NULL ORDER BY id LIMIT %(most)s)
                UNION ALL
                (SELECT id FROM works_work
                WHERE byline_hash = wanted.byline_hash AND merged_into_id IS NULL
                    AND coalesce(abs(year - wanted.year), 0) <= %(years_apart)s ORDER BY id LIMIT %(most)s)
            ) AS alike
        ) AS found
        JOIN works_work AS work ON work.id = found.id
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(name ORDER BY position), '{}') AS names FROM works_authorship WHERE work_id = work.id
        ) AS byline
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(scheme), '{}') AS schemes, coalesce(array_agg(value), '{}') AS values
            FROM works_workidentifier WHERE work_id = work.id AND scheme = ANY(%(schemes)s)
        ) AS ids
        ORDER BY work.id
        """,
        {
            "titles": [row[0] for row in rows], "bylines": [row[1] for row in rows], "years": [row[2] for row in rows],
            "most": MOST_NAMESAKES, "years_apart": YEARS_TO_PRINT, "schemes": sorted(TELLING_SCHEMES),
        },
    ):  # fmt: skip
        facts = WorkFacts(
            title=title,
            byline=tuple(fold(name) for name in names),
            year=year,
            type=kind,
            identifiers=frozenset(zip(schemes, values, strict=True)),
        )
        namesakes.add(facts, work)
    return namesakes
