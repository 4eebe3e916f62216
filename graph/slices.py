"""A slice: the ego network that one page shows, out of a graph, as the one JSON contract. Pure: networkx in, plain values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import log2
from typing import Any

import networkx as nx

from graph.communities import communities, name_communities
from graph.layout import Spot, arrange
from graph.pairs import KINDS, in_address

Payload = dict[str, Any]
CENTRE_SIZE = 44


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each kind a slice shows. With the centre these are 150 nodes, about what a reader can still tell apart.

    ties_each, ties: of the ties among the centre's collaborators, so many of the strongest for each person, and in all.
    """

    people: int = 80
    works: int = 40
    topics: int = 16
    institutions: int = 13
    ties_each: int = 2
    ties: int = 70

    def of(self, kind: str) -> int:
        return {"person": self.people, "work": self.works, "topic": self.topics, "institution": self.institutions}[kind]


LIMITS = Limits()


def describe(
    graph: nx.Graph[str], *, centre: str, version: int, built_at: str, limits: Limits = LIMITS, edges_at: str = "/graph/edges/"
) -> Payload:
    """The slice of `graph` around `centre`.

    Parameters
    ----------
    graph : networkx.Graph
        Nodes have `kind` (one of KINDS), `label`, `url`, and optionally `rank` (a tuple; the smallest are shown first), `year` (when
        it came into the ego network, which decides its seat unless `seat` does) and `evidence` (how many works speak for it). Edges
        have `kind` ("wrote", "co-wrote", "about", "affiliated", "cites"), `source` (the end it leaves from), `weight`, `evidence` (how
        many works or statements make it) and, between people, `years` (first and last).
        `graph.graph` may hold `known` (how many of each kind
        there are in all) and `coverage`.
    centre : str
        The node whose ego network this is.
    version, built_at
        Of the contract, and an ISO 8601 time; both are handed through.
    limits : Limits
        What is cut, by rank, where there is more.
    edges_at : str
        Below which address the pages of edges lie.

    Returns
    -------
    dict
        version, built_at, centre, parameters, nodes [{id, kind, label, x, y, size, community, year, url}], edges [{source, target,
        kind, weight, evidence, years?, url}], communities [{id, label, topics, people, lead}], totals {kind: {shown, known}, "tie": …},
        coverage. Positions lie in [-1, 1] with y pointing
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
    >>> payload["edges"][0]["url"]
    '/graph/edges/person:a/person:b/'
    >>> [(node["label"], node["x"], node["y"]) for node in payload["nodes"]]
    [('Ada', 0.0, 0.0), ('Bo', 0.0, -0.78)]
    >>> payload["totals"]["person"]
    {'shown': 1, 'known': 1}
    """
    order, edges, ties_known = cut(graph, centre=centre, limits=limits)
    ties = ties_of(graph, centre)
    people = [node for node in order if node != centre and graph.nodes[node]["kind"] == "person"]
    groups = communities(graph, people, centre=centre)
    places = arrange(
        Spot(node, (data := graph.nodes[node])["kind"], data.get("seat", data.get("year")), groups.get(node, 0), ties.get(node, 0.0))
        for node in order
        if node != centre
    )
    places[centre] = (0.0, 0.0)
    nodes = [
        {
            "id": node,
            "kind": (data := graph.nodes[node])["kind"],
            "label": data["label"],
            "x": places[node][0],
            "y": places[node][1],
            "size": CENTRE_SIZE if node == centre else size_of(data, ties.get(node, 0.0)),
            "community": groups.get(node),
            "year": data.get("year"),
            "url": data["url"],
        }
        for node in order
    ]
    return {
        "version": version,
        "built_at": built_at,
        "centre": centre,
        "parameters": asdict(limits),
        "nodes": nodes,
        "edges": [edge | {"url": f"{edges_at}{'/'.join(in_address(edge['source'], edge['target']))}/"} for edge in edges],
        "communities": name_communities(graph, groups, centre=centre),
        "totals": totals(graph, nodes[1:], centre_kind=nodes[0]["kind"])
        | {"tie": {"shown": sum(1 for edge in edges if edge["kind"] == "co-wrote" and edge["source"] != centre), "known": ties_known}},
        "coverage": graph.graph.get("coverage", {}),
    }


