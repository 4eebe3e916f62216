"""Paths between two people, and who resembles somebody: what they cost on the synthetic corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from time import perf_counter
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from graph.actions.collaborations import rebuild_graph
from graph.actions.similar import find_similar
from graph.loading.paths import connect
from graph.loading.similar import load_candidates
from graph.paths import LIMITS
from tests.benchmarks.conftest import FILLED, WORKS
from tests.benchmarks.databases import own_database
from tests.benchmarks.generator import HUB, SyntheticCorpus, load
from tests.benchmarks.plans import Plan, Statement, explain, statements_of
from tests.benchmarks.population import random_people
from tests.benchmarks.report import figure, table
from works.models import Author

PAIRS = 300
EXPLAINED = 25
BUILDS = 100
LARGER = 5  # times as many works in the second corpus, to see what grows


def milliseconds(call: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    start = perf_counter()
    result = call(*arguments)
    return (perf_counter() - start) * 1000, result


def share(values: list[float], part: float) -> float:
    """The value below which this part of them lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def row(name: str, pairs: list[tuple[Author, Author]]) -> list[list[str]]:
    """What these pairs cost, asked for the first time and again."""
    cache.clear()
    connect(*pairs[0])  # networkx is loaded by the first
    cache.clear()
    first = [milliseconds(connect, *pair) for pair in pairs]
    again = [milliseconds(connect, *pair)[0] for pair in pairs]
    found = [answer for _, answer in first]
    plans = [[explain(one) for one in statements_of_first(pair)] for pair in pairs[:EXPLAINED]]
    outcomes = Counter(str(one.outcome) for one in found)
    hops = sorted(one.hops for one in found if one.hops)
    return [
        [
            f"{name}, first time",
            *spans([spent for spent, _ in first]),
            ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in sorted(outcomes)),
            f"{hops[len(hops) // 2]}" if hops else "–",
            f"{max(one.looked_at for one in found)}",
            *most_of(plans),
        ],
        [f"{name}, again", *spans(again), "", "", "", "", ""],
    ]


def statements_of_first(pair: tuple[Author, Author]) -> list[Statement]:
    cache.clear()
    return statements_of(lambda: connect(*pair))


def spans(times: list[float]) -> list[str]:
    return [f"{figure(share(times, part))} ms" for part in (0.5, 0.95, 1)]


def most_of(plans: list[list[Plan]]) -> list[str]:
    """The most rows and the most buffers that any of these took in all."""
    return [f"{max(sum(int(getattr(plan, what)) for plan in one) for one in plans):,}" for what in ("rows", "buffers")]


def paths(works: int) -> list[list[str]]:
    """Of the corpus to which `connection` leads."""
    everybody = random_people(2 * PAIRS, seed=11)
    Random(11).shuffle(everybody)
    hub = Author.objects.get(pk=HUB)
    return [
        *row(f"{works:,} works: two people at random", list(zip(everybody[:PAIRS], everybody[PAIRS:], strict=True))),
        *row(f"{works:,} works: the busiest and anybody", [(hub, other) for other in everybody[:PAIRS] if other.pk != HUB]),
    ]


@pytest.mark.usefixtures("populated")
def test_paths(benchmark, report):
    def measure() -> list[list[str]]:
        rows = paths(WORKS)
        if FILLED:
            return rows
        with own_database("paths"):
            load(SyntheticCorpus(LARGER * WORKS))
            rebuild_graph()
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
            return rows + paths(LARGER * WORKS)

    rows = benchmark.pedantic(measure, rounds=1)
    head = ["", "p50", "p95", "most", "outcomes", "median hops", "people looked at, most", "rows, most", "buffers, most"]
    bound = 2 * LIMITS.people * (LIMITS.ties + 1)
    said = f"{PAIRS} pairs each; rows and buffers of {EXPLAINED} of them. No search reads more than {bound:,} ties."
    report("paths", f"{said}\n\n{table(head, rows)}")


@pytest.mark.usefixtures("populated")
def test_similar(benchmark, report):
    groups = {"anybody": random_people(BUILDS, seed=13), "the busiest": [Author.objects.get(pk=HUB)]}

    def measure() -> list[list[str]]:
        rows = []
        for name, authors in groups.items():
            times = [milliseconds(find_similar, author.pk, timezone.now())[0] for author in authors for _ in range(3)]
            plans = [[explain(one) for one in statements_of(partial(load_candidates, author.pk))] for author in authors[:EXPLAINED]]
            rows.append([name, *spans(times), *most_of(plans)])
        return rows

    rows = benchmark.pedantic(measure, rounds=1)
    head = ["", "p50", "p95", "most", "rows, most", "buffers, most"]
    report("similar", f"{WORKS:,} works; three builds of each of {BUILDS} people.\n\n{table(head, rows)}")
