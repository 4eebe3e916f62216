"""The people who may resemble somebody, as a graph: by seven bounded queries. For workers only, since it needs networkx."""

from __future__ import annotations

import json
from collections import Counter

import networkx as nx

from graph.loading.paths import TIES
from graph.loading.person import PEOPLE
from graph.loading.rows import ask
from works.models import Author

COLLABORATORS = 40  # the centre's, the strongest
THEIRS = 20  # of each of these, the strongest
TOPICS = 5  # of the centre, those with most works
NEWEST = 40  # works of each topic
FOREMOST = 30  # people with most works of each topic
MOST_AUTHORS = 25  # of such a work
CANDIDATES = 200  # those who come up most often

PERSON = """
    SELECT a.id, a.public_id, a.works_count, (a.summary -> 'topics')::text, coalesce(n.collaborators_count, 0)
    FROM works_author a LEFT JOIN graph_neighbourhood n ON n.author_id = a.id
    WHERE a.id = ANY(%(people)s) AND NOT a.is_suppressed AND a.merged_into_id IS NULL AND a.works_count >= %(least)s
"""
ON_TOPICS = f"""
    SELECT met.author_id, count(*) FROM works_topic t
    JOIN works_shelf shelf ON shelf.kind = 'topic' AND shelf.subject = t.id
    CROSS JOIN LATERAL (
        SELECT s.author_id FROM (
            SELECT work_id FROM works_shelvedwork WHERE shelf_id = shelf.id ORDER BY year DESC NULLS LAST, work_id DESC LIMIT {NEWEST}
        ) AS newest
        JOIN works_work w ON w.id = newest.work_id AND w.authors_count <= {MOST_AUTHORS}
        JOIN works_authorship s ON s.work_id = newest.work_id AND s.author_id IS NOT NULL
        UNION ALL
        (SELECT author_id FROM works_shelvedperson WHERE shelf_id = shelf.id ORDER BY works_count DESC, author_id LIMIT {FOREMOST})
    ) AS met
    WHERE t.public_id = ANY(%(topics)s) GROUP BY 1
"""
# Look-ups of single pairs, as in graph.loading.network: reading all that these people have would cost what the busiest of them has.
AMONG = """
    SELECT a.id, b.id FROM unnest(%(people)s::bigint[]) a(id) CROSS JOIN unnest(%(near)s::bigint[]) b(id)
    CROSS JOIN LATERAL (
        SELECT FROM graph_collaboration c WHERE c.author_a_id = least(a.id, b.id) AND c.author_b_id = greatest(a.id, b.id) LIMIT 1
    ) AS tie
"""
CROWDS = """
    SELECT t.public_id, coalesce(shelf.people_count, 0) FROM works_topic t
    LEFT JOIN works_shelf shelf ON shelf.kind = 'topic' AND shelf.subject = t.id WHERE t.public_id = ANY(%(topics)s)
"""


def load_candidates(author_id: int) -> tuple[nx.Graph[str], str]:
    """The graph that graph.similar compares in, and the id of its centre. Raises Author.DoesNotExist for an author without a page.

    Looked at are the strongest collaborators and theirs, and of the author's first topics who wrote the newest works and who wrote most;
    of all these people those who come up most often. The cost does not grow with the record: at most 5,950 rows of people, and 8,200
    look-ups of a pair.
    """
    found = ask(PERSON, people=[author_id], least=0)
    if not found:
        raise Author.DoesNotExist(f"No author {author_id} with a page")
    graph: nx.Graph[str] = nx.Graph()
    centre = add(graph, *found[0][1:])
    near = [row[0] for row in ask(PEOPLE, id=author_id, people=COLLABORATORS)]
    met = Counter(dict.fromkeys(near, 0))
    met.update(other for _, other, _ in ask(TIES, people=near, most=THEIRS))
    met.update(dict(ask(ON_TOPICS, topics=[topic.partition(":")[2] for topic in graph.adj[centre]][:TOPICS])))
    for known in (author_id, *near):
        met.pop(known, None)
    chosen = sorted(met, key=lambda person: (-met[person], person))[:CANDIDATES]
    nodes = {author_id: centre} | {row[0]: add(graph, *row[1:]) for row in ask(PERSON, people=[*near, *chosen], least=1)}
    for one, other in ask(AMONG, people=[author_id, *chosen], near=[author_id, *near]):
        if one in nodes and other in nodes:
            graph.add_edge(nodes[one], nodes[other], kind="co-wrote")
    for public_id, people in ask(CROWDS, topics=[data["id"] for _, data in graph.nodes(data=True) if data["kind"] == "topic"]):
        graph.nodes[f"topic:{public_id}"]["people"] = people
    return graph, centre


def add(graph: nx.Graph[str], public_id: str, works: int, topics: str | None, collaborators: int) -> str:
    """A person with the topics that the author's page names, which are JSON."""
    person = f"person:{public_id}"
    graph.add_node(person, kind="person", works=works, collaborators=collaborators)
    for topic in json.loads(topics or "[]"):
        public_id = topic["slug"].rpartition("-")[2]
        node = f"topic:{public_id}"
        graph.add_node(node, kind="topic", id=public_id, label=topic["label"], slug=topic["slug"], people=0)
        graph.add_edge(person, node, kind="about", works=topic["works"])
    return person
