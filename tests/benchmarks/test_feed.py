"""How long Postgres takes for a page of the feed of somebody who follows a great deal."""

from __future__ import annotations

from functools import partial
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from django.db import connection

from profiles.loading.feed import START, Place, feed_page
from profiles.models import Follow, User
from tests.benchmarks.conftest import ROUNDS, WORKS
from tests.benchmarks.generator import HUB
from tests.benchmarks.plans import explain, statements_of
from tests.benchmarks.report import figure, table
from works.models import Author, Topic, Work

READERS = 20
PAGES = 4


def follow_much(number: int, *, searches: int = 0, seed: int = 7) -> list[User]:
    """Readers who follow so many things: the busiest person, a tenth of them topics, the rest anybody; and searches for words of titles."""
    rng = Random(seed)
    people = list(Author.objects.with_works().order_by("pk").values_list("pk", flat=True))
    topics = list(Topic.objects.order_by("pk").values_list("pk", flat=True))
    titles = [title.split() for title in Work.objects.order_by("pk").values_list("title", flat=True)[:500]]
    readers = User.objects.bulk_create(User(email=f"reader{number}.{searches}.{place}@bench.example") for place in range(READERS))
    for reader in readers:
        of_topics = rng.sample(topics, min(number // 10, len(topics)))
        of_people = {HUB, *rng.sample(people, number - len(of_topics) - searches - 1)}
        words = {" ".join(rng.choice(titles)[: rng.choice((1, 2, 4))]).strip(":") for _ in range(4 * searches)}
        Follow.objects.bulk_create(
            [
                *(Follow(user=reader, topic_id=topic) for topic in of_topics),
                *(Follow(user=reader, author_id=author) for author in sorted(of_people)),
                *(Follow(user=reader, search=f"q={words.replace(' ', '+')}") for words in sorted(words)[:searches]),
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE profiles_follow")
    return readers


class Stopwatch:
    """Adds up how long the statements take that go through Django's connection, the reading of their rows included in neither."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        begun = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += perf_counter() - begun


def in_the_database(reader: User) -> list[float]:
    """Milliseconds in Postgres for each of the first pages of a reader's feed."""
    found, place = [], START
    for _ in range(PAGES):
        watch = Stopwatch()
        with connection.execute_wrapper(watch):
            items, following = feed_page(reader, before=place)
        assert items
        found.append(watch.seconds * 1_000)
        if following is None:
            break
        place = Place.read(following.write()) or START
    return found


@pytest.mark.usefixtures("populated")
def test_feed(benchmark, report):
    def measure() -> list[list[str]]:
        rows = []
        for number, searches in ((10, 0), (100, 0), (100, 20), (1_000, 0), (1_000, 20)):
            readers = follow_much(number, searches=searches)
            in_the_database(readers[0])
            times = sorted(time for _ in range(ROUNDS) for reader in readers for time in in_the_database(reader))
            buffers = sum(explain(statement).buffers for statement in statements_of(partial(feed_page, readers[0])))
            named = f"{number:,} follows" + (f", {searches} of them searches" if searches else "")
            rows.append([named, f"{figure(median(times))} ms", f"{figure(times[int(len(times) * 0.95)])} ms", f"{buffers:,}"])
        return rows

    rows = benchmark.pedantic(measure, rounds=1)
    head = ["", "p50", "p95", "buffers of a first page"]
    report(
        "feed",
        f"{WORKS:,} works; the first {PAGES} pages of thirty items of {READERS} readers each, {ROUNDS} times; all statements of a page."
        f"\n\n{table(head, rows)}",
    )
