"""Redis that is away, silent, started again or full. It may vanish at any moment and cost nothing but speed."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.faults.site import Readers, Site, percentile, rate, recovered_after
from tests.faults.stores import Stores

SECONDS = 7.0  # longer than a breaker rests, so that the second look is in it
MOST_ADDED = 0.250


@contextlib.contextmanager
def down(stores: Stores, site: Site) -> Iterator[None]:
    """Both servers are killed, and started again from what they wrote."""
    for store in (stores.broker, stores.cache):
        store.stop(signal.SIGKILL)
    try:
        yield
    finally:
        for store in (stores.broker, stores.cache):
            store.start()


@contextlib.contextmanager
def hung(stores: Stores, site: Site) -> Iterator[None]:
    """Both accept connections and say nothing: SIGSTOP."""
    with stores.broker.frozen(), stores.cache.frozen():
        yield


@contextlib.contextmanager
def black_hole(stores: Stores, site: Site) -> Iterator[None]:
    """The network between swallows everything."""
    for name in ("broker", "cache"):
        site.proxies[name]("hang")
    try:
        yield
    finally:
        for name in ("broker", "cache"):
            site.proxies[name]("cut")


@contextlib.contextmanager
def refused(stores: Stores, site: Site) -> Iterator[None]:
    for name in ("broker", "cache"):
        site.proxies[name]("refuse")
    try:
        yield
    finally:
        for name in ("broker", "cache"):
            site.proxies[name]("pass")


@contextlib.contextmanager
def full(stores: Stores, site: Site) -> Iterator[None]:
    """Neither takes another byte: as one that may not evict, with its memory used up."""
    clients = [stores.client(name) for name in ("broker", "cache")]
    for client in clients:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1")
    try:
        yield
    finally:
        for client, policy, most in zip(clients, ("noeviction", "allkeys-lru"), ("0", "128mb"), strict=True):
            client.config_set("maxmemory", most)
            client.config_set("maxmemory-policy", policy)
            client.close()


@contextlib.contextmanager
def slow(stores: Stores, site: Site) -> Iterator[None]:
    """Each answer takes 60 ms on its way: not slow enough to be given up."""
    for name in ("broker", "cache"):
        site.proxies[name]("delay 0.03")
    try:
        yield
    finally:
        for name in ("broker", "cache"):
            site.proxies[name]("pass")


FAULTS: dict[str, Callable[[Stores, Site], contextlib.AbstractContextManager[None]]] = {
    "down": down,
    "hung": hung,
    "behind a black hole": black_hole,
    "refused": refused,
    "full": full,
    "slow": slow,
}


@pytest.mark.parametrize("name", FAULTS)
def test_reading_goes_on_while_redis_is(name, site, stores, deeds, pages, figures):
    """Pages that strangers get from the cache, pages that ask for a slice's build, searches that are counted: none fails or waits."""
    people = [page.removesuffix("?made=anew") for page in pages if "?made" in page]
    slots = [page.replace("/researchers/", "/graph/") for page in people[20:40]]
    paths = [path for group in zip(people, pages, strict=False) for path in group] + [page for page in pages if "search" in page]
    with Readers(site.port, paths) as readers:
        time.sleep(3)
        before = time.monotonic()
        usual = rate(readers.answers, before - 2, 2)
        with FAULTS[name](stores, site):
            deeds.ask_for_slices(3)
            for path in slots[:5]:
                httpx.get(f"{site.address}{path}", timeout=10, trust_env=False)
            time.sleep(max(0.0, SECONDS - (time.monotonic() - before)))
        after = time.monotonic()
        deeds.import_some(30)
        time.sleep(8)
    during = [answer for answer in readers.answers if before <= answer.at < after]
    normal = [answer for answer in readers.answers if answer.at < before]
    added = percentile(during, 0.99) - percentile(normal, 0.99)
    worst = max(answer.seconds for answer in during)
    seconds = recovered_after(readers, after, usual)
    figures.put("R7", f"failed reads with Redis {name}, of {len(during)}", str(len(readers.failures)), "0", is_reached=not readers.failures)
    figures.put(
        "R7", f"time added to the p99 with Redis {name}", f"{max(0, added) * 1000:.0f} ms (worst {worst * 1000:.0f} ms)", "250 ms",
        is_reached=added <= MOST_ADDED,
    )  # fmt: skip
    figures.bound("R8", f"Redis {name} → full speed", seconds, 15)
    assert readers.failures == []


def test_the_broker_is_started_again_and_its_messages_are_there(site, stores, deeds):
    """It writes what it takes to its disk: messages that waited when it was killed are worked on afterwards."""
    site.stop("worker", "import")
    deeds.ask_for_slices(10)
    with stores.client("broker") as client:
        waiting = client.llen("faults:default")
    time.sleep(1.5)  # it writes every second
    stores.broker.stop(signal.SIGKILL)
    stores.broker.start()
    with stores.client("broker") as client:
        assert client.llen("faults:default") >= waiting >= 10


def test_the_broker_is_emptied(site, stores, deeds):
    """Every message is lost. What is owed stands in Postgres: the sweeps find it."""
    site.stop("worker", "import")
    deeds.everything()
    with stores.client("broker") as client:
        client.flushall()
