"""What the explorer's page says of a state: what is shown, and links, each of which is the state with one thing changed. No queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.urls import reverse

from graph.explorer.state import KINDS, MOST_SLICES, RELATIONS, State, query

NAMES = {"person": "People", "work": "Works", "topic": "Topics", "institution": "Institutions"}
SAID = {
    "co-wrote": "wrote together",
    "wrote": "wrote",
    "about": "is about",
    "affiliated": "affiliated with",
    "cites": "cites",
}
PAIRS_OFFERED = 3
# What of a node's own page the panel shows.
EVIDENCE = {
    "person": ".facts-line, .trust-figure",
    "work": ".work-head .eyebrow, .byline-full",
    "topic": ".facts-line",
    "institution": ".facts-line, .identifiers",
}


def link(state: State, **changes: Any) -> str:
    return "?" + query(replace(state, **changes))


def said_of(edge: dict[str, Any]) -> str:
    """The relation in words.

    >>> said_of({"kind": "wrote", "target": "topic:2v7k0000"}), said_of({"kind": "cites", "target": "work:2v7k0000"})
    ('wrote on', 'cites')
    """
    return "wrote on" if edge["kind"] == "wrote" and edge["target"].startswith("topic:") else SAID[edge["kind"]]


def with_seed(state: State, node: str) -> str:
    """The state with this node as one more beginning."""
    return link(state, seeds=tuple(dict.fromkeys((*state.seeds, node))), expanded=tuple(one for one in state.expanded if one != node))


def without(state: State, node: str) -> str:
    return link(
        state,
        seeds=tuple(one for one in state.seeds if one != node),
        expanded=tuple(one for one in state.expanded if one != node),
    )


def expansion(state: State, node: str) -> str:
    """The state with this node's slice opened too; "" for one that is opened, or where no more may be."""
    return "" if node in state.shown or len(state.shown) >= MOST_SLICES else link(state, expanded=(*state.expanded, node))


def seeds_of(state: State, names: dict[str, str]) -> list[dict[str, Any]]:
    """What the graph is built around, in order. `names` are the labels of those that the record knows."""
    return [
        {
            "label": names[node],
            "kind": node.partition(":")[0],
            "is_seed": node in state.seeds,
            "without": without(state, node),
            "choose": link(state, chosen=(node,)),
        }
        for node in state.shown
        if node in names
    ]


def toggles(state: State) -> list[tuple[str, list[dict[str, Any]]]]:
    kinds = [
        {"label": NAMES[kind], "kind": kind, "on": kind not in state.hidden, "href": link(state, hidden=state.hidden ^ {kind})}
        for kind in KINDS
    ]
    relations = [
        {"label": SAID[kind].capitalize(), "kind": "", "on": kind not in state.cut, "href": link(state, cut=state.cut ^ {kind})}
        for kind in RELATIONS
    ]
    return [("Kinds", kinds), ("Relations", relations)]


def communities_of(state: State, payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        one | {"href": link(state, community="" if state.community == one["id"] else one["id"]), "on": state.community == one["id"]}
        for one in payload["communities"][:12]
    ]


def groups_of(state: State, payload: dict[str, Any], fits: Callable[[str], bool]) -> list[dict[str, Any]]:
    """The list: every node shown whose label fits, by kind, with what can be done with it."""
    links: dict[str, int] = defaultdict(int)
    for edge in payload["edges"]:
        links[edge["source"]] += 1
        links[edge["target"]] += 1
    # Of hundreds of links only the end differs: putting each together anew would take longer than all the rest.
    choose, expand = ends_of(state, "node"), ends_of(state, "open") if len(state.shown) < MOST_SLICES else None
    opened = set(state.shown)
    groups = []
    for kind in KINDS:
        items = [
            {
                "node": node,
                "links": links[node["id"]],
                "choose": choose(node["id"]),
                "expand": expand(node["id"]) if expand and node["id"] not in opened else "",
            }
            for node in payload["nodes"]
            if node["kind"] == kind and fits(node["label"])
        ]
        if items:
            groups.append({"kind": kind, "name": NAMES[kind], "items": items})
    return groups


