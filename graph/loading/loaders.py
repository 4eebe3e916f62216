"""The graph around a centre of each kind. For workers only: it needs networkx."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx

from graph.loading.person import load_ego_network
from graph.loading.subject import load_institution_network, load_topic_network
from graph.loading.work import load_work_network

LOADERS: dict[str, Callable[[int], tuple[nx.Graph[str], str]]] = {
    "person": load_ego_network,
    "work": load_work_network,
    "topic": load_topic_network,
    "institution": load_institution_network,
}
