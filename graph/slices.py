"""A slice: the ego network that one page shows, out of a graph, as the one JSON contract. Pure: networkx in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2
from typing import Any

import networkx as nx

from graph.layout import Spot, arrange

Payload = dict[str, Any]
KINDS = ("person", "work", "topic", "institution")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each kind a slice shows. With the centre these are 150 nodes, about what a reader can still tell apart.

    ties_each, ties: of the ties among the centre's collaborators, so many of the strongest for each person, and in all.
    """

    people: int = 80
    works: int = 40
    topics: int = 16
    institutions: int = 13
    ties_each: int = 3
    ties: int = 160

    def of(self, kind: str) -> int:
        return {"person": self.people, "work": self.works, "topic": self.topics, "institution": self.institutions}[kind]


LIMITS = Limits()


def describe(graph: nx.Graph[str], *, centre: str, version: int, built_at: str, limits: Limits = LIMITS) -> Payload:
    """The slice of `graph` around `centre`.

    Parameters
    ----------
    graph : networkx.Graph
        Nodes have `kind` (one of KINDS), `label`, `url`, and optionally `rank` (a tuple; the smallest are shown first), `year` (when
        it came into the ego network, which decides its seat) and `evidence` (how many works speak for it). Edges have `kind`
        ("wrote", "co-wrote", "about", "affiliated", "cites"), `source` (the end it leaves from), `weight`, `evidence` (how many works
        or statements make it) and, between people, `years` (first and last). `graph.graph` may hold `known` (how many of each kind
        there are in all) and `coverage`.
    centre : str
        The node whose ego network this is.
    version, built_at
        Of the contract, and an ISO 8601 time; both are handed through.
    limits : Limits
        What is cut, by rank, where there is more.

    Returns
    -------
    dict
        version, built_at, centre, parameters, nodes [{id, kind, label, x, y, size, community, year, url}], edges [{source, target,
        kind, weight, evidence, years?}], totals {kind: {shown, known}, "tie": …}, coverage. Positions lie in [-1, 1] with y pointing
        down; sizes are radii in thousandths of that unit. Nodes come centre first, then by kind and rank; edges in the order of
        their nodes.

    Notes
    -----
    Nodes that only a cut node held in place are left out. O(n log n + m log m). The result depends on the graph alone, not on the order
    in which it was put together, so the same rows give the same bytes.

    Examples
    --------
    >>> graph = nx.Graph()
    >>> graph.add_node("person:a", kind="person", label="Ada", url="/a")
    >>> graph.add_node("person:b", kind="person", label="Bo", url="/b", year=2020)
    >>> graph.add_edge("person:a", "person:b", kind="co-wrote", source="person:a", weight=0.5, evidence=1, years=[2020, 2020])
    >>> payload = describe(graph, centre="person:a", version=1, built_at="2026-01-01T00:00:00Z")
    >>> [(node["label"], node["x"], node["y"]) for node in payload["nodes"]]
    [('Ada', 0.0, 0.0), ('Bo', 0.0, -0.78)]
    >>> payload["totals"]["person"]
    {'shown': 1, 'known': 1}
    """
    shown, ties_known = cut(graph, centre=centre, limits=limits)
    groups = communities(shown, centre=centre)
    places = arrange(
        Spot(
            id=node,
            kind=data["kind"],
            year=data.get("year"),
            community=groups.get(node, 0),
            strength=shown.edges[centre, node]["weight"] if data["kind"] == "person" and shown.has_edge(centre, node) else 0.0,
        )
        for node, data in shown.nodes(data=True)
        if node != centre
    )
    order = {node: place for place, node in enumerate(in_order(shown, centre=centre))}
    nodes = [
        {
            "id": node,
            "kind": (data := shown.nodes[node])["kind"],
            "label": data["label"],
            "x": places[node][0] if node != centre else 0.0,
            "y": places[node][1] if node != centre else 0.0,
            "size": size_of(shown, node, centre=centre),
            "community": groups.get(node),
            "year": data.get("year"),
            "url": data["url"],
        }
        for node in order
    ]
    kinds = [node["kind"] for node in nodes[1:]]
    known = graph.graph.get("known", {})
    ties = sum(1 for one, other, kind in shown.edges(data="kind") if kind == "co-wrote" and centre not in (one, other))
    return {
        "version": version,
        "built_at": built_at,
        "centre": centre,
        "parameters": {
            "people": limits.people,
            "works": limits.works,
            "topics": limits.topics,
            "institutions": limits.institutions,
            "ties_each": limits.ties_each,
            "ties": limits.ties,
        },
        "nodes": nodes,
        "edges": sorted((edge_of(data, ends) for *ends, data in shown.edges(data=True)), key=lambda edge: rank_of_edge(edge, order)),
        "totals": {kind: {"shown": kinds.count(kind), "known": max(known.get(kind, 0), kinds.count(kind))} for kind in KINDS}
        | {"tie": {"shown": ties, "known": ties_known}},
        "coverage": graph.graph.get("coverage", {}),
    }