def ends_of(state: State, name: str) -> Callable[[str], str]:
    """The state's query with one more opened, or with another one chosen, as a function of which."""
    base = query(replace(state, chosen=()) if name == "node" else state)
    start = f"?{base}&{name}=" if base else f"?{name}="
    return lambda node: start + node.replace(":", "%3A")


def chosen_of(state: State, payload: dict[str, Any]) -> dict[str, Any] | None:
    """What the panel says of the chosen node or edge, if it is shown."""
    nodes = {node["id"]: node for node in payload["nodes"]}
    if not state.chosen or any(node not in nodes for node in state.chosen):
        return None
    near = [edge for edge in payload["edges"] if set(state.chosen) <= {edge["source"], edge["target"]}]
    if len(state.chosen) == 2:
        return edge_chosen(state, [nodes[node] for node in state.chosen], near)
    return node_chosen(state, nodes, nodes[state.chosen[0]], near)


def pairs_of(state: State, payload: dict[str, Any]) -> list[dict[str, str]]:
    """Pairs of people about whom a reader may ask how they are connected: a chosen person with those that the graph is built around and
    those that are pinned, or these among each other; the two ends of a chosen edge. Three at most, each with the address of their path."""
    nodes = {node["id"]: node for node in payload["nodes"]}
    asked = dict.fromkeys((*state.chosen, *state.seeds, *(pin[0] for pin in state.pins)))
    people = [nodes[node] for node in asked if node in nodes and nodes[node]["kind"] == "person"]
    if len(state.chosen) == 2:
        people = [one for one in people if one["id"] in state.chosen]
    pairs = [pair for pair in combinations(people, 2) if len(state.chosen) != 1 or pair[0]["id"] in state.chosen]
    return [{"one": one["label"], "other": other["label"], "href": path_between(one, other)} for one, other in pairs[:PAIRS_OFFERED]]


def path_between(*people: dict[str, Any]) -> str:
    """The page of a path from one to another; of one person alone, where the other end is asked for."""
    slugs = [one["url"].strip("/").rpartition("/")[2] for one in people]
    return f"{reverse('graph:path')}?{urlencode(dict(zip(('from', 'to'), slugs, strict=False)))}"


def edge_chosen(state: State, ends: list[dict[str, Any]], edges: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "ends": [end | {"choose": link(state, chosen=(end["id"],))} for end in ends],
        "edges": [edge | {"said": said_of(edge)} for edge in edges],
        "pages": list(dict.fromkeys(edge["url"] for edge in edges if edge.get("url"))),
        "close": link(state, chosen=()),
    }


def node_chosen(state: State, nodes: dict[str, dict[str, Any]], node: dict[str, Any], near: Iterable[dict[str, Any]]) -> dict[str, Any]:
    pins = {pin[0] for pin in state.pins}
    place = (node["id"], round(100 * node["x"]), round(100 * node["y"]))
    return {
        "node": node,
        "expand": expansion(state, node["id"]),
        "collapse": without(state, node["id"]) if node["id"] in state.expanded else "",
        "pin": link(state, pins=tuple(pin for pin in state.pins if pin[0] != node["id"]))
        if node["id"] in pins
        else link(state, pins=(*state.pins, place)),
        "is_pinned": node["id"] in pins,
        "evidence": EVIDENCE[node["kind"]],
        "path": path_between(node) if node["kind"] == "person" else "",
        "close": link(state, chosen=()),
        "near": [
            {
                "label": nodes[other]["label"],
                "said": said_of(edge),
                "evidence": edge["evidence"],
                "choose": link(state, chosen=(other,)),
                "why": link(state, chosen=(node["id"], other)),
            }
            for edge in sorted(near, key=lambda edge: (RELATIONS.index(edge["kind"]), -edge["evidence"]))
            for other in (edge["target"] if edge["source"] == node["id"] else edge["source"],)
        ],
    }


def fields_of(state: State, *, but: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The state as hidden fields of a form, but for what the form itself asks."""
    left_out = set(but)
    return [(name, value) for name, value in parse_qsl(query(state)) if name not in left_out]
