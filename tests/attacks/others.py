"""Other ways to reckon trust, on the same graph and with the same verified people as seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array

from profiles.moderation import graph_of, sybilrank
from tests.attacks.worlds import World

DAMPING = 0.85
ROUNDS = 40


def seeds_of(world: World) -> list[int]:
    return [person for person in range(world.honest) if world.level[person] >= 4]


def coauthorships(world: World) -> Any:
    return graph_of(*world.edges(), world.people)


def walk(transition: Any, restart: np.ndarray) -> np.ndarray:
    trust = restart
    for _ in range(ROUNDS):
        trust = DAMPING * (transition.T @ trust) + (1 - DAMPING) * restart
        trust = trust / trust.sum()
    return trust


def normalised(matrix: Any) -> Any:
    total = np.asarray(matrix.sum(axis=1)).ravel()
    return diags_array(np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)) @ matrix


def eigentrust(world: World, graph: Any) -> np.ndarray:
    """Kamvar, Schlosser, Garcia-Molina, WWW 2003: opinions are the works that somebody confirmed with somebody, sybils about sybils too;
    whoever has no opinion trusts the seeds."""
    rows, columns = [], []
    for person, number in world.confirmed:
        for other in world.works[number].authors:
            if other != person:
                rows.append(person)
                columns.append(other)
    for work in world.works:
        if all(author >= world.honest for author in work.authors):  # rings confirm everything among themselves
            for author in work.authors:
                rows += [author] * (len(work.authors) - 1)
                columns += [other for other in work.authors if other != author]
    opinions = normalised(csr_array((np.ones(len(rows)), (rows, columns)), shape=(world.people, world.people)))
    restart = restart_at(world)
    silent = np.asarray(opinions.sum(axis=1)).ravel() == 0
    trust = restart
    for _ in range(ROUNDS):
        trust = DAMPING * (opinions.T @ trust + trust[silent].sum() * restart) + (1 - DAMPING) * restart
    return trust


def personalised_pagerank(world: World, graph: Any) -> np.ndarray:
    return walk(normalised(graph), restart_at(world))


def sybil_rank(world: World, graph: Any) -> np.ndarray:
    return sybilrank(graph, seeds_of(world))


def restart_at(world: World) -> np.ndarray:
    restart = np.zeros(world.people)
    restart[seeds_of(world)] = 1 / len(seeds_of(world))
    return restart


METHODS = {"EigenTrust": eigentrust, "personalised PageRank": personalised_pagerank, "SybilRank": sybil_rank}


def auc(scores: np.ndarray, honest: int) -> float:
    """How often an honest person stands above a sybil, ties being half."""
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    sybils = len(scores) - honest
    return float((ranks[:honest].sum() - honest * (honest + 1) / 2) / (honest * sybils))
