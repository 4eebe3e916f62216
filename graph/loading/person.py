"""The ego network of one author, by seven bounded queries."""

from __future__ import annotations

import networkx as nx

from graph.loading.network import (
    BYLINES,
    CITATIONS,
    TOPICS,
    add_bylines,
    add_citations,
    add_people,
    add_person,
    add_ties,
    add_topics,
    add_works,
)
from graph.loading.rows import ask
from graph.slices import LIMITS, Limits
from works.models import Author

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
    add_ties(graph, people)
    graph.graph["known"] = {"person": collaborators_count or 0, "work": works_count}
    return graph, centre
