"""Places that a large graph had before, for what it has now: who was there stays, who is new stands beside whom it is tied to. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import cos, pi, sin
from zlib import crc32

Point = tuple[float, float]
BESIDE = 0.02  # how far a new node stands from the middle of those that it is tied to
KEPT = 0.75  # of the nodes must have been there; else the whole is placed anew


def is_like(nodes: Iterable[str], before: Mapping[str, object]) -> bool:
    """Whether enough of these nodes were there before to keep their places."""
    found = list(nodes)
    return bool(found) and sum(node in before for node in found) >= KEPT * len(found)


def carried_over(nodes: Iterable[str], links: Iterable[tuple[str, str, float]], before: Mapping[str, Point]) -> dict[str, Point]:
    """A place for each of `nodes`: its own from `before`, exactly; else beside the middle of its neighbours. O(n + m).

    So a new work moves nobody. Nodes tied to new ones only stand beside these; what is tied to nothing stands in the middle.

    >>> places = carried_over("abc", [("a", "c", 1.0), ("b", "c", 1.0)], {"a": (0.0, 0.0), "b": (1.0, 0.0)})
    >>> places["a"], places["b"], abs(places["c"][0] - 0.5) <= BESIDE
    ((0.0, 0.0), (1.0, 0.0), True)
    """
    near: defaultdict[str, list[str]] = defaultdict(list)
    for one, other, _ in links:
        near[one].append(other)
        near[other].append(one)
    order = list(nodes)
    places = {node: before[node] for node in order if node in before}
    waiting = sorted(node for node in order if node not in before)
    while waiting:
        ready = [node for node in waiting if any(other in places for other in near[node])] or waiting
        fresh = {node: beside(node, [places[other] for other in sorted(near[node]) if other in places]) for node in ready}
        places |= fresh
        waiting = [node for node in waiting if node not in fresh]
    return places


def beside(node: str, neighbours: list[Point]) -> Point:
    x = sum(point[0] for point in neighbours) / max(1, len(neighbours))
    y = sum(point[1] for point in neighbours) / max(1, len(neighbours))
    turn = crc32(node.encode()) / 2**32 * 2 * pi
    return tuple(round(max(-1.0, min(1.0, at + BESIDE * way)), 4) for at, way in ((x, cos(turn)), (y, sin(turn))))  # type: ignore[return-value]
