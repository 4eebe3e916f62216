"""Searching and completing on a large record, beside a look-up by key, Postgres' trigrams and its full-text index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.benchmarks.conftest import ROUNDS, WORKS
from tests.benchmarks.plans import Statement, statements_of
from tests.benchmarks.population import random_people, searches
from tests.benchmarks.report import figure, table
from works.models import Author, Work
from works.models.completion import complete
from works.models.finding import find_people, find_works
from works.names import fold

PEOPLE = 150
LOOK_UP = "SELECT name, public_id FROM works_author WHERE id = %s"
FULL_TEXT = """
    SELECT id FROM works_work, plainto_tsquery('english', %s) AS query WHERE title_search @@ query AND merged_into_id IS NULL
    ORDER BY ts_rank(title_search, query) DESC, year DESC, id LIMIT 20
"""
TRIGRAMS = """
    SELECT id FROM works_author WHERE name_key %% %s AND works_count > 0
    ORDER BY similarity(name_key, %s) DESC, works_count DESC LIMIT 10
"""


@pytest.fixture
def trigrams(searchable: None, django_db_blocker: Any) -> Iterator[None]:
    """The usual index for misspelt names."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("CREATE INDEX IF NOT EXISTS bench_trigrams ON works_author USING gin (name_key gin_trgm_ops)")
        yield
        cursor.execute("DROP INDEX bench_trigrams")


