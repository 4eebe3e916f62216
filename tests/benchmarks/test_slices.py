"""Building a slice beside the SQL that it is made from."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter

import pytest
from django.db import connection
from django.utils import timezone

from graph.actions.builds import build_slice
from graph.loading.person import load_ego_network
from graph.models import SLICE_VERSION, Slice
from graph.slices import describe
from tests.benchmarks.plans import Statement, explain, statements_of
from tests.benchmarks.population import build_slices
from tests.benchmarks.report import figure, table
from works.models import Author

SIZES = (30, 60, 150)  # nodes
PEOPLE = 5  # of each size
ROUNDS = 15


@dataclass
class Subject:
    """One person, and what asking for their neighbourhood says to Postgres."""

    author_id: int
    nodes: int
    edges: int
    statements: list[Statement]


def subject(author_id: int) -> Subject:
    payload = Slice.objects.get(pk=author_id).payload
    statements = statements_of(lambda: load_ego_network(author_id))
    return Subject(author_id, len(payload["nodes"]), len(payload["edges"]), statements)


def ask(statements: list[Statement]) -> int:
    """The SQL alone: the same statements with the same values, every row fetched and none looked at; how many there were."""
    rows = 0
    for sql, parameters in statements:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            rows += len(cursor.fetchall())
    return rows


def compute(author_id: int) -> None:
    """Rows to graph to payload: what a build does before it draws."""
    graph, centre = load_ego_network(author_id)
    describe(graph, centre=centre, version=SLICE_VERSION, built_at="2026-01-01T00:00:00+00:00")


def build(author_id: int) -> None:
    assert build_slice(author_id=author_id)


def milliseconds(call, *arguments) -> float:
    start = perf_counter()
    call(*arguments)
    return (perf_counter() - start) * 1000


def of_size(size: int) -> list[Subject]:
    """The people with slices nearest to so many nodes."""
    found = [(abs(len(payload["nodes"]) - size), pk) for pk, payload in Slice.objects.values_list("pk", "payload") if payload]
    return [subject(pk) for _, pk in sorted(found)[:PEOPLE]]


@pytest.mark.usefixtures("populated")
def test_slices(benchmark, report):
    # The people with most collaborators fill a slice; of those whom the pages are measured with, too few do.
    build_slices(list(Author.objects.order_by("-neighbourhood__collaborators_count", "pk")[:PEOPLE]))
    groups = {size: of_size(size) for size in SIZES}
    everybody = [one for group in groups.values() for one in group]

    def measure() -> dict[int, list[tuple[float, float, float]]]:
        times = {one.author_id: [] for one in everybody}
        for number in range(ROUNDS + 3):
            for one in everybody:
                Slice.objects.filter(pk=one.author_id).update(requested_at=timezone.now())
                spans = (milliseconds(ask, one.statements), milliseconds(compute, one.author_id), milliseconds(build, one.author_id))
                if number >= 3:  # the statements are prepared by then
                    times[one.author_id].append(spans)
        return times

    times = benchmark.pedantic(measure, rounds=1)
    rows = []
    for size, group in groups.items():
        sql, computed, built = (median(span for one in group for span in column(times[one.author_id], place)) for place in range(3))
        ratios = [median(spans[place] / spans[0] for one in group for spans in times[one.author_id]) for place in (1, 2)]
        plans = [[explain(statement) for statement in one.statements] for one in group]
        rows.append(
            [
                f"about {size}",
                span_of([one.nodes for one in group]),
                span_of([one.edges for one in group]),
                span_of([ask(one.statements) for one in group]),
                span_of([sum(plan.buffers for plan in found) for found in plans]),
                f"{figure(sql)} ms",
                f"{figure(computed)} ms",
                f"{ratios[0]:.1f}×",
                f"{figure(built)} ms",
                f"{ratios[1]:.1f}×",
            ]
        )
    head = ["nodes asked for", "nodes", "edges", "rows read", "buffers", "SQL alone", "SQL to payload", "/ SQL", "whole build", "/ SQL"]
    report("slices", f"{PEOPLE} people of each size, median of {ROUNDS} interleaved rounds.\n\n" + table(head, rows))


def column(spans: list[tuple[float, float, float]], place: int) -> list[float]:
    return [one[place] for one in spans]


def span_of(values: list[int]) -> str:
    return f"{min(values):,}" if min(values) == max(values) else f"{min(values):,}–{max(values):,}"
