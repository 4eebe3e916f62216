"""The record's background work. A task takes ids, calls one action, and may be delivered twice."""

from celery import shared_task
from django.utils import timezone

from works.actions.abstracts import fetch_missing_abstracts
from works.actions.imports import is_under_way, run_import
from works.models import ImportRun

STRETCH_SECONDS = 240.0  # of one import, before the worker's hard limit; the next task goes on


@shared_task(name="works.run_import", ignore_result=True)
def run_import_task(run_id: int) -> None:
    """Work on an import for some minutes; if it is not finished by then, hand it on. One that another worker has in hand is that one's."""
    run = run_import(run_id=run_id, seconds=STRETCH_SECONDS)
    if run.status == ImportRun.Status.RUNNING and not is_under_way(run):
        run_import_task.apply_async((run_id,), countdown=1)


@shared_task(name="works.fetch_abstracts", ignore_result=True)
def fetch_abstracts_task(work_ids: list[int]) -> None:
    fetch_missing_abstracts(work_ids=work_ids)


@shared_task(name="works.sweep", ignore_result=True)
def sweep_task() -> None:
    """Imports that nobody works on although somebody should: their message was lost, or their worker."""
    for run in ImportRun.objects.abandoned():
        # Counts as a sign of life, so that a run that waits behind long ones is not enqueued again with every sweep.
        ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
        run_import_task.delay(run.pk)
