"""What answers a signal: it marks what is owed and enqueues the work, nothing more.

A message is a hint: what is owed stands in Postgres, and graph.sweep finds it if the message is lost. So enqueuing is robust:
without Redis the record is still written and the page still answers.
"""

from __future__ import annotations

from django.db import transaction
from django.dispatch import receiver

from graph import tasks
from graph.actions.collaborations import mark_collaborations_stale
from graph.actions.marks import mark_subjects_stale
from graph.actions.slices import forget_author
from graph.signals import arrangement_requested, slice_requested
from works.signals import author_suppressed, authorships_changed, shelves_changed


@receiver(authorships_changed, dispatch_uid="graph.mark_collaborations_stale")
def count_again(*, author_ids: list[int], **_: object) -> None:
    mark_collaborations_stale(author_ids=author_ids)
    transaction.on_commit(tasks.count_collaborations.delay, robust=True)


@receiver(shelves_changed, dispatch_uid="graph.mark_subjects_stale")
def draw_again(*, shelf_ids: list[int], **_: object) -> None:
    """Nothing is enqueued: whoever looks next causes the build."""
    mark_subjects_stale(shelf_ids=shelf_ids)


@receiver(slice_requested, dispatch_uid="graph.build_slice")
def enqueue_build(*, kind: str, subject_id: int, **_: object) -> None:
    transaction.on_commit(lambda: tasks.build_slice.delay(subject_id, kind), robust=True)


@receiver(arrangement_requested, dispatch_uid="graph.build_arrangement")
def enqueue_arrangement(*, key: str, **_: object) -> None:
    transaction.on_commit(lambda: tasks.build_arrangement.delay(key), robust=True)


@receiver(author_suppressed, dispatch_uid="graph.forget_author")
def author_objected(*, author_ids: list[int], public_id: str, **_: object) -> None:
    """In the same transaction: no slice, list or pair may show them when it is over."""
    forget_author(author_ids=author_ids, public_id=public_id)
