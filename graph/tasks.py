"""What workers do for the graph. Each task calls one action and may be delivered twice or never: see graph.sweep.

The modules that build slices are imported inside the task, since networkx belongs into workers only (32 MB).
"""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from celery import shared_task
from django.db import OperationalError

from graph.actions import arrangements, collaborations, slices

FOLD_SECONDS = 60
SWEEP_AFTER = timedelta(seconds=2)


@shared_task(name="graph.count_collaborations", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def count_collaborations() -> None:
    """Count until nothing is owed; after a minute let other tasks come first."""
    until = monotonic() + FOLD_SECONDS
    while collaborations.count_collaborations():
        if monotonic() > until:
            count_collaborations.delay()
            return


@shared_task(
    name="graph.build_slice", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5, soft_time_limit=30, time_limit=45
)
def build_slice(subject_id: int, kind: str = "person") -> None:
    from graph.actions.builds import build

    build(kind=kind, subject_id=subject_id)


@shared_task(
    name="graph.build_arrangement", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5, soft_time_limit=60, time_limit=75
)
def build_arrangement(key: str) -> None:
    from graph.actions.arrangements import build_arrangement as build

    build(key=key)


@shared_task(name="graph.forget_arrangements", soft_time_limit=60, time_limit=75)
def forget_arrangements() -> None:
    arrangements.forget_arrangements()


@shared_task(name="graph.sweep", soft_time_limit=90, time_limit=120)
def sweep() -> None:
    """Pay what messages did not bring about: counts owed for two seconds or more, and slices whose lease ran out."""
    slices.renew_requests()
    if collaborations.is_counting_owed(since=SWEEP_AFTER):
        count_collaborations()
