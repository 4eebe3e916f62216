"""`python -m tests.benchmarks.corpus 1000000`: fill the database of DATABASE_URL with the synthetic corpus, for benchmarks to read.

The database must exist and be empty; it gets the tables, the rows, and all that workers derive from them, and may be kept for as long as
the schema stays as it is: `BENCH_DATABASE=its_name make bench` then measures on it. What each step took is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("works", type=int)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bzpeer.settings")
    django.setup()
    fill(given.works, processes=given.processes)


def fill(works: int, *, processes: int) -> None:
    """What `populate` does, in processes of their own where rows are made, and with the indexes made once the rows are there."""
    from django.core.management import call_command
    from django.db import connection, transaction

    from graph.actions.collaborations import rebuild_graph
    from profiles.actions.trust import rebuild_trust
    from tests.benchmarks import generator
    from works.actions.bulk import indexes_afterwards
    from works.actions.search import rebuild_search
    from works.actions.shelves import rebuild_shelves
    from works.actions.summaries import refresh_summaries

    with step("tables"):
        call_command("migrate", interactive=False, verbosity=0)
    with step("corpus"):
        corpus = generator.SyntheticCorpus(works)
        corpus.author_cards, corpus.topic_cards, corpus.blocks  # noqa: B018  (made once, before the processes part)
        gc.freeze()
    with indexes_afterwards(["works_author"]):
        with indexes_afterwards(generator.TABLES_OF_WORKS):
            with step("authors"):
                generator.load_what_works_have(corpus)
            with step("works"):
                side_by_side(lambda start: generator.load_stretch(corpus, start), corpus.starts, processes)
            begun = perf_counter()
        say("indexes of works", begun)
        generator.count_on()
        with step("summaries"):
            side_by_side(transaction.atomic(lambda some: refresh_summaries(author_ids=some)), generator.stretches(corpus), processes)
        begun = perf_counter()
    say("indexes of authors", begun)
    with step("collaborations"):
        rebuild_graph()
    with step("shelves"):
        rebuild_shelves()
    with step("trust"):
        rebuild_trust(limit=1_000, processes=processes)
    with step("search"):
        rebuild_search()
    with step("vacuum"), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def side_by_side(work: Callable[[Any], Any], parts: Sequence[Any], processes: int) -> None:
    """Do `work` for every part in processes that begin with this one's memory, each with a connection of its own."""
    from django.db import connection

    connection.close()
    forking = multiprocessing.get_context("fork")
    children = [forking.Process(target=each, args=(work, parts[place::processes])) for place in range(processes)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    if failed := [child.exitcode for child in children if child.exitcode]:
        raise RuntimeError(f"processes ended with {failed}")


def each(work: Callable[[Any], Any], parts: Sequence[Any]) -> None:
    for part in parts:
        work(part)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    begun = perf_counter()
    yield
    say(name, begun)


def say(name: str, begun: float) -> None:
    print(f"{name}: {perf_counter() - begun:,.1f} s", flush=True)


if __name__ == "__main__":
    main()
