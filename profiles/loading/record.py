"""What registries say of authors: works, registries, topics, close collaborators, affiliations, works that a publisher tied to an iD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from profiles.loading.rows import rows
from profiles.trust.registries import ARXIV_DOI_PREFIX, CONVERTED, REGISTRY_OF_SCHEME, REGISTRY_OF_SOURCE, TYPED, registry_of_identifier
from profiles.trust.score import SPEAKERS, Record

# How many works of each author carry an identifier that a registry gave, and are not merely somebody's typing.
WORKS = """
    SELECT s.author_id, count(*)
    FROM works_authorship s
    WHERE s.author_id = ANY(%(authors)s)
      AND EXISTS (SELECT FROM works_workidentifier i WHERE i.work_id = s.work_id AND i.scheme = ANY(%(schemes)s))
      AND EXISTS (SELECT FROM works_registryrecord r WHERE r.work_id = s.work_id AND r.registry <> ALL(%(typed)s))
    GROUP BY s.author_id
"""
# Which sources tell of each author's works, and until when. Of converted records, which identifiers they themselves carry: what another
# source adds to the same work is that source's word, not theirs. Each record is opened once, however many authors its work has.
SOURCES = """
    WITH bylines AS MATERIALIZED (
        SELECT author_id, work_id FROM works_authorship WHERE author_id = ANY(%(authors)s)
    ),
    told AS MATERIALIZED (
        SELECT r.work_id, r.registry, r.retrieved_at, i.scheme, i.is_arxiv_doi
        FROM works_registryrecord r
        LEFT JOIN LATERAL (
            SELECT DISTINCT pair ->> 0 AS scheme, pair ->> 0 = 'doi' AND starts_with(pair ->> 1, %(arxiv_doi)s) AS is_arxiv_doi
            FROM jsonb_array_elements(CASE WHEN r.registry = %(converted)s THEN r.payload -> 'identifiers' END) AS pair
        ) i ON TRUE
        WHERE r.work_id IN (SELECT work_id FROM bylines)
    )
    SELECT b.author_id, t.registry, t.scheme, t.is_arxiv_doi, max(t.retrieved_at)
    FROM bylines b JOIN told t ON t.work_id = b.work_id
    GROUP BY 1, 2, 3, 4
"""
TOPICS = """
    SELECT s.author_id, count(DISTINCT t.id), array_agg(DISTINCT t.scheme)
    FROM works_authorship s
    JOIN works_worktopic wt ON wt.work_id = s.work_id
    JOIN works_topic t ON t.id = wt.topic_id
    WHERE s.author_id = ANY(%(authors)s)
    GROUP BY s.author_id
"""
AFFILIATIONS = """
    SELECT DISTINCT s.author_id, f.asserted_by, n.name
    FROM works_authorship s
    JOIN works_affiliation f ON f.authorship_id = s.id
    JOIN works_institution n ON n.id = f.institution_id
    WHERE s.author_id = ANY(%(authors)s) AND f.asserted_by = ANY(%(speakers)s)
"""
# The works at whose byline position a publisher prints the iD that whoever holds the record proved to be theirs. An aggregator may have
# guessed one.
ORCID_WORKS = """
    SELECT s.author_id, s.orcid, count(DISTINCT s.work_id)
    FROM profiles_profile p
    JOIN profiles_evidence e ON e.user_id = p.user_id AND e.author_id = p.author_id AND e.kind = 'orcid-on-work' AND e.status = 'proved'
    JOIN works_authorship s ON s.author_id = p.author_id AND s.orcid = e.value AND s.orcid_asserted_by = 'publisher'
    WHERE p.author_id = ANY(%(authors)s) AND s.orcid <> ''
    GROUP BY 1, 2
"""
COLLABORATORS = "SELECT author_id, close_count FROM graph_neighbourhood WHERE author_id = ANY(%(authors)s)"


@dataclass(slots=True)
class Facts:
    """What has been read of one author so far."""

    works: int = 0
    registries: set[str] = field(default_factory=set)
    topics: int = 0
    topics_from: frozenset[str] = frozenset()
    close_collaborators: int | None = None
    affiliations: set[tuple[str, str]] = field(default_factory=set)
    orcid_works: int = 0
    as_of: date | None = None


def load_records(author_ids: Sequence[int]) -> dict[int, Record]:
    """What the record says of these authors. Six queries, for one author or for a thousand."""
    facts = {author_id: Facts() for author_id in author_ids}
    given: dict[str, Any] = {
        "authors": list(facts),
        "schemes": sorted(REGISTRY_OF_SCHEME),
        "converted": CONVERTED,
        "typed": list(TYPED),
        "arxiv_doi": ARXIV_DOI_PREFIX,
        "speakers": sorted(SPEAKERS),
    }
    for author_id, works in rows(WORKS, given):
        facts[author_id].works = works
    for author_id, source, scheme, is_arxiv_doi, retrieved_at in rows(SOURCES, given):
        known = facts[author_id]
        if source != CONVERTED:
            # A source that is no registry stays in under its own name: it earns nothing, and the page says that it does not count.
            known.registries.add(REGISTRY_OF_SOURCE.get(source, source))
        elif registry := registry_of_identifier(scheme or "", ARXIV_DOI_PREFIX if is_arxiv_doi else ""):
            known.registries.add(registry)
        known.as_of = max(known.as_of or date.min, retrieved_at.date())
    for author_id, topics, schemes in rows(TOPICS, given):
        facts[author_id].topics, facts[author_id].topics_from = topics, frozenset(schemes)
    for author_id, asserter, institution in rows(AFFILIATIONS, given):
        facts[author_id].affiliations.add((asserter, institution))
    for author_id, _, works in rows(ORCID_WORKS, given):
        facts[author_id].orcid_works = max(facts[author_id].orcid_works, works)
    for author_id, close in rows(COLLABORATORS, given):
        facts[author_id].close_collaborators = close
    return {author_id: as_record(known) for author_id, known in facts.items()}


def as_record(facts: Facts) -> Record:
    return Record(
        works=facts.works,
        registries=frozenset(facts.registries),
        topics=facts.topics,
        topics_from=facts.topics_from,
        close_collaborators=facts.close_collaborators,
        affiliations=frozenset(facts.affiliations),
        orcid_works=(("publisher", facts.orcid_works),) if facts.orcid_works else (),
        as_of=facts.as_of,
    )
