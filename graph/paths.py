"""Paths between two people over those whom they wrote with: fewest hops first, and of those the strongest. Pure: who is tied to whom is
asked of a function that the caller gives; networkx holds the ways that were found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf, log1p

import networkx as nx

SHOWN = 3  # paths
WEAKEST = 1e-9  # what a tie without strength counts for: six of the weakest others, 1/24 each, still come before one of these
SCALE = 10**9  # costs are whole numbers of this fraction, so that a sum does not depend on the order of its terms

# (person, other, strength) of these people, of each at most so many, the strongest first.
ReadTies = Callable[[list[int], int], Iterable[tuple[int, int, float]]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a search goes: hops of a path; of each person the strongest ties; and people on either side whose ties are read."""

    hops: int = 6
    ties: int = 150
    people: int = 400


LIMITS = Limits()


class Outcome(StrEnum):
    FOUND = "found"
    NONE = "none"  # there is no path: all whom one of the two is tied to, near or far, were looked at
    LIMITED = "limited"  # none was found within the limits, which is not the same


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to. `looked_at`: people whose ties were read. `is_cut`: somebody's were not, or not all of them, so that a
    shorter path or a stronger one of the same length may have been missed."""

    outcome: Outcome
    paths: tuple[tuple[int, ...], ...] = ()
    looked_at: int = 0
    is_cut: bool = False


@dataclass(slots=True)
class Side:
    """What was reached from one end: of each person by whom they were reached first, and at what cost from there."""

    start: int
    reached: dict[int, dict[int, int]] = field(default_factory=dict)
    depth: dict[int, int] = field(default_factory=dict)
    nearest: dict[int, int] = field(default_factory=dict)
    frontier: list[int] = field(default_factory=list)
    looked_at: int = 0
    is_cut: bool = False

    def __post_init__(self) -> None:
        self.reached[self.start] = {}
        self.depth[self.start] = self.nearest[self.start] = 0
        self.frontier = [self.start]

    def can_go_on(self, limits: Limits) -> bool:
        return bool(self.frontier) and self.looked_at < limits.people

    def widen(self, read: ReadTies, limits: Limits) -> None:
        """One hop further from everybody reached last; where that is too many, from those with the strongest paths."""
        asked = self.frontier[: limits.people - self.looked_at]
        self.is_cut |= len(asked) < len(self.frontier)
        self.looked_at += len(asked)
        level: dict[int, dict[int, int]] = {}
        ties: Counter[int] = Counter()
        for person, other, strength in read(asked, limits.ties + 1):
            ties[person] += 1
            if ties[person] > limits.ties:
                self.is_cut = True
            elif other not in self.reached:
                level.setdefault(other, {})[person] = cost(strength)
        for other, by in level.items():
            self.nearest[other] = min(self.nearest[person] + spent for person, spent in by.items())
            self.depth[other] = self.depth[next(iter(by))] + 1
        self.reached |= level
        self.frontier = sorted(level, key=lambda person: (self.nearest[person], person))


def cost(strength: float) -> int:
    """What a tie adds to a path: −log(s/(1+s)) in whole billionths, for a tie of strength s.

    >>> cost(1.0), cost(0.2) > cost(4.0), cost(0.0) > 6 * cost(1 / 24)
    (693147181, True, True)
    """
    return round(log1p(1 / max(strength, WEAKEST)) * SCALE)


def search(read: ReadTies, source: int, target: int, limits: Limits = LIMITS) -> Found:
    """Up to three paths of the fewest hops between two people, the strongest first, by bidirectional breadth-first search.

    Parameters
    ----------
    read : callable
        ``read(people, most)`` gives (person, other, strength) of each of these people, strongest first, at most `most` of each.
    source, target : int
        Two different people.
    limits : Limits
        How far to go. One `read` a hop, so `limits.hops` at most, for `2 * limits.people` people in all and one tie more of each than
        `limits.ties`: the work is bounded, however many people there are.

    Returns
    -------
    Found
        With an outcome: found; there is none, since all that one end leads to was looked at; or none was found within the limits.

    Notes
    -----
    The side with the smaller frontier goes first. Whoever both sides reach lies on a shortest path, as long as nothing was cut: every
    shortest path has a person just where the two sides meet, and all its ties were read by one side or the other. Among paths of equal
    length the strongest has the largest product of s/(1+s) over its ties of strength s, which lies between 0 and 1: a tie of strength 1
    counts a half, one of 0.2 a sixth, one of 4 four fifths, so that no strong tie makes up for a very weak one. The sums of −log are
    compared. Equal ones fall back on the ids.

    References
    ----------
    I. Pohl: Bi-directional search. Machine Intelligence 6 (1971), 127-140.
    M. E. J. Newman: Scientific collaboration networks. II. Shortest paths, weighted networks, and centrality. Physical Review E 64 (2001)
    016132. doi:10.1103/PhysRevE.64.016132

    Examples
    --------
    >>> ties = {1: [(2, 1.0), (3, 0.2)], 2: [(1, 1.0), (4, 1.0)], 3: [(1, 0.2), (4, 4.0)], 4: [(3, 4.0), (2, 1.0)], 5: []}
    >>> read = lambda people, most: [(one, *tie) for one in people for tie in ties[one][:most]]
    >>> search(read, 1, 4).paths
    ((1, 2, 4), (1, 3, 4))
    >>> search(read, 1, 5).outcome, search(read, 1, 4, Limits(hops=1)).outcome
    (<Outcome.NONE: 'none'>, <Outcome.LIMITED: 'limited'>)
    """
    sides = Side(source), Side(target)
    for _ in range(limits.hops):
        going = [side for side in sides if side.can_go_on(limits)]
        if not going:
            break
        side = min(going, key=lambda one: len(one.frontier))
        facing = sides[1] if side is sides[0] else sides[0]
        side.widen(read, limits)
        if meeting := nearest_of([person for person in side.frontier if person in facing.reached], *sides):
            paths = strongest_paths(ways(*sides, meeting), source, target)
            return Found(Outcome.FOUND, paths, sum(one.looked_at for one in sides), any(one.is_cut for one in sides))
        if not side.frontier and not side.is_cut:
            return Found(Outcome.NONE, looked_at=sum(one.looked_at for one in sides))
    is_cut = any(one.is_cut or one.looked_at >= limits.people for one in sides)
    return Found(Outcome.LIMITED, looked_at=sum(one.looked_at for one in sides), is_cut=is_cut)


def nearest_of(meeting: list[int], one: Side, other: Side) -> list[int]:
    """Those by whom the path has the fewest hops: all, as long as nothing was cut."""
    hops = {person: one.depth[person] + other.depth[person] for person in meeting}
    fewest = min(hops.values(), default=inf)
    return [person for person in meeting if hops[person] == fewest]


def ways(one: Side, other: Side, meeting: Iterable[int]) -> nx.DiGraph[int]:
    """Every shortest path by one of these people, as a directed graph without circles from the start of `one` to that of `other`."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for side, is_forward in ((one, True), (other, False)):
        level = set(meeting)
        while level:
            steps = [(before, person, spent) for person in level for before, spent in side.reached[person].items()]
            graph.add_weighted_edges_from(
                ((before, person, spent) if is_forward else (person, before, spent) for before, person, spent in steps), weight="cost"
            )
            level = {before for before, _, _ in steps}
    return graph


def strongest_paths(graph: nx.DiGraph[int], source: int, target: int, most: int = SHOWN) -> tuple[tuple[int, ...], ...]:
    """The `most` paths of least cost from source to target in a directed graph without circles, whose edges have a `cost`.

    Each person, in topological order, keeps the `most` best ways to them: O(m · most · log) in the edges, however many paths there are.

    Examples
    --------
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from([(1, 2, 5), (1, 3, 1), (2, 4, 1), (3, 4, 1)], weight="cost")
    >>> strongest_paths(graph, 1, 4)
    ((1, 3, 4), (1, 2, 4))
    """
    best: dict[int, list[tuple[int, tuple[int, ...]]]] = {person: [] for person in graph}
    best[source] = [(0, (source,))]
    for person in nx.topological_sort(graph):
        kept = best[person] = sorted(best[person])[:most]
        for other, data in graph.adj[person].items():
            best[other] += [(spent + data["cost"], (*path, other)) for spent, path in kept]
    return tuple(path for _, path in best[target])
