"""What workers do for people's pages. Each task calls one action and may be delivered twice or never: see profiles.sweep."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from celery import shared_task
from django.db import OperationalError

from profiles.actions import trust

COMPUTE_SECONDS = 60
SWEEP_AFTER = timedelta(seconds=2)


@shared_task(name="profiles.compute_trust", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def compute_trust() -> None:
    """Compute until nothing can be paid; after a minute let other tasks come first."""
    until = monotonic() + COMPUTE_SECONDS
    while trust.compute_stale():
        if monotonic() > until:
            compute_trust.delay()
            return


@shared_task(name="profiles.sweep", soft_time_limit=90, time_limit=120)
def sweep() -> None:
    """Pay what messages did not bring about: trust owed for two seconds or more."""
    if trust.is_trust_owed(since=SWEEP_AFTER):
        compute_trust()
