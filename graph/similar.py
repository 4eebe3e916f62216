"""Who resembles somebody, and who leads from their circle to another one. Pure: a graph of people and topics in, ranked lists out.

A shared topic or a common collaborator counts the more, the fewer people have it (Adamic and Adar). Nothing here knows trust, claims,
follows or citations.
"""

from __future__ import annotations

from math import log2
from typing import Any

import networkx as nx

SIMILAR, BRIDGES = 8, 4
REASONS = 3  # topics or people that are named
LEAST_ALIKE = 0.1  # without a common collaborator
MOST_ALIKE = 0.7  # of a bridge
MAIN = 0.2  # the share of somebody's works from which on a topic is one of theirs
PRIOR = 1  # works that nobody has seen, so that who wrote one work is not thought to write on nothing else

Entry = dict[str, Any]


def similar(graph: nx.Graph[str], centre: str, most: int = SIMILAR) -> list[Entry]:
    """Those who resemble the centre most by topics and common collaborators, without those who wrote with the centre, and bridges.

    Parameters
    ----------
    graph : networkx.Graph
        People (`kind` "person", `works`) and topics (`kind` "topic", `people`: how many write on it). People "co-wrote" with people and
        write "about" topics (`works`: how many of theirs). Collaborators of the centre have `collaborators`: how many they have in all.
    centre : str
        Whom the others are compared with.
    most : int
        How many at most.

    Returns
    -------
    list of dict
        {"id", "score", "topics", "collaborators", "common"}, the most similar first: the ids of up to three shared topics and common
        collaborators, the rarest first, and how many of these there are.

    Notes
    -----
    score = alike + n/(1+n). `alike` (0 to 1) compares shares of works by topic: the sum of w·min(a, b) over shared topics, divided by the
    sum of w·a over the centre's, where a is the share of the centre's works on the topic, b that of the other's (one unseen work added),
    and w = 1/log2(2 + people on the topic): a weighted histogram intersection. n is the sum of 1/log2(2 + collaborators) over common
    collaborators. Whom no common collaborator links is left out below an `alike` of 0.1. O(m) in the edges of the graph.

    References
    ----------
    L. A. Adamic, E. Adar: Friends and neighbors on the Web. Social Networks 25 (2003) 211-230. doi:10.1016/S0378-8733(03)00009-1
    D. Liben-Nowell, J. Kleinberg: The link-prediction problem for social networks. JASIST 58 (2007) 1019-1031. doi:10.1002/asi.20591
    M. J. Swain, D. H. Ballard: Color indexing. International Journal of Computer Vision 7 (1991) 11-32. doi:10.1007/BF00130487

    Examples
    --------
    >>> graph = nx.Graph()
    >>> graph.add_nodes_from("abcd", kind="person", works=1, collaborators=2)
    >>> graph.add_node("t", kind="topic", people=2)
    >>> graph.add_edges_from([("a", "b"), ("b", "c")], kind="co-wrote")
    >>> graph.add_edges_from([("a", "t"), ("d", "t")], kind="about", works=1)
    >>> similar(graph, "a")
    [{'id': 'd', 'score': 0.5, 'topics': ['t'], 'collaborators': [], 'common': 0}, \
{'id': 'c', 'score': 0.3333, 'topics': [], 'collaborators': ['b'], 'common': 1}]
    """
    found = [compared(graph, centre, person) for person in strangers(graph, centre)]
    near = [entry for entry in found if (entry["common"] or entry["alike"] >= LEAST_ALIKE) and not is_bridge(entry)]
    near.sort(key=lambda entry: (-entry["score"], entry["id"]))
    return [{key: entry[key] for key in ("id", "score", "topics", "collaborators", "common")} for entry in near[:most]]


def bridges(graph: nx.Graph[str], centre: str, most: int = BRIDGES) -> list[Entry]:
    """Those who are partly similar and move in a different circle: they share topics with the centre, have others of their own, and nobody
    known wrote with both.

    Parameters
    ----------
    graph, centre, most
        As for `similar`.

    Returns
    -------
    list of dict
        {"id", "score", "topics", "beyond"}: shared topics, and main topics of theirs (a fifth of their works or more) that are not among
        the centre's; up to three of each.

    Notes
    -----
    score = 4·s·(1−s) for `alike` s between 0.1 and 0.7: highest where half is shared.

    Examples
    --------
    >>> graph = nx.Graph()
    >>> graph.add_nodes_from("ab", kind="person", works=2)
    >>> graph.add_nodes_from("tu", kind="topic", people=2)
    >>> graph.add_edges_from([("a", "t"), ("b", "t"), ("b", "u")], kind="about", works=2)
    >>> bridges(graph, "a")
    [{'id': 'b', 'score': 0.8889, 'topics': ['t'], 'beyond': ['u']}]
    """
    found = [entry for person in strangers(graph, centre) if is_bridge(entry := compared(graph, centre, person))]
    for entry in found:
        entry["score"] = round(4 * entry["alike"] * (1 - entry["alike"]), 4)
    found.sort(key=lambda entry: (-entry["score"], entry["id"]))
    return [{key: entry[key] for key in ("id", "score", "topics", "beyond")} for entry in found[:most]]


def is_bridge(entry: Entry) -> bool:
    return not entry["common"] and LEAST_ALIKE <= entry["alike"] <= MOST_ALIKE and bool(entry["beyond"])


def strangers(graph: nx.Graph[str], centre: str) -> list[str]:
    """The people of the graph who did not write with the centre."""
    near = graph.adj[centre]
    return [one for one, data in graph.nodes(data=True) if data["kind"] == "person" and one != centre and one not in near]


def compared(graph: nx.Graph[str], centre: str, person: str) -> Entry:
    """How two people compare: how alike their topics are, whom they have in common, the score of both together, and what only one does."""
    own, other = topics_of(graph, centre), topics_of(graph, person)
    shared = {
        topic: rarity(graph.nodes[topic]["people"]) * min(share(graph, centre, own[topic]), share(graph, person, other[topic], PRIOR))
        for topic in own.keys() & other.keys()
    }
    whole = sum(rarity(graph.nodes[topic]["people"]) * share(graph, centre, works) for topic, works in own.items())
    common = {
        one: rarity(graph.nodes[one]["collaborators"])
        for one in nx.common_neighbors(graph, centre, person)
        if graph.nodes[one]["kind"] == "person"
    }
    alike = sum(shared.values()) / whole if whole else 0.0
    near = sum(common.values())
    return {
        "id": person,
        "alike": alike,
        "score": round(alike + near / (1 + near), 4),
        "topics": sorted(shared, key=lambda topic: (-shared[topic], topic))[:REASONS],
        "collaborators": sorted(common, key=lambda one: (-common[one], one))[:REASONS],
        "common": len(common),
        "beyond": sorted(main_topics(graph, person) - own.keys(), key=lambda topic: (-other[topic], topic))[:REASONS],
    }


def topics_of(graph: nx.Graph[str], person: str) -> dict[str, int]:
    return {topic: data["works"] for topic, data in graph.adj[person].items() if data["kind"] == "about"}


def main_topics(graph: nx.Graph[str], person: str) -> set[str]:
    return {topic for topic, works in topics_of(graph, person).items() if share(graph, person, works) >= MAIN}


def share(graph: nx.Graph[str], person: str, works: int, prior: int = 0) -> float:
    return min(1.0, float(works / (graph.nodes[person]["works"] + prior)))


def rarity(people: int) -> float:
    """How much it says to have something in common that so many have.

    >>> rarity(2), round(rarity(1000), 2)
    (0.5, 0.1)
    """
    return 1 / log2(2 + people)
