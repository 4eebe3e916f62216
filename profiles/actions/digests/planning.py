"""Whose hour has come: a row of the outbox for each account and period."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from profiles import periods
from profiles.models import Digest, DigestPlan, Follow

AT_ONCE = 200


def are_plans_due() -> bool:
    return DigestPlan.objects.filter(due_at__lte=timezone.now()).exists()


@transaction.atomic
def plan_digests(*, limit: int = AT_ONCE) -> int:
    """Write what is owed to the accounts whose hour has come, longest waiting first; how many accounts were looked at. Five statements.

    Twice at once, each takes accounts that the other has not locked. A row that is written and an account that is not due any more are one
    transaction: whoever is killed has done nothing.
    """
    now = timezone.now()
    due = DigestPlan.objects.filter(due_at__lte=now).order_by("due_at", "user_id").select_for_update(skip_locked=True)
    plans = list(due[:limit])
    turns = {plan.pk: periods.turn(plan.rhythm, periods.zone(plan.time_zone), now) for plan in plans}
    days = {turn.day for turn in turns.values()}
    told = set(Digest.objects.filter(user__in=turns, period__in=days).values_list("user", "period")) if plans else set()
    following = set(Follow.objects.filter(user__in=turns).values_list("user", flat=True).distinct()) if plans else set()
    owed = []
    for plan in plans:
        turn = turns[plan.pk]
        plan.due_at = turn.next_at
        begins_at = max(plan.covered_until, turn.ends_at - periods.LONGEST)
        # Whoever moved to another time zone can have had this day's digest by the old one: the next then tells what this would have told.
        if begins_at >= turn.ends_at or (plan.pk, turn.day) in told:
            continue
        if plan.pk in following:
            owed.append(Digest(user_id=plan.pk, period=turn.day, starts_at=begins_at, ends_at=turn.ends_at, next_at=now))
        plan.covered_until = turn.ends_at
    Digest.objects.bulk_create(owed)
    DigestPlan.objects.bulk_update(plans, ["due_at", "covered_until"])
    return len(plans)
