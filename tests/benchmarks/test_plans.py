"""What the pages' queries read. The ceilings hold in the ordinary suite: buffers do not depend on what else the machine does."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from graph.loading.loaders import LOADERS
from graph.loading.paths import TIES, connect
from graph.loading.similar import load_candidates
from graph.models import Slice
from graph.paths import LIMITS
from graph.slices import LIMITS as SLICE_LIMITS
from profiles.loading.feed import feed_page
from profiles.models import Follow, User
from tests.benchmarks.conftest import WORKS
from tests.benchmarks.databases import own_database
from tests.benchmarks.generator import HUB
from tests.benchmarks.plans import Plan, explain, statements_of
from tests.benchmarks.population import ANEW, WHOLE_PAGE, build_slices, middling_person, populate, random_people, searches
from tests.benchmarks.report import table
from works.actions.shelves import rebuild_shelves
from works.models import Author, Topic, Work

FEW_WORKS = 3_000
RECORD = frozenset({"works_work", "works_authorship", "works_author"})
SLICE_HEADERS = {"HX-Request": "true"}


def plans_of(path: str, headers: dict[str, str] | None = None) -> list[Plan]:
    """How Postgres runs the queries of a page for a stranger."""
    client = Client(headers=headers)

    def get() -> None:
        assert client.get(path).status_code == 200

    for _ in range(2):  # whatever a process computes once is computed now, and what is kept for strangers is kept
        get()
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
    plans = plans_of(people[who].get_absolute_url() + ANEW)
    assert len(plans) == 2
    assert [plan.rows for plan in plans] == [1, min(21, people[who].works_count)]
    assert plans[0].buffers <= 20
    assert plans[1].buffers <= works
    assert scanned(plans) == set()


@pytest.mark.parametrize(("who", "buffers"), [("page", 150), ("busiest", 150), ("single", 25)])
def test_a_kept_page_asks_only_whether_it_still_holds(people, who, buffers):
    (plan,) = plans_of(people[who].get_absolute_url())
    assert plan.rows == 1
    assert plan.buffers <= buffers
    assert scanned([plan]) == set()


@pytest.mark.parametrize("who", ["page", "busiest", "single"])
def test_a_stored_slice_is_one_small_query(people, who):
    for path, headers in ((f"graph/{ANEW}", SLICE_HEADERS), ("graph/", SLICE_HEADERS), ("graph/?format=json", {})):
        (plan,) = plans_of(people[who].get_absolute_url() + path, headers)
        assert plan.buffers <= 20
        assert scanned([plan]) == set()


def test_a_path_reads_a_bounded_number_of_ties_from_indexes(people):
    """Whoever the two are: of each person no more ties than are followed, of each hop no more people than may be asked."""
    page, busiest, single = people["page"], people["busiest"], people["single"]
    for pair in ((page, busiest), (single, busiest), (page, single)):
        cache.clear()
        statements = statements_of(partial(connect, *pair))
        plans = [explain(statement) for statement in statements]
        ties = [(plan, parameters["people"]) for plan, (sql, parameters) in zip(plans, statements, strict=True) if sql == TIES]
        assert len(ties) <= LIMITS.hops
        assert sum(len(asked) for _, asked in ties) <= 2 * LIMITS.people
        assert all(plan.rows <= len(asked) * (LIMITS.ties + 1) for plan, asked in ties)
        assert all(plan.buffers <= 4 * len(asked) * (LIMITS.ties + 1) for plan, asked in ties)
        assert not any((RECORD | {"graph_collaboration"}) & plan.scanned for plan in plans)


def test_who_is_similar_is_read_in_bounded_parts(people):
    rebuild_shelves()
    for author in people.values():
        plans = [explain(statement) for statement in statements_of(partial(load_candidates, author.pk))]
        assert len(plans) == 7
        assert [plan.rows <= most for plan, most in zip(plans, (1, 40, 800, 5150, 240, 8241, 2410), strict=True)] == [True] * 7
        assert not any((RECORD | {"graph_collaboration"}) & plan.scanned for plan in plans)


def test_building_a_slice_reads_what_its_bounds_allow(people):
    """However many works and collaborators somebody has, and however long a byline is: the rows looked at are bounded by parameters."""
    limits = SLICE_LIMITS
    # Both halves of the pairs, and who they are; the newest works; the bylines of those with at most fifty authors, with what
    # is printed there; topics, a thousand at most, with their labels; the pairs among the people; references.
    allowed = 4 * limits.people + 2 * limits.works + 3 * 50 * limits.works + 2 * 1_000 + limits.people**2 // 2
    longest = Work.objects.order_by("-authors_count")[0]
    assert longest.authors_count > 400
    for kind, subject in [*(("person", author) for author in people.values()), ("work", longest)]:
        plans = [explain(statement) for statement in statements_of(partial(LOADERS[kind], subject.pk))]
        assert sum(plan.read for plan in plans) <= allowed + 2 * 500 + 20 * 10 * 2
        assert "works_authorship" not in scanned(plans)


def test_a_full_slice_adds_little_to_a_page(people):
    fragment = Slice.objects.get(author=people["busiest"]).fragment
    assert fragment.count('<a class="node') > 100
    assert len(gzip.compress(fragment.encode())) <= 12_000


def test_searches_read_from_indexes(people):
    for author in people.values():
        plans = plans_of(search_for(author.name))
        assert plans[1].rows >= 1
        assert max(plan.buffers for plan in plans) <= 100
        assert scanned(plans) == set()
    for work in Work.objects.filter(pk__in=[1, 1_000, 2_000]):
        plans = plans_of(search_for(work.title))
        assert plans[-1].rows >= 1
        assert max(plan.buffers for plan in plans) <= 100
        assert scanned(plans) == set()


def test_choices_are_counted_among_what_was_found_and_no_page_costs_more_than_the_first(people):
    """Every title of the corpus has the word "case": three times as many as are looked through."""
    first, deepest = (plans_of(f"/search/?q=case&kind=works&page={page}") for page in (1, 50))
    for plans in (first, deepest):
        assert scanned(plans) <= {"works_work"}  # of three thousand works two thousand are candidates
        [choices] = [plan for plan in plans if "'registry'" in plan.sql]
        assert (choices.scanned & {"works_work", "works_worktopic"}, choices.buffers <= 13 * 1_000) == (set(), True)
        assert not any(re.search(r"count\(\*\) FROM works_(work|author)\b(?! WHERE)", plan.sql) for plan in plans)
    assert sum(plan.buffers for plan in deepest) <= 1.2 * sum(plan.buffers for plan in first)
    name = people["busiest"].name.split()[0]
    found = plans_of(f"/search/?q={name}&kind=people")
    assert scanned(found) == set()
    assert sum(plan.buffers for plan in found) <= 200 + 25 * Author.objects.matching_name(name).count()


@pytest.mark.parametrize(("text", "buffers"), [("a", 60), ("ros", 100), ("case und", 600), ("robu", 700), ("scalable learn", 600)])
def test_suggestions_are_one_statement_over_a_bounded_part_of_the_indexes(people, text, buffers):
    [plan] = plans_of(f"/search/suggest/?q={text}", SLICE_HEADERS)
    assert scanned([plan]) == set()
    assert plan.buffers <= buffers


def test_a_feed_reads_little_of_each_thing_that_is_followed(people):
    """However much stands there: of the busiest person, of topics with hundreds of works, of words that hundreds of titles have."""
    rebuild_shelves()
    reader = User.objects.create(email="reader@bench.example")
    topics = Topic.objects.order_by("pk").values_list("pk", flat=True)[:20]
    followed = [*people.values(), *Author.objects.with_works().order_by("pk")[10:87]]
    words = [title.split()[0] for title in Work.objects.order_by("pk").values_list("title", flat=True)[:200]]
    Follow.objects.bulk_create(
        [
            *(Follow(user=reader, author=author) for author in {author.pk: author for author in followed}.values()),
            *(Follow(user=reader, topic_id=topic) for topic in topics),
            *(Follow(user=reader, search=f"q={word}") for word in sorted(set(words))[:5]),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE profiles_follow, works_shelvedwork, works_titleword")
    plans = [explain(statement) for statement in statements_of(lambda: feed_page(reader))]
    assert len(plans) == 6
    assert scanned(plans) == set()
    assert sum(plan.buffers for plan in plans) <= 4_000, [(plan.buffers, plan.sql[:80]) for plan in plans]


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
            row(f"researcher page, {person.works_count} works", [person.get_absolute_url() + ANEW]),
            row("researcher page, anybody", [author.get_absolute_url() + ANEW for author in anybody]),
            row(f"researcher page, the busiest ({hub.works_count} works)", [hub.get_absolute_url() + ANEW]),
            row("researcher page, anybody, kept", [author.get_absolute_url() for author in anybody]),
            row("stored slice, HTML part", [author.get_absolute_url() + f"graph/{ANEW}" for author in anybody], SLICE_HEADERS),
            row("stored slice, HTML part, kept", [author.get_absolute_url() + "graph/" for author in anybody], SLICE_HEADERS),
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
