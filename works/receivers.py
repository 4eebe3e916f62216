"""What answers the record's signals: it enqueues, on commit, and a lost message is found by the sweep."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from works.signals import abstracts_missed, import_requested
from works.tasks import fetch_abstracts_task, run_import_task


@receiver(import_requested)
def enqueue_import(*, run_id: int, **_: Any) -> None:
    transaction.on_commit(lambda: run_import_task.delay(run_id), robust=True)


@receiver(abstracts_missed)
def enqueue_abstracts(*, work_ids: list[int], **_: Any) -> None:
    transaction.on_commit(lambda: fetch_abstracts_task.delay(work_ids), robust=True)
