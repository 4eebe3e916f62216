"""Processes that die: worker children, whole workers, the importer, the web server's own workers; and all of them at a word, under load."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from random import Random

from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from graph.models import Slice
from tests.faults.databases import own_database
from tests.faults.figures import scale
from tests.faults.site import Readers, rate, recovered_after, wait_until
from tests.faults.world import settle, write_records
from tests.works.imports.content import content
from tests.works.imports.test_runs import many_records
from works.models import ImportRun

IMPORTED = 1_500


def are_built(ids: list[int], since) -> bool:
    return Slice.objects.filter(pk__in=ids, requested_at=None, built_at__gt=since).count() == len(ids)


def test_nothing_happens(site, deeds, readers):
    """The invariants hold where no fault came about, so that one that fails elsewhere says something."""
    deeds.everything()
    with readers:
        time.sleep(3)
    assert readers.failures == []


def test_a_worker_child_is_killed_with_a_task_in_hand(site, deeds, figures):
    """Each time a build waits behind a lock that this test holds, so that the child is certainly in the middle of it."""
    waits = []
    for _ in range(max(2, 3 * scale() // 10)):
        [chosen] = deeds.ask_for_slices(1)
        # Waits at the first statement of the build: taking the lease.
        begun = timezone.now()
        other = connections.create_connection("default")
        other.set_autocommit(False)
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT 1 FROM graph_slice WHERE author_id = %s FOR UPDATE", [chosen])
            wait_until(lambda: waiters() > 0, 20, "a worker that waits for the lock")
            for pid in site.children("worker"):
                os.kill(pid, signal.SIGKILL)
            died = time.monotonic()
        finally:
            other.rollback()
            other.close()
        wait_until(partial(are_built, [chosen], begun), 60, "the slice")
        waits.append(time.monotonic() - died)
    figures.put(
        "R4", f"death of a worker's child → result, worst of {len(waits)}", f"{max(waits):.1f} s", "15 s", is_reached=max(waits) <= 15
    )
    assert max(waits) <= 15


def waiters() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        number: int = cursor.fetchone()[0]
    return number


def test_the_whole_worker_is_killed_and_started_again(site, deeds, figures):
    """Its messages lie in the broker as taken, and come back; `manage.py serve` starts it again within two seconds, as this does."""
    waits = []
    for _ in range(max(1, scale() // 10)):
        begun = timezone.now()
        ids = deeds.ask_for_slices(8)
        site.kill("worker")
        died = time.monotonic()
        site.start("worker")
        wait_until(partial(are_built, ids, begun), 90, "the slices")
        waits.append(time.monotonic() - died)
    figures.put(
        "R4", f"death of the whole worker → result, worst of {len(waits)}", f"{max(waits):.1f} s", "15 s", is_reached=max(waits) <= 15
    )


def test_random_kills_lose_no_job(site, deeds, rng, figures):
    """Jobs of every kind are asked for while children and whole workers are killed at random moments: each is done in the end."""
    kills = 2 * scale()
    begun = timezone.now()
    asked: set[int] = set()
    runs: list[ImportRun] = []
    for number in range(kills):
        asked |= set(deeds.ask_for_slices(3))
        if number % 10 == 0:
            runs.append(deeds.import_some(40))
            deeds.claim_one()
        time.sleep(rng.uniform(0, 0.6))
        name = rng.choice(["worker", "worker", "import"])
        children = site.children(name)
        if children and rng.random() < 0.9:
            os.kill(rng.choice(children), signal.SIGKILL)
        else:
            site.kill(name)
            site.start(name)
    settle(180)
    lost = [pk for pk in asked if not are_built([pk], begun)]
    lost += [run.pk for run in ImportRun.objects.filter(pk__in=[run.pk for run in runs]).exclude(status="finished")]
    figures.put(
        "R3", f"lost jobs of {len(asked) + len(runs)}, over {kills} random kills", str(len(lost)), "0 of 200 kills", is_reached=not lost
    )
    assert lost == []


# --- The importer --------------------------------------------------------------------------------------------------------


def in_a_process(act: Callable[[], object]) -> int:
    """Run something in a process of its own with its own connection; its number."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            connections["default"] = connections.create_connection("default")
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            act()
        finally:
            os._exit(0)
    return pid


def dying_at(number: int, act: Callable[[], object]) -> None:
    """Do it, and die right before the statement of this number is sent, which is after the answer to the one before."""
    counted = iter(range(10**9))

    def watch(execute, sql, params, many, context):
        if next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        act()


def counting_statements(act: Callable[[], object]) -> int:
    number = 0

    def watch(execute, sql, params, many, context):
        nonlocal number
        number += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        act()
    return number


def test_an_import_killed_at_random_points_ends_with_the_same_rows(stores, rng: Random, figures, tmp_path):
    """In a database of its own, without workers: killed between two statements, or at a moment of the clock; then gone on with."""
    points = max(3, scale() // 2)
    path = write_records(tmp_path / "many.jsonl", many_records(IMPORTED))

    def run() -> None:
        with contextlib.suppress(SystemExit):
            call_command("import_works", "bzpeer", "--file", str(path), "--json", stdout=StringIO())

    with own_database("clean"):
        begun = time.monotonic()
        statements = counting_statements(run)
        took = time.monotonic() - begun
        undisturbed = content()
    different = died = 0
    for point in range(points):
        with own_database("killed"):
            if point % 2:
                number = rng.randrange(statements)
                pid = in_a_process(partial(dying_at, number, run))
            else:
                pid = in_a_process(run)
                time.sleep(rng.uniform(0, took))
                os.kill(pid, signal.SIGKILL)
            died += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
            run()
            different += content() != undisturbed or ImportRun.objects.exclude(status="finished").exists()
    told = f"imports killed at random points that end otherwise than a clean one, of {points} ({died} died)"
    figures.put("R5", told, str(different), "0 of 50", is_reached=different == 0)
    assert different == 0
    assert died >= points * 3 // 4


# --- The web server ------------------------------------------------------------------------------------------------------


def test_a_worker_of_the_web_server_is_killed(site, readers: Readers, figures):
    """granian starts another; who was talking to the killed one asks again."""
    with readers:
        time.sleep(2)
        begun = time.monotonic()
        usual = rate(readers.answers, begun - 1.5, 1.5)
        os.kill(site.children("web")[-1], signal.SIGKILL)
        time.sleep(8)
    failed = [answer for answer in readers.failures if answer.at >= begun - 1]
    seconds = recovered_after(readers, begun, usual)
    figures.bound("R8", "a web worker is killed → full speed", seconds, 15)
    assert len(failed) <= readers.number


def test_everything_is_asked_to_stop_under_load(site, deeds, readers: Readers, figures):
    """SIGTERM to all at once, as a host that goes down does: no request that was taken is cut off, and what was begun is done later."""
    deeds.everything()
    with readers:
        time.sleep(1)
        asked = time.monotonic()
        site.stop()
        stopped = time.monotonic()
        readers.going.clear()
    cut = [answer for answer in readers.answers if answer.status >= 500]
    assert cut == []
    assert stopped - asked < 15
    site.start()
    wait_until(site.is_healthy, 60, "the site")
