"""What answers a signal: it marks what is owed and enqueues the work, nothing more.

A message is a hint: what is owed stands in Postgres, and graph.sweep finds it if the message is lost. So enqueuing is robust:
without Redis the record is still written and the page still answers.
"""

from __future__ import annotations

from django.db import transaction
from django.dispatch import receiver

from graph import tasks
from graph.actions.collaborations import mark_collaborations_stale
from graph.signals import slice_requested
from works.signals import authorships_changed


@receiver(authorships_changed, dispatch_uid="graph.mark_collaborations_stale")
def count_again(*, author_ids: list[int], **_: object) -> None:
    mark_collaborations_stale(author_ids=author_ids)
    transaction.on_commit(tasks.count_collaborations.delay, robust=True)


@receiver(slice_requested, dispatch_uid="graph.build_slice")
def enqueue_build(*, author_id: int, **_: object) -> None:
    transaction.on_commit(lambda: tasks.build_slice.delay(author_id), robust=True)
