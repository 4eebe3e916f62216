"""Rows become a graph here and nowhere else: the ego network of one author, by seven bounded queries."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

import networkx as nx
from django.db import connection
from django.urls import reverse

from graph.models import PAIR_MAX_AUTHORS, STRENGTH_UNIT
from graph.slices import LIMITS, Limits
from works.models import Author
from works.names import slugify

Row = tuple[Any, ...]

CENTRE = """
    SELECT a.public_id, a.name, a.works_count, n.collaborators_count
    FROM works_author a LEFT JOIN graph_neighbourhood n ON n.author_id = a.id WHERE a.id = %(id)s
"""
# Each half is read from the end of an index; the parameter is repeated, since joining through a one-row CTE would read every pair.
PEOPLE = """
    SELECT p.id, p.public_id, p.name, c.works_count, c.strength_units, c.first_year, c.last_year
    FROM (
        (SELECT author_b_id AS other, works_count, strength_units, first_year, last_year FROM graph_collaboration
         WHERE author_a_id = %(id)s ORDER BY strength_units DESC, works_count DESC, author_b_id LIMIT %(people)s)
        UNION ALL
        (SELECT author_a_id, works_count, strength_units, first_year, last_year FROM graph_collaboration
         WHERE author_b_id = %(id)s ORDER BY strength_units DESC, works_count DESC, author_a_id LIMIT %(people)s)
    ) c
    JOIN works_author p ON p.id = c.other
    ORDER BY c.strength_units DESC, c.works_count DESC, p.id LIMIT %(people)s
"""
WORKS = """
    SELECT w.id, w.public_id, w.title, w.year, w.authors_count
    FROM (SELECT work_id, year FROM works_authorship WHERE author_id = %(id)s ORDER BY year DESC NULLS LAST, work_id DESC LIMIT %(works)s) s
    JOIN works_work w ON w.id = s.work_id
    ORDER BY s.year DESC NULLS LAST, w.id DESC
"""
# Who of the people shown wrote which of the works shown, and where they said that they work. Of works with endless bylines only the
# centre's own line is read.
BYLINES = """
    SELECT s.work_id, s.author_id, i.public_id, i.name
    FROM (
        SELECT id, work_id, author_id FROM works_authorship WHERE work_id = ANY(%(short)s) AND author_id = ANY(%(others)s)
        UNION ALL
        SELECT id, work_id, author_id FROM works_authorship WHERE author_id = %(id)s AND work_id = ANY(%(works)s)
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


def ask(query: str, **parameters: int | list[int]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[Row] = cursor.fetchall()
    return rows


def load_ego_network(author_id: int, *, limits: Limits = LIMITS) -> tuple[nx.Graph[str], str]:
    """The graph around an author, as graph.slices.describe takes it, and the id of its centre.

    Seven queries, each bounded by `limits`: the strongest collaborators, the newest works, and what ties these together. Raises
    Author.DoesNotExist for an author that is no more.
    """
    row = ask(CENTRE, id=author_id)
    if not row:
        raise Author.DoesNotExist(f"No author {author_id}")
    public_id, name, works_count, collaborators_count = row[0]
    graph: nx.Graph[str] = nx.Graph()
    centre = add_person(graph, public_id, name)
    people = add_people(graph, centre, ask(PEOPLE, id=author_id, people=limits.people))
    works, short = add_works(graph, ask(WORKS, id=author_id, works=limits.works))
    if works:
        shown = list(works)
        everybody = {author_id: centre} | people
        add_bylines(graph, ask(BYLINES, id=author_id, short=short, works=shown, others=list(people)), works, everybody)
        add_topics(graph, ask(TOPICS, works=shown), works)
        known = add_citations(graph, ask(CITATIONS, works=shown), works)
        graph.graph["coverage"] = {"references": {"works": known, "of": len(shown)}}
    if len(people) > 1:
        for a, b, *figures in ask(TIES, others=sorted(people)):
            add_tie(graph, people[a], people[b], *figures)
    graph.graph["known"] = {"person": collaborators_count or 0, "work": works_count}
    return graph, centre


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


def add_tie(graph: nx.Graph[str], one: str, other: str, works: int, units: int, first_year: int | None, last_year: int | None) -> None:
    weight = round(units / STRENGTH_UNIT, 4)
    graph.add_edge(one, other, kind="co-wrote", source=one, weight=weight, evidence=works, years=[first_year, last_year])


def add_works(graph: nx.Graph[str], rows: list[Row]) -> tuple[dict[int, str], list[int]]:
    """The works' nodes by row id, and the ids of those whose byline is short enough to be read."""
    works, short = {}, []
    for place, (work_id, public_id, title, year, authors_count) in enumerate(rows):
        works[work_id] = f"work:{public_id}"
        graph.add_node(works[work_id], kind="work", label=title, url=address("works:work", public_id), rank=(place,), year=year)
        if authors_count <= PAIR_MAX_AUTHORS:
            short.append(work_id)
    return works, short


def add_bylines(graph: nx.Graph[str], rows: list[Row], works: dict[int, str], people: dict[int, str]) -> None:
    for work_id, author_id, public_id, name in rows:
        person, work = people[author_id], works[work_id]
        graph.add_edge(person, work, kind="wrote", source=person, weight=1.0, evidence=1)
        if public_id is not None:
            institution = f"institution:{public_id}"
            if institution not in graph:
                graph.add_node(institution, kind="institution", label=name, url=search_url("institution", name, public_id), people=set())
            graph.nodes[institution]["people"].add(person)
            strengthen(graph, person, institution, kind="affiliated")
    for _, data in graph.nodes(data=True):
        if data["kind"] == "institution":
            data["evidence"] = len(data.pop("people"))
            data["rank"] = (-data["evidence"], data["label"])


def add_topics(graph: nx.Graph[str], rows: list[Row], works: dict[int, str]) -> None:
    for work_id, public_id, label in rows:
        topic = f"topic:{public_id}"
        if topic not in graph:
            graph.add_node(topic, kind="topic", label=label, url=search_url("topic", label, public_id), evidence=0)
        data = graph.nodes[topic]
        data["evidence"] += 1
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


@cache
def pattern(name: str) -> tuple[str, str]:
    """What stands before and after the argument in the addresses of this route: asking the address book for each node takes longer
    than to draw it."""
    before, _, after = reverse(name, args=["argument"]).partition("argument")
    return before, after


def address(name: str, argument: str) -> str:
    before, after = pattern(name)
    return f"{before}{quote(argument)}{after}"


@cache
def search_page() -> str:
    return reverse("search")


def search_url(field: str, label: str, public_id: str) -> str:
    return f"{search_page()}?{field}={quote(slugify(label))}-{public_id}"
