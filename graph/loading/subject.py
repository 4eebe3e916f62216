"""The surroundings of a topic or an institution, by seven bounded queries: what stands on its shelf, and what ties that together."""

from __future__ import annotations

import networkx as nx

from graph.loading.network import BYLINES, CITATIONS, TOPICS, add_bylines, add_citations, add_person, add_ties, add_topics, add_works
from graph.loading.rows import address, ask
from graph.models import PAIR_MAX_AUTHORS
from graph.slices import LIMITS, Limits
from works.models import Institution, Topic
from works.names import slugify

LOOKED_AT_PEOPLE = 2  # for each one shown
LOOKED_AT_WORKS = 200

CENTRE = """
    SELECT c.public_id, c.{label}, coalesce(h.id, 0), coalesce(h.works_count, 0), coalesce(h.people_count, 0)
    FROM works_{kind} c LEFT JOIN works_shelf h ON h.kind = '{kind}' AND h.subject = c.id WHERE c.id = %(id)s
"""
# From the end of an index: those with most works, and of those with as many works the ones who wrote last.
PEOPLE = """
    SELECT p.id, p.public_id, p.name, c.works_count, c.first_year, c.last_year
    FROM (SELECT author_id, works_count, first_year, last_year FROM works_shelvedperson WHERE shelf_id = %(shelf)s
          ORDER BY works_count DESC, author_id LIMIT %(looked_at)s) c
    JOIN works_author p ON p.id = c.author_id
    WHERE NOT p.is_suppressed AND p.merged_into_id IS NULL
    ORDER BY c.works_count DESC, c.last_year DESC NULLS LAST, p.id LIMIT %(people)s
"""
# Of the newest works those of the people shown come first. OFFSET 0 keeps Postgres at the byline of the work, which is short, instead
# of asking for each of the people.
WORKS = """
    WITH newest AS MATERIALIZED (
        SELECT work_id FROM works_shelvedwork WHERE shelf_id = %(shelf)s ORDER BY year DESC NULLS LAST, work_id DESC LIMIT %(looked_at)s
    )
    SELECT id, public_id, title, year, authors_count FROM (
        SELECT w.id, w.public_id, w.title, w.year, w.authors_count,
               w.authors_count <= %(short)s AND EXISTS (
                   SELECT FROM (SELECT author_id FROM works_authorship WHERE work_id = w.id OFFSET 0) s WHERE s.author_id = ANY(%(others)s)
               ) AS is_theirs
        FROM newest JOIN works_work w ON w.id = newest.work_id WHERE w.merged_into_id IS NULL
    ) found
    ORDER BY is_theirs DESC, year DESC NULLS LAST, id DESC LIMIT %(works)s
"""


def load_topic_network(topic_id: int, *, limits: Limits = LIMITS) -> tuple[nx.Graph[str], str]:
    """The graph around a topic, as graph.slices.describe takes it, and the id of its centre. Raises Topic.DoesNotExist."""
    row = ask(CENTRE.format(kind="topic", label="label"), id=topic_id)
    if not row:
        raise Topic.DoesNotExist(f"No topic {topic_id}")
    return load("topic", row[0], limits, person_tie="wrote", work_tie="about")


def load_institution_network(institution_id: int, *, limits: Limits = LIMITS) -> tuple[nx.Graph[str], str]:
    """The graph around an institution, likewise. Raises Institution.DoesNotExist."""
    row = ask(CENTRE.format(kind="institution", label="name"), id=institution_id)
    if not row:
        raise Institution.DoesNotExist(f"No institution {institution_id}")
    return load("institution", row[0], limits, person_tie="affiliated", work_tie="affiliated")


def load(kind: str, row: tuple[str, str, int, int, int], limits: Limits, *, person_tie: str, work_tie: str) -> tuple[nx.Graph[str], str]:
    """Six queries, whatever stands on the shelf."""
    public_id, label, shelf, works_count, people_count = row
    graph: nx.Graph[str] = nx.Graph()
    centre = f"{kind}:{public_id}"
    graph.add_node(centre, kind=kind, label=label, url=address(f"works:{kind}", f"{slugify(label)}-{public_id}"))
    people = {}
    found = ask(PEOPLE, shelf=shelf, people=limits.people, looked_at=LOOKED_AT_PEOPLE * limits.people)
    for place, (author_id, opaque, name, count, first_year, last_year) in enumerate(found):
        people[author_id] = add_person(graph, opaque, name, rank=(place,), year=first_year)
        years = [first_year, last_year]
        graph.add_edge(
            people[author_id], centre, kind=person_tie, source=people[author_id], weight=float(count), evidence=count, years=years
        )
    newest = ask(WORKS, shelf=shelf, others=list(people), short=PAIR_MAX_AUTHORS, works=limits.works, looked_at=LOOKED_AT_WORKS)
    works, short = add_works(graph, newest)
    if works:
        shown = list(works)
        for work in works.values():
            graph.add_edge(work, centre, kind=work_tie, source=work, weight=1.0, evidence=1)
        add_bylines(graph, ask(BYLINES, id=0, short=short, works=[], others=list(people)), works, people, centre=centre)
        add_topics(graph, [topic for topic in ask(TOPICS, works=shown) if f"topic:{topic[1]}" != centre], works)
        known = add_citations(graph, ask(CITATIONS, works=shown), works)
        graph.graph["coverage"] = {"references": {"works": known, "of": len(shown)}}
    add_ties(graph, people)
    graph.graph["known"] = {"person": people_count, "work": works_count}
    return graph, centre
