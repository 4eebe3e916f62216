"""The places of a large graph in two levels: groups among each other, and the members inside each. For workers: networkx.

Springs alone give a ball of threads above some hundred nodes, and take minutes at 5,000. So groups are found first (Louvain), springs
place the groups, which are then pushed apart until none lies on another, and springs place the members inside each group's disc.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import hypot, sqrt

import networkx as nx

Point = tuple[float, float]
Link = tuple[str, str, float]
LARGEST = 400  # members of a group; a larger one is divided once more
ROUNDS = 60  # of pushing apart
APART = 1.15  # of the sum of two radii
SEED = 20


def arrange(nodes: Iterable[str], links: Iterable[Link]) -> dict[str, Point]:
    """A place in [-1, 1] x [-1, 1] for every node.

    Parameters
    ----------
    nodes : iterable of str
    links : iterable of (str, str, float)
        What ties two of them, and how strongly.

    Returns
    -------
    dict
        The same for the same graph, in whichever order it is given. A few seconds for 5,000 nodes.

    References
    ----------
    V. D. Blondel, J.-L. Guillaume, R. Lambiotte, E. Lefebvre: Fast unfolding of communities in large networks. Journal of Statistical
    Mechanics (2008) P10008. doi:10.1088/1742-5468/2008/10/P10008
    T. M. J. Fruchterman, E. M. Reingold: Graph drawing by force-directed placement. Software: Practice and Experience 21 (1991).
    doi:10.1002/spe.4380211102

    Examples
    --------
    >>> strong = [("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", 1.0), ("d", "e", 1.0), ("e", "f", 1.0), ("d", "f", 1.0)]
    >>> places = arrange("abcdef", [*strong, ("c", "d", 0.1)])
    >>> def apart(one, other):
    ...     return hypot(places[one][0] - places[other][0], places[one][1] - places[other][1])
    >>> apart("a", "b") < apart("a", "f")
    True
    """
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(nodes))
    for one, other, weight in sorted(links):
        before = graph.edges[one, other]["weight"] if graph.has_edge(one, other) else 0.0
        graph.add_edge(one, other, weight=before + weight)
    if not graph:
        return {}
    groups = groups_of(graph)
    number = {node: at for at, group in enumerate(groups) for node in group}
    middles = spread(middles_of(graph, number, len(groups)), [radius_of(group) for group in groups])
    places: dict[str, Point] = {}
    for group, (x, y) in zip(groups, middles, strict=True):
        radius = radius_of(group)
        inside = springs(graph.subgraph(group), list(group))
        reach = max(hypot(*point) for point in inside) or 1.0
        places |= {node: (x + radius * a / reach, y + radius * b / reach) for node, (a, b) in zip(group, inside, strict=True)}
    return within(places)


def groups_of(graph: nx.Graph[str]) -> list[list[str]]:
    """Groups of at most about LARGEST members, each sorted, the largest first."""
    found: list[set[str]] = []
    for group in nx.community.louvain_communities(graph, weight="weight", seed=SEED):
        large = len(group) > LARGEST
        found += nx.community.louvain_communities(graph.subgraph(sorted(group)).copy(), weight="weight", seed=SEED) if large else [group]
    return sorted((sorted(group) for group in found), key=lambda group: (-len(group), group))


def radius_of(group: Sequence[str]) -> float:
    return sqrt(len(group))


def middles_of(graph: nx.Graph[str], number: dict[str, int], count: int) -> list[Point]:
    """Where the groups stand among each other, in units of a node's own room."""
    ties: defaultdict[tuple[int, int], float] = defaultdict(float)
    for one, other in graph.edges:
        a, b = sorted((number[one], number[other]))
        if a != b:
            ties[a, b] += graph.edges[one, other]["weight"]
    among: nx.Graph[str] = nx.Graph()
    among.add_nodes_from(str(at) for at in range(count))
    among.add_weighted_edges_from((str(a), str(b), weight) for (a, b), weight in sorted(ties.items()))
    room = sqrt(len(number)) * 1.6
    return [(room * x, room * y) for x, y in springs(among, [str(at) for at in range(count)])]


def springs(graph: nx.Graph[str], order: Sequence[str]) -> list[Point]:
    """Fruchterman and Reingold's places, around (0, 0), in this order of the nodes."""
    if len(order) == 1:
        return [(0.0, 0.0)]
    ordered: nx.Graph[str] = nx.Graph()
    ordered.add_nodes_from(order)
    ordered.add_weighted_edges_from(sorted((*sorted(ends), graph.edges[ends]["weight"]) for ends in graph.edges))
    found = nx.spring_layout(ordered, seed=SEED, iterations=50, method="force")
    return [(float(found[node][0]), float(found[node][1])) for node in order]


def spread(middles: list[Point], radii: list[float]) -> list[Point]:
    """The middles pushed apart until discs of these radii do not lie on each other. O(groups squared) a round."""
    points = [list(point) for point in middles]
    for _ in range(ROUNDS):
        moved = False
        for a in range(len(points)):
            for b in range(a):
                dx, dy = points[a][0] - points[b][0], points[a][1] - points[b][1]
                gap = APART * (radii[a] + radii[b]) - (away := hypot(dx, dy) or 1e-6)
                if gap > 1e-3:
                    # The smaller one gives way.
                    share = radii[b] / (radii[a] + radii[b])
                    ux, uy = (dx / away, dy / away) if away > 1e-5 else (1.0, 0.0)
                    points[a][0] += gap * share * ux
                    points[a][1] += gap * share * uy
                    points[b][0] -= gap * (1 - share) * ux
                    points[b][1] -= gap * (1 - share) * uy
                    moved = True
        if not moved:
            break
    return [(x, y) for x, y in points]


def within(places: dict[str, Point]) -> dict[str, Point]:
    """The same moved and scaled into [-1, 1] x [-1, 1]."""
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    half = max(max(xs) - min(xs), max(ys) - min(ys)) / 2 or 1.0
    return {node: (round((a - x) / half, 4), round((b - y) / half, 4)) for node, (a, b) in places.items()}
