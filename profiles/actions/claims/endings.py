"""Claims that end, or rest, without a decision: run out, "this was not me", an account that closes."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from profiles.actions.claims.cases import Role, case_of, refuse, settle_dispute, take_step
from profiles.actions.claims.ownership import end_ownership
from profiles.claiming import PATIENCE, STEPS
from profiles.models import Claim, User

BATCH = 500


def freeze_claim(claim: Claim, *, by: User | None = None) -> Claim:
    """ "This was not me": the owner's rights rest, and staff are called. Whoever holds the link of the notice may do it, once.

    After staff have decided the link does nothing more: whoever reads one mailbox must not stop a page again and again.
    """
    with case_of(claim) as case:
        if case.claim.frozen_at is None:
            if case.claim.is_holding and case.claim.events.filter(kind="frozen").exists():
                message = "Staff have looked at this objection: the page stays with the account. Write to them if that is wrong."
                refuse("frozen-before", message, claim=case.claim, by=by)
            take_step(case.claim, "frozen", role=Role.READER, reason="not-me", fields={"frozen_at": timezone.now()}, by=by)
        return case.claim


def expire_claims() -> int:
    """Close the claims that have waited 30 days for their claimant; how many there were. Each in a transaction of its own."""
    before = timezone.now() - PATIENCE
    waiting = Claim.objects.filter(status__in=STEPS["expired"].sources, status_at__lt=before).order_by("pk")[:BATCH]
    return sum(expire(claim) for claim in waiting)


def expire(claim: Claim) -> bool:
    with case_of(claim) as case:
        claim = case.claim
        if claim.status not in STEPS["expired"].sources or claim.status_at >= timezone.now() - PATIENCE:
            return False
        take_step(claim, "expired", role=Role.SYSTEM, reason="no-answer", by=None)
        settle_dispute(case, claim.contests_id)
        return True


@transaction.atomic
def leave_claims(user: User, *, by: User) -> None:
    """Before an account is deleted: withdraw its open claims, release the record it holds, and blank what it wrote. Events stay, wordless.

    Locks one case after another in one transaction; a rare ring with two other calls ends in an error that leaves everything as it was.
    """
    for claim in Claim.objects.filter(user=user).order_by("pk"):
        with case_of(claim) as case:
            locked = case.claim
            if locked.is_live:
                take_step(locked, "withdrawn", role=Role.CLAIMANT, reason="account-closed", by=by)
                settle_dispute(case, locked.contests_id)
            elif locked.is_holding:
                take_step(locked, "released", role=Role.OWNER, reason="account-closed", by=by)
                end_ownership(case)
            locked.events.filter(actor_id=user.pk).update(text="")
            Claim.objects.filter(pk=locked.pk).update(statement="")