def in_order(graph: nx.Graph[str], *, centre: str) -> list[str]:
    """The centre, then the others by kind and rank."""
    others = (node for node in graph if node != centre)
    return [centre, *sorted(others, key=lambda node: (KINDS.index(graph.nodes[node]["kind"]), graph.nodes[node].get("rank", ()), node))]


def cut(graph: nx.Graph[str], *, centre: str, limits: Limits = LIMITS) -> tuple[nx.Graph[str], int]:
    """What of `graph` is shown, and how many ties among the collaborators there were before the cut.

    Of each kind the first by rank; then what still hangs together with the centre; of the ties among collaborators the strongest.

    >>> graph = nx.Graph()
    >>> graph.add_nodes_from((f"person:{n}", {"kind": "person", "rank": (n,)}) for n in range(5))
    >>> graph.add_edges_from((("person:0", f"person:{n}") for n in range(1, 5)), kind="co-wrote", weight=1.0)
    >>> sorted(cut(graph, centre="person:0", limits=Limits(people=2))[0])
    ['person:0', 'person:1', 'person:2']
    """
    kept: dict[str, int] = dict.fromkeys(KINDS, 0)
    chosen = [centre]
    for node in in_order(graph, centre=centre)[1:]:
        kind = graph.nodes[node]["kind"]
        if kept[kind] < limits.of(kind):
            kept[kind] += 1
            chosen.append(node)
    within: nx.Graph[str] = graph.subgraph(chosen)
    shown: nx.Graph[str] = within.subgraph(nx.node_connected_component(within, centre)).copy()
    ties = sorted(
        (
            (data["weight"], min(ends), max(ends))
            for *ends, data in shown.edges(data=True)
            if data["kind"] == "co-wrote" and centre not in ends
        ),
        key=lambda tie: (-tie[0], tie[1], tie[2]),
    )
    shown.remove_edges_from((one, other) for _, one, other in set(ties) - set(strongest(ties, limits=limits)))
    return shown, len(ties)


def strongest(ties: Iterable[tuple[float, str, str]], *, limits: Limits) -> list[tuple[float, str, str]]:
    """Of ties in order of strength those that are among the `ties_each` strongest of one of their ends, at most `ties`."""
    had: dict[str, int] = {}
    kept = []
    for tie in ties:
        ends = tie[1:]
        if len(kept) < limits.ties and any(had.get(end, 0) < limits.ties_each for end in ends):
            kept.append(tie)
            for end in ends:
                had[end] = had.get(end, 0) + 1
    return kept


def communities(graph: nx.Graph[str], *, centre: str) -> dict[str, int]:
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
    >>> graph.add_nodes_from("abcd", kind="person")
    >>> graph.add_edges_from([("a", "b", {"weight": 2.0}), ("a", "c", {"weight": 1.0}), ("a", "d", {"weight": 0.5})], kind="co-wrote")
    >>> graph.add_edge("c", "d", kind="co-wrote", weight=0.5)
    >>> communities(graph, centre="a")
    {'b': 0, 'c': 1, 'd': 1}
    """

    def nearness(person: str) -> tuple[float, str]:
        weight: float = graph.edges[centre, person]["weight"] if graph.has_edge(centre, person) else 0.0
        return -weight, person

    people = sorted((node for node, kind in graph.nodes(data="kind") if kind == "person" and node != centre), key=nearness)
    place = {person: number for number, person in enumerate(people)}
    groups: dict[str, int] = {}
    began = 0
    for person in people:
        nearer = [
            (-data["weight"], place[other])
            for other, data in graph.adj[person].items()
            if data["kind"] == "co-wrote" and place.get(other, len(people)) < place[person]
        ]
        if nearer:
            groups[person] = groups[people[min(nearer)[1]]]
        else:
            groups[person] = began
            began += 1
    return groups


def size_of(graph: nx.Graph[str], node: str, *, centre: str) -> int:
    """The radius that a node is drawn with, in thousandths of the plane's unit: it grows with the tie, or with the works behind it."""
    if node == centre:
        return 60
    data = graph.nodes[node]
    if data["kind"] == "person":
        weight: float = graph.edges[centre, node]["weight"] if graph.has_edge(centre, node) else 0.0
        return round(18 + 16 * min(1.0, weight / 2))
    if data["kind"] == "work":
        return 16
    return round(18 + 4 * min(4.0, log2(max(1, data.get("evidence", 1)))))


def edge_of(data: dict[str, Any], ends: list[str]) -> dict[str, Any]:
    source = data["source"]
    edge = {
        "source": source,
        "target": ends[0] if ends[1] == source else ends[1],
        "kind": data["kind"],
        "weight": data["weight"],
        "evidence": data["evidence"],
    }
    return edge | {"years": data["years"]} if "years" in data else edge


def rank_of_edge(edge: dict[str, Any], order: dict[str, int]) -> tuple[int, int]:
    return order[edge["source"]], order[edge["target"]]
