"""A payload that was kept, as it may be shown later: without whoever objected, under today's names, cut to what is drawn. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from graph.explorer.state import State

Payload = dict[str, Any]


def without(payload: Payload, gone: Collection[str]) -> Payload:
    """The payload without these nodes, what ties them, and the communities that are named after them.

    >>> kept = {"centre": "person:a", "parameters": {"seeds": ["person:a"]}, "communities": [], "edges": [],
    ...         "nodes": [{"id": "person:a", "kind": "person"}, {"id": "person:b", "kind": "person"}],
    ...         "totals": {"person": {"shown": 2, "known": 2}}}
    >>> without(kept, {"person:a"})["nodes"], without(kept, {"person:a"})["centre"]
    ([{'id': 'person:b', 'kind': 'person'}], '')
    """
    nodes = [node for node in payload["nodes"] if node["id"] not in gone]
    seeds = [node for node in payload["parameters"]["seeds"] if node not in gone]
    counts = {kind: sum(node["kind"] == kind for node in nodes) for kind in payload["totals"]}
    less = {kind: total["shown"] - counts[kind] for kind, total in payload["totals"].items()}
    return payload | {
        "nodes": nodes,
        "edges": [edge for edge in payload["edges"] if edge["source"] not in gone and edge["target"] not in gone],
        "communities": [one for one in payload["communities"] if one["id"] not in gone],
        "centre": seeds[0] if seeds else "",
        "parameters": payload["parameters"] | {"seeds": seeds},
        "totals": {
            kind: {"shown": total["shown"] - less[kind], "known": total["known"] - less[kind]} for kind, total in payload["totals"].items()
        },
    }


def without_in_state(state: State, node: str) -> State:
    return replace(
        state,
        seeds=tuple(one for one in state.seeds if one != node),
        expanded=tuple(one for one in state.expanded if one != node),
        pins=tuple(pin for pin in state.pins if pin[0] != node),
        chosen=() if node in state.chosen else state.chosen,
        community="" if state.community == node else state.community,
    )


def as_named(payload: Payload, people: Mapping[str, tuple[str, str]]) -> Payload:
    """The payload with each person under the name and the address that they have now; without those whom `people` does not know."""
    gone = {node["id"] for node in payload["nodes"] if node["kind"] == "person" and node["id"] not in people}
    kept = without(payload, gone) if gone else payload
    today = {node: {"label": name, "url": url} for node, (name, url) in people.items()}
    nodes = [node | today.get(node["id"], {}) for node in kept["nodes"]]
    named = [one | {"label": renamed(one["label"], people[one["id"]][0])} for one in kept["communities"]]
    return kept | {"nodes": nodes, "communities": named}


def renamed(label: str, name: str) -> str:
    """A community's name with that of its first member as it is today, if it holds one.

    >>> renamed("Logic around Ada Byron", "Ada Lovelace"), renamed("Logic", "Ada Lovelace")
    ('Logic around Ada Lovelace', 'Logic')
    """
    topics, around, _ = label.partition(" around ")
    return topics + around + name if around else label


def first(payload: Payload, most: int) -> Payload:
    """The first nodes of a payload, which are those with most connections, and what ties them."""
    nodes = payload["nodes"][:most]
    shown = {node["id"] for node in nodes}
    return payload | {"nodes": nodes, "edges": [edge for edge in payload["edges"] if {edge["source"], edge["target"]} <= shown]}
