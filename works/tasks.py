"""The record's background work. A task takes ids, calls one action, and may be delivered twice."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from works.actions.abstracts import fetch_missing_abstracts
from works.actions.attribution import is_settling_owed, settle
from works.actions.audit import seal_events
from works.actions.imports import is_under_way, run_import
from works.actions.search import index_names, index_titles, make_completions
from works.actions.shelves import shelve
from works.models import ImportRun

STRETCH_SECONDS = 240.0  # of one import, before the worker's hard limit; the next task goes on
INDEX_SECONDS = 60.0


@shared_task(name="works.run_import", ignore_result=True)
def run_import_task(run_id: int) -> None:
    """Work on an import for some minutes; if it is not finished by then, hand it on. One that another worker has in hand is that one's."""
    run = run_import(run_id=run_id, seconds=STRETCH_SECONDS)
    if run.status == ImportRun.Status.RUNNING and not is_under_way(run):
        run_import_task.apply_async((run_id,), countdown=1)


@shared_task(name="works.fetch_abstracts", ignore_result=True)
def fetch_abstracts_task(work_ids: list[int]) -> None:
    fetch_missing_abstracts(work_ids=work_ids)


@shared_task(name="works.index_words", ignore_result=True)
def index_words_task() -> None:
    """Index until nothing is owed; after a minute let other tasks come first."""
    until = monotonic() + INDEX_SECONDS
    while index_names() + index_titles() or make_completions():
        if monotonic() > until:
            index_words_task.delay()
            return


@shared_task(name="works.shelve", ignore_result=True)
def shelve_task() -> None:
    """Put what is owed on the shelves of topics, institutions and sources; after a minute let other tasks come first."""
    until = monotonic() + INDEX_SECONDS
    while shelve():
        if monotonic() > until:
            shelve_task.delay()
            return


@shared_task(name="works.settle", ignore_result=True)
def settle_task() -> None:
    """Tell people apart where imports have left it owed."""
    settle(seconds=STRETCH_SECONDS)


@shared_task(name="works.sweep", ignore_result=True)
def sweep_task() -> None:
    """Seal new events, index new words, fill shelves, and find imports that nobody works on although somebody should: their message was
    lost, or their worker."""
    seal_events()
    index_words_task()
    shelve_task()
    for run in ImportRun.objects.abandoned():
        if run.status == ImportRun.Status.RUNNING and is_under_way(run):
            continue
        # Counts as a sign of life, so that a run that waits behind long ones is not enqueued again with every sweep.
        ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
        run_import_task.delay(run.pk)
    if is_settling_owed():
        settle_task.apply_async(expires=30)
