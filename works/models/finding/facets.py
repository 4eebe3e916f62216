"""By what found works or people can be narrowed, and how many each choice leaves: counted among what was found, never among all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from works.models.finding.found import select
from works.names import slugify

CHOICES = 12  # of each group, the most frequent


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A choice: its name in the address (a value or a slug), in words ("" where the page knows them), and how many of those found."""

    value: str
    label: str
    count: int


# At most works.models.finding.FOUND_AT_MOST ids are given. OFFSET 0 lets each be looked up by its key, whatever the statistics say.
FOUND = "unnest(%(ids)s::bigint[]) AS found (id)"
OF_WORKS = f"""
    WITH w AS MATERIALIZED (
        SELECT w.* FROM {FOUND} CROSS JOIN LATERAL (SELECT year, type, source_id FROM works_work WHERE id = found.id OFFSET 0) AS w
    )
    (SELECT 'year', year::text, '', '', count(*) FROM w WHERE year IS NOT NULL GROUP BY year ORDER BY year DESC)
    UNION ALL
    (SELECT 'type', type, '', '', count(*) AS n FROM w GROUP BY type ORDER BY n DESC, type)
    UNION ALL
    (SELECT 'topic', '', t.label, t.public_id, n FROM (
        SELECT topic_id, count(*) AS n
        FROM {FOUND} CROSS JOIN LATERAL (SELECT topic_id FROM works_worktopic WHERE work_id = found.id OFFSET 0) AS link
        GROUP BY topic_id ORDER BY n DESC, topic_id LIMIT {CHOICES}
    ) AS most JOIN works_topic t ON t.id = most.topic_id ORDER BY n DESC, t.label)
    UNION ALL
    (SELECT 'source', '', s.name, s.public_id, n FROM (
        SELECT source_id, count(*) AS n FROM w WHERE source_id IS NOT NULL GROUP BY source_id ORDER BY n DESC, source_id LIMIT {CHOICES}
    ) AS most JOIN works_source s ON s.id = most.source_id ORDER BY n DESC, s.name)
    UNION ALL
    (SELECT 'registry', registry, '', '', count(DISTINCT found.id) AS n
        FROM {FOUND} CROSS JOIN LATERAL (SELECT registry FROM works_registryrecord WHERE work_id = found.id OFFSET 0) AS record
        GROUP BY registry ORDER BY n DESC, registry)
"""
OF_PEOPLE = f"""
    WITH a AS MATERIALIZED (
        SELECT a.* FROM {FOUND} CROSS JOIN LATERAL (SELECT is_claimed, summary FROM works_author WHERE id = found.id OFFSET 0) AS a
    )
    (SELECT 'claimed', CASE WHEN is_claimed THEN 'yes' ELSE 'no' END, '', '', count(*) FROM a GROUP BY is_claimed ORDER BY is_claimed DESC)
    UNION ALL
    (SELECT 'topic', item ->> 'slug', min(item ->> 'label') AS label, '', count(*) AS n
        FROM a, jsonb_array_elements(a.summary -> 'topics') AS item GROUP BY item ->> 'slug' ORDER BY n DESC, label LIMIT {CHOICES})
    UNION ALL
    (SELECT 'institution', item ->> 'slug', min(item ->> 'name') AS label, '', count(*) AS n
        FROM a, jsonb_array_elements(a.summary -> 'affiliations') AS item WHERE item ->> 'slug' IS NOT NULL
        GROUP BY item ->> 'slug' ORDER BY n DESC, label LIMIT {CHOICES})
"""


def facets_of_works(ids: Sequence[int]) -> dict[str, list[FacetValue]]:
    """Years (latest first), types, topics, sources and registries of these works. One statement, over these works alone."""
    return facets(OF_WORKS, ids)


def facets_of_people(ids: Sequence[int]) -> dict[str, list[FacetValue]]:
    """Who has claimed their page, topics and institutions of these people. One statement, over these people alone."""
    return facets(OF_PEOPLE, ids)


def facets(statement: str, ids: Sequence[int]) -> dict[str, list[FacetValue]]:
    found: dict[str, list[FacetValue]] = {}
    for group, value, label, public_id, count in select(statement, {"ids": list(ids)}) if ids else ():
        found.setdefault(group, []).append(FacetValue(value or f"{slugify(label)}-{public_id}", label, count))
    return found
