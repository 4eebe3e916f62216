"""What answers a signal: it marks what is owed and enqueues the work, nothing more.

A message is a hint: what is owed stands in Postgres, and profiles.sweep finds it if the message is lost. So enqueuing is robust:
without Redis the record is still written and the page still answers.
"""

from __future__ import annotations

from django.db import transaction
from django.dispatch import receiver

from graph.signals import collaborations_counted
from profiles import tasks
from profiles.actions.trust import mark_trust_stale
from works.signals import authorships_changed


@receiver(authorships_changed, dispatch_uid="profiles.mark_trust_stale")
@receiver(collaborations_counted, dispatch_uid="profiles.mark_trust_stale_once_counted")
def compute_again(*, author_ids: list[int], **_: object) -> None:
    """The record's lines follow from authorships, the line of collaborators from their count: whichever changes, trust is owed."""
    mark_trust_stale(author_ids=author_ids)
    transaction.on_commit(tasks.compute_trust.delay, robust=True)
