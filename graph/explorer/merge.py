"""Several slices as one graph in the same JSON contract: joined, filtered, cut, placed. Pure, deterministic, in closed form.

Every slice keeps its own clock face. The first stands in the middle; each further one takes the free seat of a hexagonal lattice that
lies nearest to where its centre stood, and brings only the nodes that were not there yet: opening a slice moves no node but its centre.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import hypot, sqrt
from typing import Any

from graph.explorer.state import KINDS, State

Payload = dict[str, Any]
Point = tuple[float, float]
DRAWN, WHOLE = 300, 5000
FACE = 150  # nodes of a face
APART = 2.3  # between the middles of two faces of radius 1
SMALLEST = 3
NAMED_BY = 2  # topics


def merge(slices: Sequence[Payload], state: State, *, version: int, arranged: Mapping[str, Point] | None = None) -> Payload:
    """One payload of these slices, in the order in which they were opened. O(n log n + m). `arranged` are places that a worker computed for
    all nodes of a large graph; without them every slice keeps its clock face."""
    nodes, edges = joined(slices)
    places = placed(slices, nodes) if arranged is None else arranged
    groups, names = communities(nodes, edges, {kept["centre"] for kept in slices})
    edges = [edge for edge in edges if is_wanted(edge, nodes, state)]
    wanted = connected(nodes, edges, state, {kept["centre"] for kept in slices}, groups)
    known = Counter(nodes[node]["kind"] for node in wanted)
    shown = strongest(wanted, edges, {kept["centre"] for kept in slices}, WHOLE if state.is_whole else DRAWN)
    extent = max((hypot(*places[node]) for node in shown), default=1.0) or 1.0
    scale, shrunk = (max(1.0, extent), max(1.0, extent)) if arranged is None else (1.0, max(1.0, sqrt(len(shown) / FACE)))
    pins = {node: (x / 100, y / 100) for node, x, y in state.pins}
    counts = Counter(nodes[node]["kind"] for node in shown)
    return {
        "version": version,
        "built_at": min((kept["built_at"] for kept in slices), default=""),
        "centre": slices[0]["centre"] if slices else "",
        "parameters": {
            "seeds": [kept["centre"] for kept in slices],
            "nodes": WHOLE if state.is_whole else DRAWN,
            "scale": round(shrunk, 4),
        },
        "nodes": [
            nodes[node]
            | {
                "x": round(pins[node][0] if node in pins else places[node][0] / scale, 4),
                "y": round(pins[node][1] if node in pins else places[node][1] / scale, 4),
                "size": max(4, round(nodes[node]["size"] / shrunk)),
                "community": groups.get(node),
            }
            for node in shown
        ],
        "edges": [edge for edge in edges if edge["source"] in shown and edge["target"] in shown],
        "totals": {kind: {"shown": counts[kind], "known": known[kind]} for kind in KINDS},
        "coverage": {},
        "communities": [
            {"id": first, "number": number, "label": label, "people": people}
            for number, (first, label, people) in enumerate(names)
            if people >= SMALLEST
        ],
    }


def joined(slices: Sequence[Payload]) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Each node and each edge once; a tie between two people is the same whichever of them is its source."""
    nodes: dict[str, dict[str, Any]] = {}
    edges: dict[tuple[str, ...], dict[str, Any]] = {}
    for kept in slices:
        for node in kept["nodes"]:
            size = max(node["size"], nodes.get(node["id"], node)["size"])
            nodes[node["id"]] = nodes.get(node["id"], node) | {"size": size}
        for edge in kept["edges"]:
            ends = (edge["source"], edge["target"])
            edges.setdefault((edge["kind"], *(sorted(ends) if edge["kind"] == "co-wrote" else ends)), edge)
    return nodes, list(edges.values())


def placed(slices: Sequence[Payload], nodes: dict[str, dict[str, Any]]) -> dict[str, tuple[float, float]]:
    places: dict[str, tuple[float, float]] = {}
    taken: set[tuple[int, int]] = set()
    for kept in slices:
        x, y = seat_near(places.get(kept["centre"], (0.0, 0.0)), taken)
        places[kept["centre"]] = (x, y)
        for node in kept["nodes"]:
            places.setdefault(node["id"], (x + node["x"], y + node["y"]))
    return places


def seat_near(point: tuple[float, float], taken: set[tuple[int, int]]) -> tuple[float, float]:
    """The free seat of the lattice nearest to `point`; it is taken from now on.

    >>> taken = set()
    >>> seat_near((0.0, 0.0), taken), seat_near((0.7, 0.1), taken)
    ((0.0, 0.0), (2.3, 0.0))
    """
    around = range(-8, 9)
    free = ((APART * (a + b / 2), APART * b * 0.866, (a, b)) for b in around for a in around if (a, b) not in taken)
    x, y, seat = min(free, key=lambda seat: (round((seat[0] - point[0]) ** 2 + (seat[1] - point[1]) ** 2, 6), seat[2]))
    taken.add(seat)
    return x, y


