"""Groups among the people of a slice, and what to call them. Pure: networkx in, plain values out.

Quick shift gives the groups: it needs no number of groups, leaves nothing to chance, and is local. A group is called by the topics that its
members' works are about more often than others' are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

NAMED_FROM = 2  # people: one alone is no group
TOPICS_IN_A_NAME = 2


def communities(graph: nx.Graph[str], people: Iterable[str], *, centre: str) -> dict[str, int]:
    """Groups among the centre's collaborators, numbered from 0 in order of their strongest member.

    Each person joins the one with whom the tie is strongest among those who are nearer to the centre; whoever has no such tie begins a
    group. This is quick shift with ties for distances and nearness to the centre for density: deterministic, O(m), and local, so that a
    new work regroups only those who wrote it.

    References
    ----------
    A. Vedaldi, S. Soatto: Quick Shift and Kernel Methods for Mode Seeking. ECCV 2008. doi:10.1007/978-3-540-88693-8_52

    Examples
    --------
    >>> graph = nx.Graph()
    >>> graph.add_edges_from([("a", "b", {"weight": 2.0}), ("a", "c", {"weight": 1.0}), ("a", "d", {"weight": 0.5})], kind="co-wrote")
    >>> graph.add_edge("c", "d", kind="co-wrote", weight=0.5)
    >>> communities(graph, "bcd", centre="a")
    {'b': 0, 'c': 1, 'd': 1}
    """
    near = graph.adj[centre]
    ranked = sorted(people, key=lambda person: (-near[person]["weight"] if person in near else 0.0, person))
    place = {person: number for number, person in enumerate(ranked)}
    groups: dict[str, int] = {}
    began = 0
    for person in ranked:
        nearer = [
            (-data["weight"], place[other])
            for other, data in graph.adj[person].items()
            if data["kind"] == "co-wrote" and place.get(other, len(ranked)) < place[person]
        ]
        if nearer:
            groups[person] = groups[ranked[min(nearer)[1]]]
        else:
            groups[person] = began
            began += 1
    return groups


def name_communities(graph: nx.Graph[str], groups: Mapping[str, int], *, centre: str = "") -> list[dict[str, Any]]:
    """The groups of two people and more, each called by its topics, in the order of their numbers.

    Parameters
    ----------
    graph : networkx.Graph
        Of the form that `graph.slices.describe` takes: people "wrote" works that are "about" topics.
    groups : mapping
        The number of each person's group, as `communities` gives it.
    centre : str
        Whose surroundings these are; a topic at the centre names no group, since all belong to it.

    Returns
    -------
    list of dict
        {"id", "label", "topics", "people", "lead"}: the number, the name in words, the ids of the topics that make it, how many people, and
        the id of the first of them. A group without topics is called after that person ("around Ada").

    Notes
    -----
    A topic scores by how many of the group's works are about it, times the share of those among all works about it, so that what everybody
    works on names nobody. Equal names get the lead's as well. O(m) in the edges of the graph.

    References
    ----------
    K. Sparck Jones: A statistical interpretation of term specificity and its application in retrieval. Journal of Documentation 28 (1972).
    doi:10.1108/eb026526

    Examples
    --------
    >>> graph = nx.Graph()
    >>> graph.add_nodes_from([("a", {"label": "Ada"}), ("b", {"label": "Bo"}), ("t", {"kind": "topic", "label": "Logic"})])
    >>> graph.add_edges_from([("a", "w"), ("b", "w")], kind="wrote")
    >>> graph.add_edge("w", "t", kind="about")
    >>> name_communities(graph, {"a": 0, "b": 0, "c": 1})
    [{'id': 0, 'label': 'Logic', 'topics': ['t'], 'people': 2, 'lead': 'a'}]
    """
    members: defaultdict[int, list[str]] = defaultdict(list)
    for person, group in groups.items():
        members[group].append(person)
    named = [name(graph, number, people, centre) for number, people in sorted(members.items()) if len(people) >= NAMED_FROM]
    taken = Counter(group["label"] for group in named)
    for entry in named:
        if taken[entry["label"]] > 1:
            entry["label"] += f", around {graph.nodes[entry['lead']]['label']}"
    return named


def name(graph: nx.Graph[str], number: int, people: list[str], centre: str) -> dict[str, Any]:
    works = {work for person in people for work, data in graph.adj[person].items() if data["kind"] == "wrote"}
    counts = Counter(
        topic
        for work in works
        for topic, data in graph.adj[work].items()
        if data["kind"] == "about" and topic != centre and graph.nodes[topic].get("kind") == "topic"
    )
    in_all = {topic: sum(1 for data in graph.adj[topic].values() if data["kind"] == "about") for topic in counts}
    best = sorted(counts, key=lambda topic: (-(counts[topic] ** 2) / in_all[topic], graph.nodes[topic]["label"], topic))[:TOPICS_IN_A_NAME]
    label = ", ".join(graph.nodes[topic]["label"] for topic in best) or f"around {graph.nodes[people[0]]['label']}"
    return {"id": number, "label": label, "topics": best, "people": len(people), "lead": people[0]}