def ties_of(graph: nx.Graph[str], centre: str) -> dict[str, float]:
    """How strongly people are tied to the centre, in works of two authors; around another kind of centre, in shares of the strongest."""
    if graph.nodes[centre]["kind"] == "person":
        return {other: data["weight"] for other, data in graph.adj[centre].items() if data["kind"] == "co-wrote"}
    found = {other: data["weight"] for other, data in graph.adj[centre].items() if graph.nodes[other]["kind"] == "person"}
    most = max(found.values(), default=1.0)
    return {other: weight / most for other, weight in found.items()}


def totals(graph: nx.Graph[str], nodes: list[dict[str, Any]], *, centre_kind: str) -> dict[str, dict[str, int]]:
    """How many of each kind are shown, and how many are known."""
    known = graph.graph.get("known", {})
    loaded: Counter[str] = Counter(data["kind"] for _, data in graph.nodes(data=True))
    loaded[centre_kind] -= 1
    shown: Counter[str] = Counter(node["kind"] for node in nodes)
    return {kind: {"shown": shown[kind], "known": max(known.get(kind, 0), loaded[kind])} for kind in KINDS}


def in_order(graph: nx.Graph[str], *, centre: str) -> list[str]:
    """The centre, then the others by kind and rank."""
    others = (node for node in graph if node != centre)
    return [centre, *sorted(others, key=lambda node: (KINDS.index(graph.nodes[node]["kind"]), graph.nodes[node].get("rank", ()), node))]


def cut(graph: nx.Graph[str], *, centre: str, limits: Limits = LIMITS) -> tuple[list[str], list[dict[str, Any]], int]:
    """What of `graph` is shown: the nodes and the edges in order, and how many ties among the collaborators there were before the cut.

    Of each kind the first by rank; then what still hangs together with the centre; of the ties among collaborators the strongest.

    >>> graph = nx.Graph()
    >>> graph.add_nodes_from((f"person:{n}", {"kind": "person", "rank": (n,)}) for n in range(5))
    >>> tie = {"kind": "co-wrote", "source": "person:0", "weight": 1.0, "evidence": 1}
    >>> graph.add_edges_from((("person:0", f"person:{n}") for n in range(1, 5)), **tie)
    >>> nodes, edges, ties = cut(graph, centre="person:0", limits=Limits(people=2))
    >>> nodes, [edge["target"] for edge in edges], ties
    (['person:0', 'person:1', 'person:2'], ['person:1', 'person:2'], 0)
    """
    kept: Counter[str] = Counter()
    chosen = [centre]
    for node in in_order(graph, centre=centre)[1:]:
        kind = graph.nodes[node]["kind"]
        if kept[kind] < limits.of(kind):
            kept[kind] += 1
            chosen.append(node)
    reached = reach(graph, centre, set(chosen))
    order = {node: place for place, node in enumerate(node for node in chosen if node in reached)}
    edges = [edge_of(data, ends) for *ends, data in graph.edges(data=True) if ends[0] in order and ends[1] in order]
    ties = [edge for edge in edges if edge["kind"] == "co-wrote" and centre not in (edge["source"], edge["target"])]
    dropped = {id(edge) for edge in ties} - {id(edge) for edge in strongest(ties, limits=limits)}
    return (
        list(order),
        sorted((edge for edge in edges if id(edge) not in dropped), key=lambda edge: (order[edge["source"]], order[edge["target"]])),
        len(ties),
    )


def reach(graph: nx.Graph[str], centre: str, within: set[str]) -> set[str]:
    """The nodes of `within` that paths inside `within` tie to the centre."""
    found = {centre}
    edge_of_search = [centre]
    while edge_of_search:
        fresh = {other for node in edge_of_search for other in graph.adj[node] if other in within} - found
        found |= fresh
        edge_of_search = list(fresh)
    return found


def strongest(ties: Iterable[dict[str, Any]], *, limits: Limits) -> list[dict[str, Any]]:
    """Of these ties those that are among the `ties_each` strongest of one of their ends; the strongest first, at most `ties`."""
    had: Counter[str] = Counter()
    kept: list[dict[str, Any]] = []
    for tie in sorted(ties, key=lambda tie: (-tie["weight"], *sorted((tie["source"], tie["target"])))):
        ends = (tie["source"], tie["target"])
        if len(kept) < limits.ties and min(had[end] for end in ends) < limits.ties_each:
            kept.append(tie)
            had.update(ends)
    return kept


def size_of(data: dict[str, Any], tie: float) -> int:
    """The radius that a node is drawn with, in thousandths of the plane's unit: it grows with the tie, or with the works behind it."""
    if data["kind"] == "person":
        return round(16 + 14 * min(1.0, tie / 2))
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
