"""The surroundings of one work, by eight bounded queries: its byline, what it cites and what cites it, and what its people also wrote."""

from __future__ import annotations

from collections import Counter, defaultdict

import networkx as nx

from graph.loading.network import BYLINES, CITATIONS, TOPICS, add_bylines, add_citations, add_person, add_ties, add_topics, add_works
from graph.loading.rows import address, ask
from graph.slices import LIMITS, Limits
from works.mathematics import to_plain
from works.models import Work

CENTRE = """
    SELECT w.public_id, w.title, w.year, w.authors_count FROM works_work w WHERE w.id = %(id)s AND w.merged_into_id IS NULL
"""
BYLINE = """
    SELECT p.id, p.public_id, p.name, s.position
    FROM (SELECT author_id, position FROM works_authorship WHERE work_id = %(id)s AND author_id IS NOT NULL
          ORDER BY position LIMIT %(people)s) s
    JOIN works_author p ON p.id = s.author_id ORDER BY s.position
"""
# What may stand around the work: what it cites, what cites it, and the newest works of the first of its people. Each part is cut where
# it is read, so that a work cited by everybody costs what another does.
CANDIDATES = """
    SELECT c.work_id, c.is_cited, c.shared, w.year
    FROM (
        SELECT work_id, bool_or(is_cited) AS is_cited, count(author_id) AS shared
        FROM (
            (SELECT cited_id AS work_id, true AS is_cited, NULL::bigint AS author_id FROM works_reference
             WHERE work_id = %(id)s AND cited_id IS NOT NULL LIMIT 500)
            UNION ALL
            (SELECT work_id, true, NULL FROM works_reference WHERE cited_id = %(id)s LIMIT 500)
            UNION ALL
            (SELECT s.work_id, false, a.id FROM unnest(%(first)s::bigint[]) a(id)
             CROSS JOIN LATERAL (SELECT work_id FROM works_authorship WHERE author_id = a.id
                                 ORDER BY year DESC NULLS LAST, work_id DESC LIMIT 10) s)
        ) found
        WHERE work_id <> %(id)s GROUP BY work_id
    ) c
    JOIN works_work w ON w.id = c.work_id
"""
WORKS = "SELECT id, public_id, title, year, authors_count FROM works_work WHERE id = ANY(%(works)s)"
FIRST_PEOPLE = 20
MOST_CITATIONS = 26  # of the works shown, where there are also others by the same people


def load_work_network(work_id: int, *, limits: Limits = LIMITS) -> tuple[nx.Graph[str], str]:
    """The graph around a work, as graph.slices.describe takes it, and the id of its centre. Raises Work.DoesNotExist."""
    row = ask(CENTRE, id=work_id)
    if not row:
        raise Work.DoesNotExist(f"No work {work_id}")
    public_id, title, year, authors_count = row[0]
    graph: nx.Graph[str] = nx.Graph()
    centre = f"work:{public_id}"
    graph.add_node(centre, kind="work", label=to_plain(title), url=address("works:work", public_id), year=year)
    people = {}
    for author_id, opaque, name, position in ask(BYLINE, id=work_id, people=limits.people):
        people[author_id] = add_person(graph, opaque, name, rank=(position,), seat=position)
    candidates = ask(CANDIDATES, id=work_id, first=list(people)[:FIRST_PEOPLE])
    chosen = choose(candidates, most=limits.works)
    found = {row[0]: row for row in ask(WORKS, works=chosen)} if chosen else {}
    works, short = add_works(graph, [found[work] for work in chosen])
    everything = {work_id: centre} | works
    ids = list(everything)
    # Of the centre every line shown is read, of the others only those of its people, and of endless bylines none.
    rows = ask(BYLINES, id=0, short=[work_id, *short], works=[], others=list(people))
    add_bylines(graph, rows, everything, people)
    add_topics(graph, own_first(ask(TOPICS, works=ids), work_id), everything)
    known = add_citations(graph, ask(CITATIONS, works=ids), everything)
    add_ties(graph, people)
    graph.graph["coverage"] = {"references": {"works": known, "of": len(ids)}}
    graph.graph["known"] = {"person": max(authors_count, len(people)), "work": len(candidates)}
    rank_topics(graph, centre)
    return graph, centre


def choose(candidates: list[tuple[int, bool, int, int | None]], *, most: int) -> list[int]:
    """The works that are shown, in order: citations first and the newest of them first; then those with most people in common.

    >>> choose([(1, False, 2, 2020), (2, True, 0, 2019), (3, False, 3, 2001), (4, True, 1, 2024)], most=3)
    [4, 2, 3]
    """
    by_kind: defaultdict[bool, list[tuple[int, int, int]]] = defaultdict(list)
    for work, is_cited, shared, year in candidates:
        by_kind[is_cited].append((0 if is_cited else -shared, -(year or 0), -work))
    cited, others = (sorted(by_kind[which]) for which in (True, False))
    room = max(MOST_CITATIONS, most - len(others))
    return [-work for *_, work in (cited[:room] + others)[:most]]


def own_first(rows: list[tuple[int, str, str]], work_id: int) -> list[tuple[int, str, str]]:
    return sorted(rows, key=lambda row: row[0] != work_id)


def rank_topics(graph: nx.Graph[str], centre: str) -> None:
    """The work's own topics first, then those most frequent around it."""
    counts = Counter({node: data["evidence"] for node, data in graph.nodes(data=True) if data["kind"] == "topic"})
    for node, count in counts.items():
        graph.nodes[node]["rank"] = (not graph.has_edge(centre, node), -count, graph.nodes[node]["label"])