def rows_of(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def took(call: Callable[[], Any]) -> float:
    """Milliseconds."""
    start = perf_counter()
    call()
    return (perf_counter() - start) * 1000


def misspelt(name: str, rng: Random) -> str:
    """A name with one letter of its longest word missing."""
    word = max(name.split(), key=len)
    place = rng.randrange(1, len(word))
    return name.replace(word, word[:place] + word[place + 1 :], 1)


def p95(times: list[float]) -> float:
    return quantiles(times, n=20)[18]


def line(name: str, times: list[float], beside: list[float], *more: str) -> list[str]:
    ratios = f"{median(times) / median(beside):.2f}×", f"{p95(times) / p95(beside):.2f}×"
    return [name, f"{figure(median(times))} ms", f"{figure(p95(times))} ms", *ratios, *more]


@pytest.mark.usefixtures("searchable")
def test_search_completions(benchmark, report):
    rng = Random(7)
    people = random_people(PEOPLE)
    one = [fold(author.name).split()[-1][: 1 + n % 8] for n, author in enumerate(people)]
    several = [" ".join([*(words := fold(author.name).split())[:-1], words[-1][:2]]) for author in people]
    titles = [" ".join(work.title.split()[:3])[:-2] for work in Work.objects.filter(pk__in=rng.sample(range(1, WORKS), PEOPLE))]
    kinds = {"one word begun": one, "a word and another begun": several, "three words of a title, the last begun": titles}
    statements: dict[str, list[Statement]] = {
        name: [statement for text in texts for statement in statements_of(partial(complete, text))] for name, texts in kinds.items()
    }

    def measure() -> dict[str, list[float]]:
        times: dict[str, list[float]] = {name: [] for name in ("look-up", *kinds)}
        for _ in range(ROUNDS + 1):
            for place, author in enumerate(people):
                times["look-up"].append(took(lambda: rows_of(LOOK_UP, [author.pk])))  # noqa: B023  # called at once
                for name, its in statements.items():
                    times[name].append(took(lambda: rows_of(*its[place])))  # noqa: B023
        return {name: its[PEOPLE:] for name, its in times.items()}  # the first round warms up

    times = benchmark.pedantic(measure, rounds=1)
    rows = [line(name, its, times["look-up"]) for name, its in times.items()]
    head = ["", "median", "p95", "of a look-up by key", "the same of p95"]
    said = f"{WORKS:,} works, {Author.objects.count():,} people; {PEOPLE} texts of each kind in {ROUNDS} interleaved rounds."
    report("completions", f"{said}\n\n{table(head, rows)}")


@pytest.mark.usefixtures("trigrams")
def test_search_misspelt(benchmark, report):
    rng = Random(11)
    people = random_people(PEOPLE)
    typed = [misspelt(author.name, rng) for author in people]

    def measure() -> tuple[dict[str, list[float]], dict[str, int]]:
        times: dict[str, list[float]] = {"own": [], "trigrams": []}
        hits = dict.fromkeys(times, 0)
        for _ in range(ROUNDS):
            hits = dict.fromkeys(times, 0)
            for author, text in zip(people, typed, strict=True):
                key, found = fold(text), {}
                times["own"].append(took(lambda: found.update(own=find_people(text).ids[:10])))  # noqa: B023
                times["trigrams"].append(took(lambda: found.update(trigrams=[i for (i,) in rows_of(TRIGRAMS, [key, key])])))  # noqa: B023
                same = set(Author.objects.filter(name_key=author.name_key).values_list("pk", flat=True))
                for name, ids in found.items():
                    hits[name] += not same.isdisjoint(ids)
        return times, hits

    times, hits = benchmark.pedantic(measure, rounds=1)
    names = {"own": "find_people", "trigrams": "trigram GIN, the ten most similar"}
    rows = [line(label, times[name], times["trigrams"], f"{hits[name] / PEOPLE:.3f}") for name, label in names.items()]
    head = ["", "median", "p95", "of trigrams", "the same of p95", "recall at 10"]
    said = f"{WORKS:,} works, {Author.objects.count():,} people; {PEOPLE} names with one letter missing, {ROUNDS} interleaved rounds."
    report("misspelt", f"{said}\n\n{table(head, rows)}")


@pytest.mark.usefixtures("searchable")
def test_search_deep_pages(benchmark, report):
    client = Client()
    common = max((fold(author.name).split()[0] for author in random_people(PEOPLE)), key=lambda word: len(find_people(word).ids))
    paths = {
        "works with a word that every title has": "/search/?q=case&kind=works",
        "people with the most common name": f"/search/?q={common}&kind=people",
    }

    def measure() -> dict[str, tuple[list[float], list[float]]]:
        times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in paths}
        for number in range(5 * ROUNDS + 1):
            for name, path in paths.items():
                first, deep = (took(partial(client.get, f"{path}&page={page}")) for page in (1, 50))
                if number:
                    times[name][0].append(first)
                    times[name][1].append(deep)
        return times

    times = benchmark.pedantic(measure, rounds=1)
    rows = [
        [name, f"{figure(median(first))} ms", f"{figure(median(deep))} ms", f"{median(deep) / median(first):.2f}×"]
        for name, (first, deep) in times.items()
    ]
    head = ["", "first page", "deepest page", "deepest / first"]
    report("deep pages", f"{WORKS:,} works; the whole page with its choices, median of {5 * ROUNDS} interleaved.\n\n{table(head, rows)}")


@pytest.mark.usefixtures("searchable")
def test_search_titles(benchmark, report):
    texts = searches(PEOPLE * 2)
    kinds = {"one common word": texts[2::4], "four words": texts[3::4]}

    def measure() -> dict[str, tuple[list[float], list[float]]]:
        times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in kinds}
        for _ in range(ROUNDS):
            for name, its in kinds.items():
                for text in its:
                    times[name][0].append(took(lambda: find_works(text)))  # noqa: B023
                    times[name][1].append(took(lambda: rows_of(FULL_TEXT, [fold(text)])))  # noqa: B023
        return times

    times = benchmark.pedantic(measure, rounds=1)
    rows = [
        [name, *(f"{figure(value)} ms" for value in (median(own), p95(own), median(whole), p95(whole))), f"{p95(own) / p95(whole):.2f}×"]
        for name, (own, whole) in times.items()
    ]
    head = ["", "find_works", "p95", "full-text GIN, twenty best", "p95", "/ of p95"]
    report("titles", f"{WORKS:,} works; {len(kinds['four words'])} texts of each kind, {ROUNDS} interleaved rounds.\n\n{table(head, rows)}")
