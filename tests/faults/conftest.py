"""What the files of faults share: the stores, the site before them, a world on it, and the look at everything after each fault."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.faults import invariants
from tests.faults.figures import Figures
from tests.faults.site import ANEW, Readers, Site, wait_until
from tests.faults.stores import Stores, current
from tests.faults.world import Deeds, known_authors, populate, settle

SEED = int(os.environ.get("FAULTS_SEED", "1"))
_figures = Figures()
_begun = time.monotonic()


@pytest.fixture(scope="session")
def stores(django_db_blocker: Any) -> Iterator[Stores]:
    """This process's own Postgres, broker and cache, to which `connection` leads."""
    with django_db_blocker.unblock():
        yield current()


@pytest.fixture(scope="session")
def world(stores: Stores) -> None:
    populate()


@pytest.fixture(scope="session")
def running_site(stores: Stores, world: None) -> Iterator[Site]:
    site = Site(stores)
    try:
        site.start()
        wait_until(site.is_healthy, 60, "an answer of the web server")
        settle()
        yield site
    finally:
        site.close()


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    """The running site. When the test is over, all runs as before, what is owed is done, and every invariant holds."""
    yield running_site
    for proxy in running_site.proxies.values():
        proxy("pass")
    running_site.start()
    wait_until(running_site.is_healthy, 60, "an answer of the web server after the fault")
    settle()
    invariants.check()


@pytest.fixture
def deeds(stores: Stores, world: None, request: pytest.FixtureRequest) -> Deeds:
    (stores.folder / "data").mkdir(exist_ok=True)
    return Deeds(seed_of(request), stores.folder / "data")


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Random:
    return Random(seed_of(request))


def seed_of(request: pytest.FixtureRequest) -> str:
    """Each test has a sequence of its own, whichever others run: it follows from the seed and the test's name."""
    return f"{SEED} {request.node.name}"


@pytest.fixture
def pages(world: None) -> list[str]:
    """Pages that are made anew each time: researchers, works, topics and searches."""
    people = known_authors()[:40]
    return [f"{author.get_absolute_url()}{ANEW}" for author in people] + [f"/search/?q={author.name.split()[-1]}" for author in people[:10]]


@pytest.fixture
def readers(site: Site, pages: list[str]) -> Readers:
    """Four readers, who begin with `with`."""
    return Readers(site.port, pages)


@pytest.fixture
def figures(capsys: pytest.CaptureFixture[str]) -> Iterator[Figures]:
    before = len(_figures.rows)
    yield _figures
    with capsys.disabled():
        for measure, what, figure, bar, is_reached in _figures.rows[before:]:
            print(f"\n    {measure:<4} {what}: {figure} (bar {bar}){'' if is_reached else ' NOT REACHED'}", end="")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Publish where that is asked for; and fail where a bar was not reached."""
    if os.environ.get("FAULTS_PUBLISH"):
        print(f"\n\n{_figures.publish(os.environ['FAULTS_PUBLISH'], time.monotonic() - _begun)}")
    missed = [f"{measure} {what}: {figure}, bar {bar}" for measure, what, figure, bar, is_reached in _figures.rows if not is_reached]
    if missed:
        print("\n\nNot reached:", *missed, sep="\n  ")
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
