"""Messages that come twice, out of order, in shreds, or kill who reads them."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

from django.utils import timezone

from bzpeer.celery import app
from graph.models import Slice
from graph.tasks import build_slice, count_collaborations
from profiles.models import SentMail
from profiles.tasks import compute_trust, digests
from tests.faults.figures import scale
from tests.faults.site import wait_until
from tests.faults.world import settle
from works.tasks import index_words_task, run_import_task, shelve_task

QUEUE = "faults:default"


def test_messages_come_several_times_and_in_any_order(site, deeds, stores, rng, figures):
    """Every message two to five times, shuffled, to workers that begin when all are there: the effects are those of one."""
    site.stop("worker", "import")
    begun = timezone.now()
    run = deeds.import_some(60)
    deeds.owe_digests(5)
    sent_before = SentMail.objects.filter(kind="digest").count()
    ids = deeds.ask_for_slices(20)
    calls: list[tuple[Any, tuple[int, ...]]] = [(build_slice, (pk,)) for pk in ids] + [(run_import_task, (run.pk,))]
    calls += [(task, ()) for task in (count_collaborations, compute_trust, index_words_task, shelve_task, digests)] * 3
    copies = [call for call in calls for _ in range(rng.randint(2, 5))] * max(1, scale() // 10)
    rng.shuffle(copies)
    with stores.client("broker") as client:
        client.flushall()
    for task, arguments in copies:
        task.apply_async(arguments)
    site.start("worker", "import")
    settle(120)
    run.refresh_from_db()
    sent = SentMail.objects.filter(kind="digest").count() - sent_before
    wrong = sum(
        [
            (run.status, run.new) != ("finished", 60),
            Slice.objects.filter(pk__in=ids, built_at__gt=begun).count() != len(ids),
            sent > 5,
        ]
    )
    figures.put(
        "R2", f"wrong effects of {len(copies)} deliveries of {len(calls)} messages", str(wrong), "0 of 10,000", is_reached=not wrong
    )
    assert (run.status, run.new, run.read) == ("finished", 60, 60)
    assert sent <= 5


def envelope(body: str, number: int) -> dict[str, Any]:
    """A message as the broker holds it, whatever its body."""
    delivery = {"exchange": "", "routing_key": "default"}
    properties = {
        "body_encoding": "base64",
        "delivery_info": delivery,
        "delivery_tag": f"poison-{number}",
        "delivery_mode": 2,
        "priority": 0,
    }
    headers = {"task": "graph.build_slice", "id": f"poison-{number}", "lang": "py"}
    return {
        "body": body, "content-encoding": "utf-8", "content-type": "application/json", "headers": headers, "properties": properties,
    }  # fmt: skip


def test_poison_is_passed_over(site, deeds, stores):
    """A body that cannot be read, a task that nobody knows, arguments that fit none: it is dropped, and what comes after is done."""
    begun = timezone.now()
    with stores.client("broker") as client:
        for number, body in enumerate(("x", "", "bm90IEpTT04=", "e30=", "W10=")):
            client.lpush(QUEUE, json.dumps(envelope(body, number)))
    app.send_task("works.no_such_task", queue="default")
    for arguments in ((), ("x", "y", "z"), ({"deep": [[[[]]]]},), (2**70,), (-1, "nothing")):
        app.send_task("graph.build_slice", arguments, queue="default")
    app.send_task("works.run_import", (10**12,), queue="imports")
    ids = deeds.ask_for_slices(5)
    try:
        wait_until(
            lambda: Slice.objects.filter(pk__in=ids, requested_at=None, built_at__gt=begun).count() == len(ids), 120, "what comes after it"
        )
        assert all(process.poll() is None for process in site.processes.values())
    finally:
        with stores.client("broker") as client:
            client.flushall()


def test_a_message_that_kills_its_reader_is_not_read_for_ever(site, deeds, stores, tmp_path, figures):
    """A task that takes its process with it, as one that needs all the memory does: it ends, and meanwhile all else is done."""
    command, environment = site.commands["worker"]
    site.stop("worker")
    site.commands["worker"] = [part.replace("bzpeer", "tests.faults.poison") for part in command], environment
    readings = tmp_path / "readings"
    try:
        site.start("worker")
        app.send_task("tests.kill", (str(readings),), queue="default")
        wait_until(readings.exists, 120, "its first reading")
        begun = timezone.now()
        ids = deeds.ask_for_slices(5)
        built = partial(Slice.objects.filter(pk__in=ids, requested_at=None, built_at__gt=begun).count)
        wait_until(lambda: built() == len(ids), 120, "what comes after it")
        wait_until(lambda: time.time() - readings.stat().st_mtime > 8, 60, "the end of its readings")
        number = readings.stat().st_size
    finally:
        site.stop("worker")
        site.commands["worker"] = command, environment
        site.start("worker")
    figures.put("R2", "readings of a message that kills its reader", str(number), "at most 5", is_reached=number <= 5)


def test_what_is_no_message_at_all_ends_a_worker_once(site, deeds, stores):
    """Who may write to the broker can put it there. The worker ends; when it is started again the thing is gone."""
    begun = timezone.now()
    worker = site.processes["worker"]
    with stores.client("broker") as client:
        client.lpush(QUEUE, b"\xff not JSON")
    wait_until(lambda: worker.poll() is not None, 60, "the end of the worker")
    site.start("worker")
    ids = deeds.ask_for_slices(3)
    wait_until(
        lambda: Slice.objects.filter(pk__in=ids, requested_at=None, built_at__gt=begun).count() == len(ids), 120, "what comes after it"
    )
