"""Asking for slices and building them: single flight, leases, failures, and what is shown meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from graph import tasks
from graph.actions.builds import FAILED, build_slice
from graph.actions.collaborations import mark_collaborations_stale
from graph.actions.slices import GAVE_UP, renew_requests, request_slice
from graph.models import SLICE_VERSION, Slice, SliceState, StaleCollaboration
from graph.signals import slice_requested
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from tests.waiting import PATIENCE, wait_for
from works.signals import authorships_changed

QUEUE = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] + settings.CELERY_TASK_DEFAULT_QUEUE


def kept(author) -> Slice:
    return Slice.objects.get(author=author)


def set_slice(author, **values) -> None:
    Slice.objects.filter(author=author).update(**values)


def test_a_slice_is_built_once_for_one_request(cast: Cast, caplog):
    caplog.set_level(logging.INFO, "graph")
    cast.count()
    assert not build_slice(author_id=cast.boxiao.pk)  # nobody asked
    assert request_slice(cast.boxiao)
    assert not request_slice(cast.boxiao)
    assert kept(cast.boxiao).state == SliceState.BUILDING
    assert build_slice(author_id=cast.boxiao.pk)
    assert not build_slice(author_id=cast.boxiao.pk)  # delivered twice
    built = kept(cast.boxiao)
    assert (built.state, built.version, built.requested_at, built.attempts) == (SliceState.READY, SLICE_VERSION, None, 0)
    assert len(built.payload["nodes"]) == 11
    assert "Meta Knowledge Distillation" in built.fragment
    line = next(record.getMessage() for record in caplog.records if record.getMessage().startswith("Built"))
    assert line.startswith(f"Built the slice of Boxiao Liu ({cast.boxiao.slug}): 11 nodes, 24 edges, ")
    assert line.endswith(" ms")


@contextmanager
def at_statement(part: str, happens: Callable[[], object]) -> Iterator[None]:
    """Let something happen right before the first statement that has `part` in it is sent."""
    waiting = [happens]

    def send(execute, sql, params, many, context):
        if waiting and part in sql:
            waiting.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(send):
        yield
    assert waiting == []


def breaks(error: Exception) -> Callable[[], object]:
    def happens() -> None:
        raise error

    return happens


WHILE_LOADING = "FROM works_worktopic"


def test_a_change_during_the_build_leaves_the_slice_stale(cast: Cast):
    cast.count()
    request_slice(cast.boxiao)

    def change() -> None:
        make_work("Meanwhile", 2024, [cast.boxiao, cast.yu])
        cast.count()

    with at_statement(WHILE_LOADING, change):
        assert build_slice(author_id=cast.boxiao.pk)
    assert kept(cast.boxiao).state == SliceState.STALE
    assert "Meanwhile" not in kept(cast.boxiao).fragment
    cast.build()
    assert kept(cast.boxiao).state == SliceState.READY
    assert "Meanwhile" in kept(cast.boxiao).fragment


def test_a_change_after_another_during_the_build_is_not_lost(cast: Cast):
    """The slice is stale already; a second mark while it is built must not be taken for the first."""
    cast.count()
    cast.build()
    cast.count()
    first = kept(cast.boxiao).stale_at
    assert first is not None
    request_slice(cast.boxiao)
    with at_statement(WHILE_LOADING, cast.count):
        build_slice(author_id=cast.boxiao.pk)
    second = kept(cast.boxiao).stale_at
    assert second is not None
    assert second > first


def test_a_build_that_lost_its_lease_writes_nothing(cast: Cast):
    cast.count()
    request_slice(cast.boxiao)

    def overtake() -> None:
        assert build_slice(author_id=cast.boxiao.pk)  # the second delivery
        set_slice(cast.boxiao, fragment="the newer one")

    with at_statement(WHILE_LOADING, overtake):
        assert not build_slice(author_id=cast.boxiao.pk)
    assert kept(cast.boxiao).fragment == "the newer one"


def test_a_failure_is_told_in_words_and_waits_for_somebody_to_ask(cast: Cast, caplog):
    cast.count()
    request_slice(cast.boxiao)
    with at_statement(WHILE_LOADING, breaks(ZeroDivisionError("a secret of the machine"))):
        assert not build_slice(author_id=cast.boxiao.pk)
    assert "ZeroDivisionError: a secret of the machine" in caplog.text
    failed = kept(cast.boxiao)
    assert (failed.state, failed.requested_at, failed.error) == (SliceState.ERROR, None, FAILED)
    assert not request_slice(cast.boxiao)
    assert request_slice(cast.boxiao, again=True)
    assert build_slice(author_id=cast.boxiao.pk)
    assert (kept(cast.boxiao).state, kept(cast.boxiao).error) == (SliceState.READY, "")


def test_a_change_of_the_record_forgives_a_failure(cast: Cast):
    cast.count()
    request_slice(cast.boxiao)
    set_slice(cast.boxiao, error="No.", requested_at=None)
    cast.count()
    assert kept(cast.boxiao).state == SliceState.BUILDING
    assert request_slice(cast.boxiao)


def test_a_lost_database_is_left_to_the_retry(cast: Cast):
    cast.count()
    request_slice(cast.boxiao)
    lost = OperationalError("server closed the connection unexpectedly")
    with at_statement(WHILE_LOADING, breaks(lost)), pytest.raises(OperationalError):
        build_slice(author_id=cast.boxiao.pk)
    assert kept(cast.boxiao).error == ""
    assert kept(cast.boxiao).is_owed


def test_an_author_that_goes_during_the_build_leaves_no_slice(cast: Cast):
    request_slice(cast.boxiao)
    author_id = cast.boxiao.pk
    with at_statement("LEFT JOIN graph_neighbourhood", cast.boxiao.delete):
        assert not build_slice(author_id=author_id)
    assert not Slice.objects.filter(pk=author_id).exists()


def test_the_sweep_asks_again_for_what_was_lost_three_times_in_all(cast: Cast):
    asked: list[int] = []

    def listen(*, subject_id, **_):
        asked.append(subject_id)

    request_slice(cast.boxiao)
    slice_requested.connect(listen)
    try:
        assert renew_requests() == 0  # the lease still runs
        for attempts in (0, 1, 2):
            set_slice(cast.boxiao, requested_at=timezone.now() - timedelta(seconds=61), attempts=attempts)
            assert renew_requests() == 1
            assert kept(cast.boxiao).is_owed
        set_slice(cast.boxiao, requested_at=timezone.now() - timedelta(seconds=61), attempts=3)
        assert renew_requests() == 0
    finally:
        slice_requested.disconnect(listen)
    assert asked == [cast.boxiao.pk] * 3
    assert (kept(cast.boxiao).state, kept(cast.boxiao).error) == (SliceState.ERROR, GAVE_UP)


def test_what_nobody_is_at_is_asked_for_again_soon(cast: Cast):
    """A message that was lost, or a worker that has died: after four seconds, not after a minute. What is being built is left alone."""
    cast.count()
    request_slice(cast.boxiao)
    assert renew_requests() == 0
    waited = timezone.now() - timedelta(seconds=5)

    def sweep() -> None:
        set_slice(cast.boxiao, requested_at=waited)
        seen.append(renew_requests())

    seen: list[int] = []
    sweep()
    with at_statement(WHILE_LOADING, sweep):
        build_slice(author_id=cast.boxiao.pk)
    request_slice(cast.boxiao)
    sweep()
    assert seen == [1, 0, 1]


def test_a_task_that_kills_its_worker_is_given_up(cast: Cast):
    request_slice(cast.boxiao)
    set_slice(cast.boxiao, attempts=3)
    assert not build_slice(author_id=cast.boxiao.pk)
    assert kept(cast.boxiao).error == GAVE_UP


# --- Committed: queues, threads, workers ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_hundred_visitors_cause_one_build(redis):
    """Fifty at once, each of whom asks twice: more connections than that Postgres does not take."""
    author = make_author("Boxiao Liu")
    start = threading.Barrier(50)

    def visit(_) -> list[bool]:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            return [request_slice(author), request_slice(author)]
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as visitors:
        won = [whether for two in visitors.map(visit, range(50)) for whether in two]
    assert (len(won), sum(won)) == (100, 1)
    assert redis.llen(QUEUE) == 1


def test_a_hundred_visitors_of_the_real_site_cause_one_build(site, redis):
    author = make_author("Boxiao Liu")
    start = threading.Barrier(100)

    def visit(_) -> tuple[int, bool]:
        start.wait(60)
        answer = httpx.get(f"{site}/researchers/{author.slug}/graph/", timeout=60, trust_env=False)
        return answer.status_code, "Building this graph slice" in answer.text

    with ThreadPoolExecutor(100) as visitors:
        assert set(visitors.map(visit, range(100))) == {(200, True)}
    assert redis.llen(QUEUE) == 1
    assert Slice.objects.get(author=author).is_owed


@pytest.mark.django_db(transaction=True)
def test_a_change_of_authorships_is_marked_in_its_transaction_and_enqueued_after_it(redis):
    one, other = make_author("One"), make_author("Other")
    with transaction.atomic():
        authorships_changed.send(sender=None, author_ids=[one.pk, other.pk])
        assert StaleCollaboration.objects.count() == 2
        assert redis.llen(QUEUE) == 0
    assert redis.llen(QUEUE) >= 1
    queued = redis.llen(QUEUE)
    with transaction.atomic():
        authorships_changed.send(sender=None, author_ids=[one.pk])
        transaction.set_rollback(True)
    assert redis.llen(QUEUE) == queued


@pytest.mark.django_db(transaction=True)
def test_two_counts_at_once_neither_wait_nor_lose_anything(redis):
    authors = [make_author(f"Author {number}") for number in range(12)]
    for number in range(40):
        make_work(f"Work {number}", 2000 + number % 20, [authors[number % 12], authors[(number * 5 + 1) % 12]])
    ids = [author.pk for author in authors]
    stop = threading.Event()

    def change() -> None:
        try:
            for _ in range(30):
                with transaction.atomic():
                    authorships_changed.send(sender=None, author_ids=ids)
        finally:
            stop.set()
            connection.close()

    def count() -> None:
        try:
            while not stop.is_set():
                tasks.count_collaborations()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(change), *(pool.submit(count) for _ in range(3))]:
            done.result(PATIENCE)
    tasks.count_collaborations()
    assert StaleCollaboration.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_marks_that_a_transaction_still_holds_stay_owed(redis):
    author = make_author("One")
    mark_collaborations_stale(author_ids=[author.pk])
    held, release = threading.Event(), threading.Event()

    def importer() -> bool:
        try:
            with transaction.atomic():
                mark_collaborations_stale(author_ids=[author.pk])
                held.set()
                return release.wait(PATIENCE)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(importer)
        assert held.wait(PATIENCE)
        tasks.count_collaborations()  # ends, though the mark cannot be paid
        assert StaleCollaboration.objects.count() == 1
        release.set()
        assert running.result(PATIENCE)
    tasks.count_collaborations()
    assert StaleCollaboration.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_sweep_pays_what_no_message_brought_about(redis):
    author, other = make_author("One"), make_author("Other")
    make_work("A work", 2020, [author, other])
    authorships_changed.send(sender=None, author_ids=[author.pk])
    redis.flushdb()  # the messages are lost
    StaleCollaboration.objects.update(marked_at=timezone.now() + timedelta(minutes=10))
    tasks.sweep()
    assert StaleCollaboration.objects.count() == 1  # not yet two seconds old
    StaleCollaboration.objects.update(marked_at=timezone.now() - timedelta(seconds=3))
    tasks.sweep()
    assert StaleCollaboration.objects.count() == 0
    request_slice(author)
    set_slice(author, requested_at=timezone.now() - timedelta(seconds=61))
    redis.flushdb()
    tasks.sweep()
    assert redis.llen(QUEUE) == 1


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_counts_and_builds(worker, client):
    authors = [make_author(name) for name in ("Boxiao Liu", "Yu Liu")]
    make_work("Meta Knowledge Distillation", 2022, authors)
    with transaction.atomic():
        authorships_changed.send(sender=None, author_ids=sorted(author.pk for author in authors))
    wait_for(lambda: not StaleCollaboration.objects.exists(), "the count")
    address = f"/researchers/{authors[0].slug}/graph/"
    assert "Building this graph slice" in client.get(address).content.decode()
    wait_for(lambda: kept(authors[0]).built_at, "the slice")
    page = client.get(address).content.decode()
    assert '<svg class="slice-svg' in page
    assert "1 joint work, 2022" in page
