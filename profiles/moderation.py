"""SybilRank and rings of vouches: a look at the whole graph for staff, never for a score. For workers only, since it needs scipy.

SybilRank (Cao, Sirivianos, Yang, Pregueiro, NSDI 2012): trust starts at the verified people and takes about log2(n) steps of a random walk
over the co-authorship graph; stopped that early, it has spread evenly among those who are well connected to the seeds and has hardly
crossed to a region that few edges lead to. Divided by degree, what a node got can be compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

FLOATS = NDArray[np.float64]
INTEGERS = NDArray[np.int64]


def graph_of(a: INTEGERS, b: INTEGERS, weights: FLOATS, nodes: int) -> Any:
    """The symmetric matrix of weighted edges between the nodes 0 to `nodes` - 1."""
    half = coo_array((weights, (a, b)), shape=(nodes, nodes))
    return csr_array(half + half.T)


def sybilrank(graph: Any, seeds: Iterable[int]) -> FLOATS:
    """How much of the seeds' trust reaches each node, by its degree; the mean over the nodes with an edge is about 1.

    Linear in the edges, times log2 of the number of nodes. Without seeds everything is 0.
    """
    nodes = graph.shape[0]
    started = np.asarray(list(seeds), dtype=np.int64)
    degree = np.asarray(graph.sum(axis=1)).ravel()
    trust = np.zeros(nodes)
    if not len(started) or not degree.sum():
        return trust
    trust[started] = degree.sum() / len(started)
    share = np.divide(1.0, degree, out=np.zeros(nodes), where=degree > 0)
    for _ in range(int(np.ceil(np.log2(max(nodes, 2))))):
        trust = graph.T @ (trust * share)
    return np.asarray(trust * share)


def steps_from(graph: Any, seeds: Iterable[int]) -> FLOATS:
    """How many co-authorships the nearest seed is away from each node; infinity where none can be reached."""
    started = list(seeds)
    if not started:
        return np.full(graph.shape[0], np.inf)
    return np.asarray(dijkstra(graph, directed=False, indices=started, unweighted=True, min_only=True))


def rings(vouches: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Groups in which everybody's word leads back to themselves: A vouched for B, B for C, C for A. Each sorted, smallest member first.

    >>> rings([(1, 2), (2, 3), (3, 1), (3, 4), (5, 6), (6, 5)])
    [[1, 2, 3], [5, 6]]
    """
    edges = sorted(set(vouches))
    people = sorted({person for edge in edges for person in edge})
    if not people:
        return []
    place = {person: number for number, person in enumerate(people)}
    rows, columns = [place[a] for a, _ in edges], [place[b] for _, b in edges]
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(len(people), len(people)))
    _, labels = connected_components(graph, directed=True, connection="strong")
    groups: dict[int, list[int]] = defaultdict(list)
    for person, label in zip(people, labels, strict=True):
        groups[int(label)].append(person)
    return sorted(group for group in groups.values() if len(group) > 1)
