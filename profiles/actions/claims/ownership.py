"""What an approved claim brings about, and what ends with it."""

from __future__ import annotations

from django.utils import timezone

from profiles import signals
from profiles.actions.claims.cases import Case, Role, settle_dispute, take_step
from profiles.models import Claim, Evidence, Profile, User


def begin_ownership(case: Case, claimant: User, *, by: User) -> None:
    """The account gets the record's profile, a binding by staff, and every other open claim in the case ends."""
    claim, now = case.claim, timezone.now()
    Profile.objects.create(user=claimant, author=case.author, claimed_at=now)
    Evidence.objects.create(
        user=claimant,
        author=case.author,
        claim=claim,
        kind=Evidence.Kind.STAFF_BINDING,
        status=Evidence.Status.PROVED,
        source=f"user:{by.pk}",
        value=claim.public_id,
        given_by=by,
        dated=now.date(),
        proved_at=now,
        detail={"by": "approval"},
    )
    for other in case.claims:
        if other.pk != claim.pk and other.is_live:
            is_rival = other.user_id != claim.user_id
            reason = "another-approved" if is_rival else "holds-another-record"
            take_step(other, "superseded", role=Role.SYSTEM, reason=reason, data={"by": claim.public_id}, by=None)
            settle_dispute(case, other.contests_id)
    announce_change(claim)


def end_ownership(case: Case) -> None:
    """The profile is gone, and so is every binding by staff. What registries and mailboxes said stays said, but counts for no owner."""
    claim = case.claim
    Profile.objects.filter(author=case.author).delete()
    Evidence.objects.filter(author=case.author, user=claim.user_id, kind=Evidence.Kind.STAFF_BINDING, status=Evidence.Status.PROVED).update(
        status=Evidence.Status.REVOKED, revoked_at=timezone.now()
    )
    announce_change(claim)


def why_addresses_stay(user: User) -> str:
    """Why the addresses of an account cannot be changed now, as a sentence; "" where they can. One query.

    Whoever took an account over and claimed a page with it must not shut out the person who is told of that by mail.
    """
    claim = Claim.objects.holding().filter(user=user).only("status", "decided_at", "frozen_at").first()
    if claim and claim.frozen_at:
        return "Your claim is frozen: the addresses of the account can be changed once staff have decided."
    if claim and claim.is_cooling_off:
        return "Your claim was approved less than 72 hours ago: until they are over, the addresses of the account stay as they are."
    return ""


def announce_change(claim: Claim) -> None:
    users = [claim.user_id] if claim.user_id else []
    signals.evidence_changed.send(sender=Claim, author_ids=[claim.author_id], user_ids=users)
