"""Workers, what they owe, and the seals on what people did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from kombu.exceptions import OperationalError

from bzpeer.celery import app
from bzpeer.management.examinations.findings import Finding, advice, fault, good
from bzpeer.operations import QUEUES
from bzpeer.owed import MOST_COUNTED, debts
from works.actions.audit import broken_seals, event_models

# A sweep looks every ten seconds; what waits for so long is not found, or fails again and again.
LATE = timedelta(minutes=5)


def look_at_workers() -> Iterator[Finding]:
    try:
        answers = app.control.inspect(timeout=1.0).active_queues() or {}
    except (OperationalError, OSError) as error:
        yield fault(f"Workers cannot be asked: {error}", "The broker has to answer first.")
        return
    served = {queue["name"] for queues in answers.values() for queue in queues}
    for queue in QUEUES:
        if queue in served:
            yield good(f"A worker serves the queue {queue}")
        else:
            yield fault(f"No worker answers for the queue {queue}", f"Start one: celery -A bzpeer worker --queues {queue}.")


def look_at_debts() -> Iterator[Finding]:
    """What waits for longer than a sweep can miss. Imports may wait for one another, so that their age says nothing."""
    late, now = False, timezone.now()
    for debt in debts():
        much = f"{debt.count}{' or more' * (debt.count == MOST_COUNTED)} of {debt.name.replace('_', ' ')}"
        if debt.oldest and debt.name != "imports" and now - debt.oldest > LATE:
            late = True
            yield fault(
                f"{much} owed, the oldest since {debt.oldest:%Y-%m-%d %H:%M} UTC", "See that beat and a worker run, and what they log."
            )
        elif debt.count == MOST_COUNTED:
            yield advice(f"{much} owed", "It is being worked off if this figure falls; more workers do it sooner.")
    if not late:
        yield good("Nothing waits for longer than five minutes")


def look_at_audit() -> Iterator[Finding]:
    """Reads every event once: some seconds for a million."""
    broken = {model.__name__: places for model in event_models() if (places := broken_seals(model))}
    for name, places in broken.items():
        yield fault(
            f"The chain of {name} is broken at {', '.join(map(str, places[:5]))}",
            "An event was changed or removed by hand: compare with a backup.",
        )
    if not broken:
        yield good("The chains of events are unbroken")
