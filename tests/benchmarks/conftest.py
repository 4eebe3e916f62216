"""What the benchmarks share: a populated database, the web server as `manage.py serve` starts it, and the report."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.db import connection

from bzpeer.embedded.server import free_port
from bzpeer.management.commands.serve import web_command
from tests.benchmarks.databases import own_database
from tests.benchmarks.generator import SyntheticCorpus, load
from tests.benchmarks.population import Scene, populate, scenes
from tests.benchmarks.report import publish
from tests.conftest import database_environment, running
from tests.waiting import wait_for
from works.actions.search import rebuild_search
from works.models import Work

WORKS = int(os.environ.get("BENCH_WORKS", "20000"))
# A database that tests.benchmarks.corpus has filled with WORKS works: benchmarks take a copy of it instead of making their own.
FILLED = os.environ.get("BENCH_DATABASE", "")
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


@pytest.fixture(scope="session")
def populated(django_db_blocker: Any) -> Iterator[list[Scene]]:
    """A benchmark database with the synthetic corpus, to which `connection` leads; what is to be asked of it."""
    with django_db_blocker.unblock(), own_database("pages", like=FILLED or "template1"):
        if not FILLED:
            populate(WORKS)
        assert Work.objects.count() == WORKS
        yield scenes()


@pytest.fixture(scope="session")
def searchable(django_db_blocker: Any) -> Iterator[None]:
    """A benchmark database with the synthetic corpus and the index of its words, and nothing that follows from it."""
    with django_db_blocker.unblock(), own_database("search", like=FILLED or "template1"):
        if not FILLED:
            load(SyntheticCorpus(WORKS))
            rebuild_search()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        yield


@pytest.fixture(autouse=True)
def searching_as_often_as_wanted(settings: Any) -> None:
    settings.SEARCHES_A_MINUTE = settings.SUGGESTIONS_A_MINUTE = 10**9


@pytest.fixture(scope="module")
def port(populated: list[Scene], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The site on the populated database, started as `manage.py serve` starts it; its port."""
    free = free_port()
    command, environment = web_command(free, application="tests.benchmarks.wsgi:application")
    with running(command, tmp_path_factory.mktemp("site") / "site.log", database_environment() | environment) as process:

        def answers() -> bool:
            assert process.poll() is None, f"the web server ended with status {process.returncode}"
            try:
                return httpx.get(f"http://127.0.0.1:{free}/healthz", timeout=5, trust_env=False).is_success
            except httpx.TransportError:
                return False

        wait_for(answers, "an answer of the web server")
        yield free


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[[str, str], None]:
    """A function that puts figures into docs/performance.md and prints them."""

    def put(section: str, body: str) -> None:
        text = publish(section, body)
        with capsys.disabled():
            print(f"\n\n{text}\n")

    return put
