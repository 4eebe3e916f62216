"""What answers the record's signals: it enqueues, on commit, and a lost message is found by the sweep."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from works.actions.search import mark_names_stale
from works.actions.shelves import owe_shelving
from works.signals import abstracts_missed, authorships_changed, import_requested
from works.tasks import fetch_abstracts_task, index_words_task, run_import_task, shelve_task


@receiver(import_requested)
def enqueue_import(*, run_id: int, **_: Any) -> None:
    transaction.on_commit(lambda: run_import_task.delay(run_id), robust=True)


@receiver(abstracts_missed)
def enqueue_abstracts(*, work_ids: list[int], **_: Any) -> None:
    transaction.on_commit(lambda: fetch_abstracts_task.delay(work_ids), robust=True)


@receiver(authorships_changed)
def index_again(*, author_ids: list[int], **_: Any) -> None:
    mark_names_stale(author_ids=author_ids)
    transaction.on_commit(index_words_task.delay, robust=True)


@receiver(authorships_changed)
def shelve_again(*, author_ids: list[int], **_: Any) -> None:
    owe_shelving(author_ids=author_ids)
    transaction.on_commit(shelve_task.delay, robust=True)
