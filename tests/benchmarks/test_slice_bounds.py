"""What a slice costs around the median person, the busiest, the longest byline and the largest topic; and on a corpus ten times smaller."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from graph.actions.builds import build
from graph.actions.collaborations import count_collaborations, mark_collaborations_stale
from graph.loading.loaders import LOADERS
from graph.models import BUILT, KIND_OF, Slice, Subject
from tests.benchmarks.conftest import WORKS
from tests.benchmarks.databases import own_database
from tests.benchmarks.generator import HUB
from tests.benchmarks.plans import Statement, explain, statements_of
from tests.benchmarks.population import at_share, populate
from tests.benchmarks.report import figure, table
from tests.conftest import database_environment, running
from works.models import Author, Shelf, Topic, Work

TENTH = os.environ.get("BENCH_TENTH", "")  # as BENCH_DATABASE, with a tenth of the works
HUB_WORKS = 5_000
ROUNDS = 15
LIKE = 40  # people on each of the two corpora
CLICKS = 40


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    subject: Subject

    @property
    def kind(self) -> str:
        return KIND_OF[type(self.subject)]


def make_busiest(works: int) -> Author:
    """The busiest author with so many works, as in a corpus of a million: they join the bylines of others'."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH more AS (
                SELECT w.id, w.year, w.authors_count + 1 AS position FROM works_work w
                WHERE w.authors_count < 40 AND NOT EXISTS (SELECT FROM works_authorship s WHERE s.work_id = w.id AND s.author_id = %(hub)s)
                ORDER BY w.id LIMIT %(works)s - (SELECT count(*) FROM works_authorship WHERE author_id = %(hub)s)
            ),
            joined AS (
                INSERT INTO works_authorship (work_id, position, author_id, raw_name, name, orcid, orcid_asserted_by, matched_by, year)
                SELECT id, position, %(hub)s, 'Hub', 'Hub', '', '', 'first', year FROM more RETURNING work_id
            )
            UPDATE works_work w SET authors_count = authors_count + 1 FROM joined WHERE joined.work_id = w.id
            """,
            {"hub": HUB, "works": works},
        )
        cursor.execute(
            "UPDATE works_author a SET works_count = (SELECT count(*) FROM works_authorship WHERE author_id = a.id) WHERE a.id = %s", [HUB]
        )
    mark_collaborations_stale(author_ids=[HUB])
    while count_collaborations():
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Author.objects.get(pk=HUB)


def loading(case: Case) -> list[Statement]:
    return statements_of(partial(LOADERS[case.kind], case.subject.pk))


def run(statements: list[Statement]) -> None:
    for sql, parameters in statements:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            cursor.fetchall()


def built(case: Case) -> None:
    BUILT[case.kind].rows().update_or_create(pk=case.subject.pk, defaults={"requested_at": timezone.now()})
    assert build(kind=case.kind, subject_id=case.subject.pk)


def milliseconds(call: Callable[..., Any], *arguments: Any) -> float:
    start = perf_counter()
    call(*arguments)
    return (perf_counter() - start) * 1000


@pytest.mark.usefixtures("populated")
def test_slice_bounds(benchmark, report):
    hub = make_busiest(HUB_WORKS)
    longest = Work.objects.order_by("-authors_count")[0]
    cases = [
        Case("a median person", at_share(0.5)),
        Case("the 99th percentile", at_share(0.99)),
        Case(f"a person with {hub.works_count:,} works", hub),
        Case(f"a work of {longest.authors_count:,} authors", longest),
        Case("the largest topic", Topic.objects.get(pk=Shelf.objects.filter(kind="topic").order_by("-works_count")[0].subject)),
    ]
    asked = [loading(case) for case in cases]

    def measure() -> list[tuple[list[float], list[float]]]:
        times: list[tuple[list[float], list[float]]] = [([], []) for _ in cases]
        for number in range(ROUNDS + 3):
            for case, statements, (sql, whole) in zip(cases, asked, times, strict=True):
                spans = milliseconds(run, statements), milliseconds(built, case)
                if number >= 3:  # the statements are prepared by then
                    sql.append(spans[0])
                    whole.append(spans[1])
        return times

    times = benchmark.pedantic(measure, rounds=1)
    least = median(times[0][1])
    rows = []
    for case, statements, (sql, whole) in zip(cases, asked, times, strict=True):
        plans = [explain(statement) for statement in statements]
        payload = BUILT[case.kind].rows().get(pk=case.subject.pk).payload
        collaborators = getattr(getattr(case.subject, "neighbourhood", None), "collaborators_count", None)
        rows.append(
            [
                case.name,
                "–" if collaborators is None else f"{collaborators:,}",
                str(len(payload["nodes"])),
                f"{sum(plan.read for plan in plans):,}",
                f"{sum(plan.buffers for plan in plans):,}",
                f"{figure(median(sql))} ms",
                f"{figure(median(whole))} ms",
                f"{median(whole) / least:.1f}×",
            ]
        )
    head = ["around", "collaborators", "nodes", "rows read", "buffers", "SQL alone", "whole build", "/ median person"]
    growth = growth_of_like_people()
    report("slice bounds", f"{WORKS:,} works; median of {ROUNDS} interleaved rounds.\n\n{table(head, rows)}\n\n{growth}")


def growth_of_like_people() -> str:
    """The SQL of people alike in works and collaborators on this corpus and on a tenth of it, in turns as the two databases allow."""
    many = sample()
    with own_database("tenth", like=TENTH or "template1"):
        if not TENTH:
            populate(WORKS // 10)
        few = sample()
    here, there = percentile(many), percentile(few)
    told = f"{figure(there)} ms on {WORKS // 10:,} works, {figure(here)} ms on {WORKS:,}: {here / there:.2f}×."
    return f"People with 5 to 15 works, SQL alone, p95: {told}"


def sample() -> list[float]:
    people = list(Author.objects.filter(works_count__range=(5, 15)).exclude(pk=HUB).order_by("public_id")[:LIKE])
    asked = [loading(Case("", person)) for person in people]
    spans = []
    for number in range(6):
        for statements in asked:
            span = milliseconds(run, statements)
            if number >= 3:
                spans.append(span)
    return spans


def percentile(spans: list[float], of_hundred: int = 95) -> float:
    return quantiles(spans, n=100)[of_hundred - 1]


@contextlib.contextmanager
def working(folder: Any) -> Iterator[None]:
    """A real Celery worker on the database of the benchmark."""
    command = [sys.executable, "-m", "celery", "-A", "bzpeer", "worker", "--queues", "default,imports", "--concurrency", "1"]
    command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--hostname", "bench@localhost"]
    with running(command, folder / "worker.log", database_environment()):
        yield


def test_slice_of_a_click(benchmark, report, port, tmp_path):
    """From a reader's request for a slice that was never built to its answer: what the site, the queue and a worker take together."""
    people = list(Author.objects.filter(works_count__range=(3, 60), slice=None).order_by("public_id")[: CLICKS + 5])
    base = f"http://127.0.0.1:{port}"

    def click(visitor: httpx.Client, author: Author) -> tuple[float, float]:
        address = f"{author.get_absolute_url()}graph/"
        start = perf_counter()
        visitor.get(address, params={"attempt": 0}).raise_for_status()
        answered = perf_counter()
        while not Slice.objects.filter(pk=author.pk, built_at__isnull=False).exists():
            assert perf_counter() - start < 30
            sleep(0.001)
        visitor.get(address, params={"attempt": 1}).raise_for_status()
        return (answered - start) * 1000, (perf_counter() - start) * 1000

    with working(tmp_path), httpx.Client(base_url=base, headers={"HX-Request": "true"}, trust_env=False, timeout=30) as visitor:
        spans = benchmark.pedantic(lambda: [click(visitor, author) for author in people], rounds=1)[5:]
    first, whole = [span[0] for span in spans], [span[1] for span in spans]
    rows = [
        ["skeleton", f"{figure(median(first))} ms", f"{figure(percentile(first))} ms"],
        ["slice", f"{figure(median(whole))} ms", f"{figure(percentile(whole))} ms"],
    ]
    note = f"{len(spans)} people whose slice was never built, one after the other; asked for again as soon as it is there."
    report("click to slice", f"{note}\n\n{table(['until the answer with the', 'p50', 'p95'], rows)}")
