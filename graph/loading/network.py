"""Putting the graph of a slice together, node by node and edge by edge, in the form that graph.slices.describe takes."""

from __future__ import annotations

import networkx as nx

from graph.loading.rows import Row, address, ask, subject_url
from graph.models import PAIR_MAX_AUTHORS, STRENGTH_UNIT
from works.mathematics import to_plain
from works.names import slugify

# Who of the people shown wrote which of the works shown, and where they said that they work. Of works with endless bylines only the
# centre's own line is read.
# OFFSET 0 keeps Postgres at the bylines of the works, which are short: its plan for any values would read all works of the centre and of
# the others. The position is looked at so that the index of an author's newest works does not answer alone, which finds no single work.
BYLINES = """
    SELECT s.work_id, s.author_id, i.public_id, i.name
    FROM (
        SELECT id, work_id, author_id
        FROM (SELECT id, work_id, author_id FROM works_authorship WHERE work_id = ANY(%(short)s) OFFSET 0) whole
        WHERE author_id = ANY(%(others)s)
        UNION ALL
        SELECT line.id, line.work_id, line.author_id FROM unnest(%(works)s::bigint[]) own (work) CROSS JOIN LATERAL (
            SELECT id, work_id, author_id, position FROM works_authorship WHERE author_id = %(id)s AND work_id = own.work OFFSET 0
        ) line WHERE line.position >= 1
    ) s
    LEFT JOIN works_affiliation f ON f.authorship_id = s.id AND f.institution_id IS NOT NULL
    LEFT JOIN works_institution i ON i.id = f.institution_id
    ORDER BY s.work_id, s.author_id, i.public_id
"""
TOPICS = """
    SELECT wt.work_id, t.public_id, t.label FROM works_worktopic wt JOIN works_topic t ON t.id = wt.topic_id
    WHERE wt.work_id = ANY(%(works)s) ORDER BY wt.work_id, wt.place LIMIT 1000
"""
CITATIONS = """
    SELECT work_id, array_agg(DISTINCT cited_id) FILTER (WHERE cited_id = ANY(%(works)s))
    FROM works_reference WHERE work_id = ANY(%(works)s) GROUP BY work_id ORDER BY work_id
"""
# k(k-1)/2 look-ups of single pairs: reading all that the k people have would cost what the busiest of them has.
TIES = """
    SELECT c.author_a_id, c.author_b_id, c.works_count, c.strength_units, c.first_year, c.last_year
    FROM unnest(%(others)s::bigint[]) a(id)
    JOIN unnest(%(others)s::bigint[]) b(id) ON b.id > a.id
    JOIN graph_collaboration c ON c.author_a_id = a.id AND c.author_b_id = b.id
"""


def add_person(graph: nx.Graph[str], public_id: str, name: str, **data: object) -> str:
    node = f"person:{public_id}"
    graph.add_node(node, kind="person", label=name, url=address("profiles:researcher", f"{slugify(name)}-{public_id}"), **data)
    return node


def add_people(graph: nx.Graph[str], centre: str, rows: list[Row]) -> dict[int, str]:
    people = {}
    for place, (author_id, public_id, name, *figures) in enumerate(rows):
        people[author_id] = add_person(graph, public_id, name, rank=(place,), year=figures[2])
        add_tie(graph, centre, people[author_id], *figures)
    return people


def add_ties(graph: nx.Graph[str], people: dict[int, str]) -> None:
    """The ties among these people. One query, of k(k-1)/2 look-ups."""
    if len(people) > 1:
        for a, b, *figures in ask(TIES, others=sorted(people)):
            add_tie(graph, people[a], people[b], *figures)


def add_tie(graph: nx.Graph[str], one: str, other: str, works: int, units: int, first_year: int | None, last_year: int | None) -> None:
    weight = round(units / STRENGTH_UNIT, 4)
    graph.add_edge(one, other, kind="co-wrote", source=one, weight=weight, evidence=works, years=[first_year, last_year])


def add_works(graph: nx.Graph[str], rows: list[Row]) -> tuple[dict[int, str], list[int]]:
    """The works' nodes by row id, and the ids of those whose byline is short enough to be read."""
    works, short = {}, []
    for place, (work_id, public_id, title, year, authors_count) in enumerate(rows):
        works[work_id] = f"work:{public_id}"
        graph.add_node(works[work_id], kind="work", label=to_plain(title), url=address("works:work", public_id), rank=(place,), year=year)
        if authors_count <= PAIR_MAX_AUTHORS:
            short.append(work_id)
    return works, short


def add_bylines(graph: nx.Graph[str], rows: list[Row], works: dict[int, str], people: dict[int, str], *, centre: str = "") -> None:
    """Who wrote what, and the institutions given with it. An institution that is the centre has its edges already."""
    for work_id, author_id, public_id, name in rows:
        person, work = people[author_id], works[work_id]
        graph.add_edge(person, work, kind="wrote", source=person, weight=1.0, evidence=1)
        institution = f"institution:{public_id}"
        if public_id is not None and institution != centre:
            if institution not in graph:
                graph.add_node(institution, kind="institution", label=name, url=subject_url("institution", name, public_id), people=set())
            graph.nodes[institution]["people"].add(person)
            strengthen(graph, person, institution, kind="affiliated")
    for _, data in graph.nodes(data=True):
        if data["kind"] == "institution" and "people" in data:
            data["evidence"] = len(data.pop("people"))
            data["rank"] = (-data["evidence"], data["label"])


def add_topics(graph: nx.Graph[str], rows: list[Row], works: dict[int, str]) -> None:
    for work_id, public_id, label in rows:
        topic = f"topic:{public_id}"
        if topic not in graph:
            graph.add_node(topic, kind="topic", label=label, url=subject_url("topic", label, public_id))
        data = graph.nodes[topic]
        data["evidence"] = data.get("evidence", 0) + 1
        data["rank"] = (-data["evidence"], label)
        graph.add_edge(works[work_id], topic, kind="about", source=works[work_id], weight=1.0, evidence=1)


def add_citations(graph: nx.Graph[str], rows: list[Row], works: dict[int, str]) -> int:
    """Draw who cites whom among the works, and say of how many of them any reference is known."""
    for work_id, cited in rows:
        for cited_id in cited or ():
            graph.add_edge(works[work_id], works[cited_id], kind="cites", source=works[work_id], weight=1.0, evidence=1)
    return len(rows)


def strengthen(graph: nx.Graph[str], one: str, other: str, *, kind: str) -> None:
    """One statement more for an edge: its evidence and weight count them."""
    if graph.has_edge(one, other):
        graph.edges[one, other]["evidence"] += 1
        graph.edges[one, other]["weight"] += 1.0
    else:
        graph.add_edge(one, other, kind=kind, source=one, weight=1.0, evidence=1)