def is_wanted(edge: dict[str, Any], nodes: dict[str, dict[str, Any]], state: State) -> bool:
    """Whether kind, relation and years let this edge stand: a tie by its own years, any other by those of the works at its ends."""
    ends = [nodes[edge["source"]], nodes[edge["target"]]]
    if edge["kind"] in state.cut or any(end["kind"] in state.hidden for end in ends):
        return False
    spans: list[tuple[Any, Any]] = [(end["year"], end["year"]) for end in ends if end["kind"] == "work"] or [
        edge.get("years") or (None, None)
    ]
    return all(
        first is None or ((state.first_year is None or last >= state.first_year) and (state.last_year is None or first <= state.last_year))
        for first, last in spans
    )


def connected(
    nodes: dict[str, dict[str, Any]], edges: list[dict[str, Any]], state: State, centres: set[str], groups: dict[str, int]
) -> set[str]:
    """The centres, and whoever an edge still holds; of one community only its members and who is tied to them."""
    chosen = groups.get(state.community) if state.community else None
    if chosen is None:
        return centres | {edge[end] for edge in edges for end in ("source", "target")}
    members = {node for node, group in groups.items() if group == chosen}
    near = {edge[end] for edge in edges for end in ("source", "target") if {edge["source"], edge["target"]} & members}
    people = {node for node in near if nodes[node]["kind"] != "person" or node in members or node in centres}
    return centres | people


def strongest(wanted: set[str], edges: list[dict[str, Any]], centres: set[str], most: int) -> dict[str, None]:
    """Of these nodes as many as are drawn: the centres, then those with most edges; in a fixed order."""
    degrees: Counter[str] = Counter()
    for edge in edges:
        degrees[edge["source"]] += edge["evidence"]
        degrees[edge["target"]] += edge["evidence"]
    ranked = sorted(wanted, key=lambda node: (node not in centres, -degrees[node], node))[:most]
    return dict.fromkeys(ranked)


def communities(
    nodes: dict[str, dict[str, Any]], edges: list[dict[str, Any]], centres: set[str]
) -> tuple[dict[str, int], list[tuple[str, str, int]]]:
    """The groups among the people, largest first, and of each its first member, its name and its size.

    Each person joins whoever of those with more ties has the strongest tie with them: quick shift, as in graph.slices. The centres,
    who are tied to everybody, found no group. A group is named by the topics of most of its members' works, and
    by its first member where two would have one name.
    """
    ties: dict[str, dict[str, float]] = defaultdict(dict)
    for edge in edges:
        if edge["kind"] == "co-wrote":
            ties[edge["source"]][edge["target"]] = ties[edge["target"]][edge["source"]] = edge["weight"]
    people = [node for node, data in nodes.items() if data["kind"] == "person" and node not in centres]
    ranked = sorted(people, key=lambda node: (-sum(ties[node].values()), node))
    place = {node: at for at, node in enumerate(ranked)}
    leader: dict[str, str] = {}
    for node in ranked:
        nearer = [(-weight, place[other]) for other, weight in ties[node].items() if place.get(other, len(ranked)) < place[node]]
        leader[node] = leader[ranked[min(nearer)[1]]] if nearer else node
    sizes = Counter(leader.values())
    firsts = sorted(sizes, key=lambda first: (-sizes[first], place[first]))
    number = {first: at for at, first in enumerate(firsts)}
    topics = topics_of(leader, edges, centres)
    labels = {first: " · ".join(nodes[topic]["label"] for topic in topics.get(first, [])) for first in firsts}
    taken = Counter(labels.values())
    names = [
        (first, label if label and taken[label] == 1 else f"{label or 'People'} around {nodes[first]['label']}", sizes[first])
        for first, label in labels.items()
    ]
    return {node: number[first] for node, first in leader.items()}, names


def topics_of(leader: dict[str, str], edges: list[dict[str, Any]], centres: set[str]) -> dict[str, list[str]]:
    """The topics of most works of each group; one that the graph is built around names none, since all belong to it."""
    about: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        if edge["kind"] == "about" and edge["target"] not in centres:
            about[edge["source"]].append(edge["target"])
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for edge in edges:
        if edge["kind"] == "wrote" and edge["source"] in leader:
            counts[leader[edge["source"]]].update(about[edge["target"]])
    return {
        first: [topic for topic, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:NAMED_BY]]
        for first, found in counts.items()
    }
