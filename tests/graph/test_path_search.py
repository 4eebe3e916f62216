"""The search for paths, against networkx on any small graph, and what its limits promise."""

from __future__ import annotations

import math
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.paths import Found, Limits, Outcome, cost, search

WIDE = Limits(hops=50, ties=1_000, people=1_000)
strengths = st.sampled_from([0.0, 1 / 24, 0.2, 0.5, 1.0, 4.0])


@st.composite
def networks(draw) -> nx.Graph:
    """Up to fourteen people with ties of any strength among them."""
    people = draw(st.integers(2, 14))
    pairs = [(a, b) for a in range(people) for b in range(a)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30))
    graph = nx.Graph()
    graph.add_nodes_from(range(people))
    graph.add_weighted_edges_from([(a, b, draw(strengths)) for a, b in chosen])
    return graph


class Reader:
    """Reads the ties of a graph as Postgres does, and keeps what it was asked for."""

    def __init__(self, graph: nx.Graph) -> None:
        self.graph = graph
        self.asked: list[int] = []
        self.most = 0
        self.reads = 0

    def __call__(self, people: list[int], most: int) -> list[tuple[int, int, float]]:
        self.asked += people
        self.most = max(self.most, most)
        self.reads += 1
        return [
            (person, other, data["weight"])
            for person in people
            for other, data in sorted(self.graph.adj[person].items(), key=lambda tie: (-tie[1]["weight"], tie[0]))[:most]
        ]


def spent(graph: nx.Graph, path) -> int:
    return sum(cost(graph.edges[pair]["weight"]) for pair in pairwise(path))


def best(graph: nx.Graph, source: int, target: int) -> list[tuple[int, ...]]:
    """What networkx says: every shortest path, the strongest three."""
    return sorted((tuple(path) for path in nx.all_shortest_paths(graph, source, target)), key=lambda path: (spent(graph, path), path))[:3]


@settings(max_examples=300)
@given(networks())
def test_without_limits_it_is_what_networkx_finds(graph):
    read = Reader(graph)
    found = search(read, 0, 1, WIDE)
    if nx.has_path(graph, 0, 1):
        assert found.outcome is Outcome.FOUND
        assert list(found.paths) == best(graph, 0, 1)
        assert {len(path) - 1 for path in found.paths} == {nx.shortest_path_length(graph, 0, 1)}
        assert all(nx.is_simple_path(graph, path) for path in found.paths)  # each hop is a tie
    else:
        assert found == Found(Outcome.NONE, looked_at=found.looked_at)
    assert not found.is_cut
    assert len(read.asked) == len(set(read.asked)) == found.looked_at


@given(networks(), st.builds(Limits, hops=st.integers(1, 5), ties=st.integers(1, 4), people=st.integers(1, 5)))
def test_within_limits_it_reads_no_more_than_they_say_and_says_nothing_false(graph, limits):
    read = Reader(graph)
    found = search(read, 0, 1, limits)
    assert read.reads <= limits.hops
    assert len(read.asked) <= 2 * limits.people
    assert read.most <= limits.ties + 1
    for path in found.paths:
        assert nx.is_simple_path(graph, path)
        assert (path[0], path[-1]) == (0, 1)
        assert len(path) - 1 <= limits.hops
    assert [spent(graph, path) for path in found.paths] == sorted(spent(graph, path) for path in found.paths)
    assert (found.outcome is Outcome.FOUND) == bool(found.paths)
    if found.outcome is Outcome.NONE:
        assert not nx.has_path(graph, 0, 1)
    if found.paths and not found.is_cut:
        assert list(found.paths) == best(graph, 0, 1)
    if found.outcome is Outcome.LIMITED and not found.is_cut:
        assert not nx.has_path(graph, 0, 1) or nx.shortest_path_length(graph, 0, 1) > limits.hops


@given(networks())
def test_the_way_back_is_the_way_there(graph):
    there, back = search(Reader(graph), 0, 1, WIDE), search(Reader(graph), 1, 0, WIDE)
    assert there.outcome == back.outcome
    assert [spent(graph, path) for path in there.paths] == [spent(graph, path) for path in back.paths]


@pytest.mark.parametrize(("most", "outcome"), [(6, Outcome.FOUND), (5, Outcome.LIMITED)])
def test_no_further_than_so_many_hops(most, outcome):
    graph = nx.path_graph([0, 2, 3, 4, 5, 6, 1])
    nx.set_edge_attributes(graph, dict.fromkeys(graph.edges, 1.0), "weight")
    found = search(Reader(graph), 0, 1, Limits(hops=most))
    assert (found.outcome, found.is_cut) == (outcome, False)


def test_a_crowd_is_cut_to_its_strongest_ties_and_that_is_said():
    star = nx.Graph()
    star.add_weighted_edges_from([(9, other, other / 100) for other in range(10, 60)])
    star.add_weighted_edges_from([(0, 9, 1.0), (1, 10, 1.0)])
    assert search(Reader(star), 0, 1, Limits()).paths == ((0, 9, 10, 1),)
    cut = search(Reader(star), 0, 9, Limits(ties=5))
    assert (cut.paths, cut.is_cut) == (((0, 9),), False)
    ends = search(Reader(nx.compose(star, nx.Graph([(0, 9, {"weight": 1.0})]))), 0, 1, Limits(ties=5, people=1))
    assert (ends.outcome, ends.is_cut, ends.looked_at) == (Outcome.LIMITED, True, 2)
    crowd = search(Reader(star), 0, 1, Limits(ties=5, people=2))
    assert (crowd.outcome, crowd.paths) == (Outcome.FOUND, ((0, 9, 10, 1),))


def test_a_strong_tie_does_not_make_up_for_a_very_weak_one():
    graph = nx.Graph()
    graph.add_weighted_edges_from([(0, 2, 1.0), (2, 1, 1.0), (0, 3, 40.0), (3, 1, 0.05), (0, 4, 9.0), (4, 1, 0.0)])
    assert search(Reader(graph), 0, 1).paths == ((0, 2, 1), (0, 3, 1), (0, 4, 1))
    assert math.isclose(cost(1.0) / 1e9, math.log(2), rel_tol=1e-8)
