"""What the pages' queries read. The ceilings hold in the ordinary suite: buffers do not depend on what else the machine does."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.benchmarks.conftest import WORKS
from tests.benchmarks.databases import own_database
from tests.benchmarks.generator import HUB
from tests.benchmarks.plans import Plan, explain, statements_of
from tests.benchmarks.population import WHOLE_PAGE, build_slices, middling_person, populate, random_people, searches
from tests.benchmarks.report import table
from works.models import Author, Work

FEW_WORKS = 3_000
RECORD = frozenset({"works_work", "works_authorship", "works_author"})
SLICE_HEADERS = {"HX-Request": "true"}


def plans_of(path: str, headers: dict[str, str] | None = None) -> list[Plan]:
    """How Postgres runs the queries of a page for a stranger."""
    client = Client(headers=headers)

    def get() -> None:
        assert client.get(path).status_code == 200

    get()  # whatever a process computes once is computed now
    return [explain(statement) for statement in statements_of(get)]


def search_for(text: str) -> str:
    return reverse("search", query={"q": text})


def scanned(plans: list[Plan]) -> set[str]:
    """The tables of the record that these plans read from end to end."""
    return {name for plan in plans for name in plan.scanned & RECORD}


@pytest.fixture(scope="module")
def people(django_db_blocker: Any) -> Iterator[dict[str, Author]]:
    """Three people of a small corpus in a database of its own: one who fills a page, the busiest, and one with a single work.

    The busiest has several times what a page shows: the plan that Postgres keeps for any author must do for them too.
    """
    with django_db_blocker.unblock(), own_database("plans"):
        populate(FEW_WORKS)
        by_works = Author.objects.with_works().order_by("works_count", "pk")
        found = {"page": middling_person(), "busiest": by_works.reverse()[0], "single": by_works[0]}
        assert found["busiest"].works_count > 2 * WHOLE_PAGE
        build_slices(list(found.values()))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE graph_slice")
        yield found


@pytest.mark.parametrize(("who", "works"), [("page", 110), ("busiest", 110), ("single", 12)])
def test_a_researcher_page_reads_little_however_busy_the_person(people, who, works):
    plans = plans_of(people[who].get_absolute_url())
    assert len(plans) == 2
    assert [plan.rows for plan in plans] == [1, min(21, people[who].works_count)]
    assert plans[0].buffers <= 20
    assert plans[1].buffers <= works
    assert scanned(plans) == set()


@pytest.mark.parametrize("who", ["page", "busiest", "single"])
def test_a_stored_slice_is_one_small_query(people, who):
    for path, headers in (("graph/", SLICE_HEADERS), ("graph/?format=json", {})):
        (plan,) = plans_of(people[who].get_absolute_url() + path, headers)
        assert plan.buffers <= 20
        assert scanned([plan]) == set()


def test_searches_read_from_indexes(people):
    for author in people.values():
        plans = plans_of(search_for(author.name))
        assert plans[1].rows >= 1
        assert max(plan.buffers for plan in plans) <= 60
        assert scanned(plans) == set()
    for work in Work.objects.filter(pk__in=[1, 1_000, 2_000]):
        plans = plans_of(search_for(work.title))
        assert plans[-1].rows >= 1
        assert max(plan.buffers for plan in plans) <= 60
        assert scanned(plans) == set()


def test_explaining_counts_what_is_read_and_sees_a_scan(people):
    """The measure itself: an unindexed question must be told from an indexed one."""
    indexed, whole = (
        explain(statements_of(rows.exists)[0]) for rows in (Work.objects.filter(pk=5), Work.objects.filter(abstract="of no work"))
    )
    assert (indexed.scanned, whole.scanned) == (frozenset(), {"works_work"})
    assert indexed.buffers < 6 < 100 < whole.buffers


@pytest.mark.usefixtures("populated")
def test_plans(benchmark, report):
    def row(name: str, paths: list[str], headers: dict[str, str] | None = None) -> list[str]:
        pages = [plans_of(path, headers) for path in paths]
        sums = [sum(plan.buffers for plan in plans) for plans in pages]
        scans = set().union(*(scanned(plans) for plans in pages))
        queries = sorted({len(plans) for plans in pages})
        asked = str(queries[0]) if len(queries) == 1 else f"{queries[0]}–{queries[-1]}"
        return [name, asked, f"{median(sums):,.0f}", f"{max(sums):,}", ", ".join(sorted(scans)) or "none"]

    def measure() -> list[list[str]]:
        person, hub, anybody = middling_person(), Author.objects.get(pk=HUB), random_people(40)
        texts = searches(40)
        return [
            row(f"researcher page, {person.works_count} works", [person.get_absolute_url()]),
            row("researcher page, anybody", [author.get_absolute_url() for author in anybody]),
            row(f"researcher page, the busiest ({hub.works_count} works)", [hub.get_absolute_url()]),
            row("stored slice, HTML part", [author.get_absolute_url() + "graph/" for author in anybody], SLICE_HEADERS),
            row("stored slice, JSON", [author.get_absolute_url() + "graph/?format=json" for author in anybody]),
            row("search: a whole name", [search_for(text) for text in texts[0::4]]),
            row("search: beginnings of a name", [search_for(text) for text in texts[1::4]]),
            row("search: one common word of titles", [search_for(text) for text in texts[2::4]]),
            row("search: several words of a title", [search_for(text) for text in texts[3::4]]),
            row("work page", [reverse("works:work", args=[work.public_id]) for work in Work.objects.filter(pk__in=range(1, 20_000, 500))]),
        ]

    rows = benchmark.pedantic(measure, rounds=1)
    head = ["", "queries", "buffers, median", "most", "read from end to end"]
    report("plans", f"{WORKS:,} works; shared buffers (pages of 8 KB) touched by all queries of a page.\n\n{table(head, rows)}")
