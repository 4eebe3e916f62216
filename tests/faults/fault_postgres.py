"""Postgres that is restarted, cut off, slow, locked or out of connections. It is the only truth: without it the site says so, soon."""

from __future__ import annotations

import contextlib
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connection, connections

from tests.faults.site import ANEW, Readers, percentile, rate, recovered_after, wait_until
from tests.faults.world import known_authors

MOST_FAILED = 4


@pytest.mark.parametrize(("how", "number"), [("fast", signal.SIGINT), ("immediate", signal.SIGQUIT)])
def test_postgres_is_restarted(how, number, site, stores, deeds, readers: Readers, figures):
    """As an upgrade does it, or a crash: open transactions are lost, requests in flight may fail, and no more than those."""
    deeds.import_some(60)
    with readers:
        time.sleep(3)
        begun = time.monotonic()
        usual = rate(readers.answers, begun - 2, 2)
        connection.close()
        stores.postgres.stop(number)
        stores.postgres.start()
        back = time.monotonic()
        time.sleep(12)
    seconds = recovered_after(readers, back, usual)
    told = f"failed reads in a Postgres restart ({how}, {back - begun:.1f} s), 4 clients"
    failed = len(readers.failures)
    figures.put("R6", told, str(failed), str(MOST_FAILED), is_reached=failed <= MOST_FAILED)
    figures.bound("R8", f"Postgres restarted ({how}) → full speed", seconds, 15)
    assert {answer.status for answer in readers.failures} <= {503}


def test_backends_are_killed(site, readers: Readers, figures):
    """Every connection of the site is ended at its server's side, and the next request takes a new one."""
    with readers:
        time.sleep(2)
        begun = time.monotonic()
        usual = rate(readers.answers, begun - 1.5, 1.5)
        for _ in range(3):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            time.sleep(0.7)
        time.sleep(12)  # longer than Retry-After says
    failed = len(readers.failures)
    figures.put("R6", "failed reads when all backends are ended three times, 4 clients", str(failed), "12", is_reached=failed <= 12)
    figures.bound("R8", "backends ended → full speed", recovered_after(readers, begun + 2.1, usual), 15)
    assert {answer.status for answer in readers.failures} <= {503}


def test_the_network_to_postgres_is_cut(site, readers: Readers, figures):
    with readers:
        time.sleep(2)
        begun = time.monotonic()
        usual = rate(readers.answers, begun - 1.5, 1.5)
        site.proxies["postgres"]("refuse")
        time.sleep(2)
        site.proxies["postgres"]("pass")
        back = time.monotonic()
        time.sleep(9)
    away = [answer for answer in readers.answers if begun <= answer.at < back]
    figures.bound("R8", "network to Postgres cut for 2 s → full speed", recovered_after(readers, back, usual), 15)
    figures.bound("R6", "longest wait for an answer while Postgres cannot be reached", max(answer.seconds for answer in away), 3)
    assert {answer.status for answer in readers.failures} <= {503}


def test_the_network_to_postgres_is_slow(site, readers: Readers):
    """20 ms each way: every page comes."""
    site.proxies["postgres"]("delay 0.02")
    with readers:
        time.sleep(3)
    assert readers.failures == []


@contextlib.contextmanager
def locked(statement: str):
    """Another connection has done this and has not committed."""
    other = connections.create_connection("default")
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(statement)
        yield
    finally:
        other.rollback()
        other.close()


def test_a_migration_holds_its_lock(site, readers: Readers, figures):
    """ALTER TABLE keeps everybody out of the works: pages say 503 after a second, instead of waiting; then all is as before."""
    with readers:
        time.sleep(2)
        begun = time.monotonic()
        usual = rate(readers.answers, begun - 1.5, 1.5)
        with locked("LOCK TABLE works_authorship, works_author IN ACCESS EXCLUSIVE MODE"):
            time.sleep(4)
        back = time.monotonic()
        time.sleep(9)
    away = [answer for answer in readers.answers if begun <= answer.at < back]
    figures.bound("R6", "longest wait for an answer while a migration holds the table", max(answer.seconds for answer in away), 3)
    figures.bound("R8", "a migration lets go of its lock → full speed", recovered_after(readers, back, usual), 15)
    assert {answer.status for answer in readers.failures} <= {503}


def test_all_connections_are_taken(site, stores, figures):
    """More people at once than connections: each waits a second at most for one, then is told to come back. Nobody waits for ever."""
    [author] = known_authors()[:1]
    address = f"{site.address}{author.get_absolute_url()}{ANEW}"

    def ask(_: int) -> tuple[int, float]:
        begun = time.monotonic()
        return httpx.get(address, timeout=30, trust_env=False).status_code, time.monotonic() - begun

    with locked("LOCK TABLE works_authorship, works_author IN ACCESS EXCLUSIVE MODE"), ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(ask, range(32)))
    assert {status for status, _ in answers} == {503}
    worst = max(seconds for _, seconds in answers)
    figures.bound("R6", "longest wait of 32 at once for 8 threads, all of whose connections wait for a lock", worst, 8)
    wait_until(lambda: httpx.get(address, timeout=30, trust_env=False).is_success, 15, "the page")


def test_postgres_takes_no_more_connections(site, stores, figures):
    """Others have taken them all: the site's pool has its own, and goes on."""
    held = []
    try:
        with contextlib.suppress(Exception):  # the server's "too many clients", whatever the driver calls it
            for _ in range(200):
                other = connections.create_connection("default")
                other.ensure_connection()
                held.append(other)
        assert len(held) > 50
        [author] = known_authors()[:1]
        answers = [httpx.get(f"{site.address}{author.get_absolute_url()}{ANEW}", timeout=30, trust_env=False) for _ in range(20)]
    finally:
        for other in held:
            other.close()
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code == 503)


def test_statistics_are_missing_after_a_load(site, pages, figures):
    """As after pg_restore: the planner knows nothing of the tables. Pages come within the limit of two seconds a statement."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relname LIKE 'works_%')")
    site.proxies["postgres"]("cut")  # new connections plan anew
    with Readers(site.port, pages) as readers:
        time.sleep(3)
    settled = [answer for answer in readers.answers if answer.at > readers.answers[0].at + 1]
    slowest = percentile(settled, 0.99)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    figures.bound("R8", "p99 of pages without any statistics", slowest, 2)
    assert len([answer for answer in readers.failures if answer.status != 503]) == 0


def test_postgres_is_frozen(site, stores, readers: Readers, figures):
    """It is there and says nothing, for five seconds: whoever waits is answered when it goes on, or told to come back."""
    with readers:
        time.sleep(2)
        begun = time.monotonic()
        usual = rate(readers.answers, begun - 1.5, 1.5)
        site.proxies["postgres"]("hang")
        time.sleep(5)
        site.proxies["postgres"]("pass")
        back = time.monotonic()
        time.sleep(9)
    away = [answer for answer in readers.answers if begun - 1 <= answer.at < back]
    longest = max(answer.seconds for answer in away)
    figures.bound("R6", "longest wait for an answer while Postgres is silent for 5 s", longest, 3)
    figures.bound("R8", "Postgres silent for 5 s → full speed", recovered_after(readers, back, usual), 15)
    assert {answer.status for answer in readers.failures} <= {503}
