"""The review desk: weighing what waits, leases, identity checks, many decisions at once. Each decision is profiles.actions.claims'."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from profiles.actions.claims import ClaimRefused, approve_claim, ask_for_more, reject_claim
from profiles.actions.claims.cases import Role, append, case_of, refuse, take_step
from profiles.actions.claims.ownership import announce_change
from profiles.actions.claims.review import check_reviewer, give
from profiles.claiming import CHECKS
from profiles.loading.cases import load_facts
from profiles.models import Claim, Evidence, User, Weighing
from profiles.risk import risk, signals
from profiles.trust.levels import LIFETIME_MONTHS, Kind, months_later

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
AT_ONCE = 100
METHODS = {
    "video": "A video call with an identity document in view",
    "in-person": "Met in person, with an identity document",
    "institution": "Called back at the institution’s published number",
    "known": "Known to me from common work, not on papers",
}


def owed() -> Q:
    """Claims that wait for staff and were not weighed since their last step."""
    waiting = Q(status__in=[Claim.Status.REVIEW, Claim.Status.DISPUTED])
    return waiting & (Q(weighing=None) | Q(weighing__weighed_at__lt=F("status_at")) | Q(weighing__weighed_at__lt=F("frozen_at")))


def are_claims_unweighed() -> bool:
    return Claim.objects.filter(owed()).exists()


def weigh_waiting() -> int:
    """Weigh the claims that wait for staff and were not since their last step; how many there were. About fifteen queries each."""
    waiting = list(Claim.objects.filter(owed()).select_related("author", "user").order_by("pk")[:AT_ONCE])
    for claim in waiting:
        weigh(claim=claim)
    return len(waiting)


def weigh(*, claim: Claim) -> Weighing:
    """Look at a claim once more and keep what was seen."""
    found = signals(load_facts(claim))
    kept = [{"key": signal.key, "says": signal.says, "weight": signal.weight} for signal in found]
    weighing, _ = Weighing.objects.update_or_create(
        claim=claim, defaults={"risk": risk(found), "signals": kept, "weighed_at": timezone.now()}
    )
    return weighing


def take_lease(claim: Claim, *, by: User) -> bool:
    """Put a case on one's table for 15 minutes, or for 15 more; False where another has it. One statement settles who comes first."""
    free = Q(leased_by=None) | Q(leased_by=by) | Q(leased_until__lt=timezone.now())
    until = timezone.now() + LEASE
    if not Claim.objects.filter(free, pk=claim.pk).update(leased_by=by, leased_until=until):
        return False
    claim.leased_by, claim.leased_until = by, until
    return True


def give_back(claim: Claim, *, by: User) -> None:
    """Take a case off one's table; nothing happens to another's."""
    Claim.objects.filter(pk=claim.pk, leased_by=by).update(leased_by=None, leased_until=None)


# --- Identity ----------------------------------------------------------------------------------------------------------------


def check_identity(claim: Claim, *, method: str, note: str, by: User) -> Evidence:
    """Note that this member of staff has checked who the owner is: method and day, never a document. Two people's checks make level 4."""
    if method not in METHODS:
        refuse("no-method", "Say how the identity was checked.", claim=claim, by=by)
    with case_of(claim) as case:
        check_reviewer(case, by=by)
        if not case.claim.is_holding:
            refuse("not-held", "Identity is checked once the claim is approved.", claim=case.claim, by=by)
        own = Evidence.objects.proved().filter(user=case.claimant, author=case.author, kind=Evidence.Kind.IDENTITY_CHECK, given_by=by)
        if own.exists():
            refuse("checked-before", "You have checked this person already. The second check is another reviewer’s.", claim=claim, by=by)
        check = finish(give(case, Evidence.Kind.IDENTITY_CHECK, note, by=by), case.claim, method=method)
        checks = Evidence.objects.proved().filter(user=case.claimant, author=case.author, kind=Evidence.Kind.IDENTITY_CHECK)
        if checks.values("given_by").distinct().count() == CHECKS:
            take_step(case.claim, "identity-checked", role=Role.REVIEWER, fields={"identity_asked_at": None}, by=by)
        return check


def decline_identity_check(claim: Claim, *, note: str, by: User) -> Claim:
    """Turn down what an owner asked for, with a word to them. Nothing else changes, and they may ask again later."""
    with case_of(claim) as case:
        check_reviewer(case, by=by)
        if case.claim.identity_asked_at is None:
            refuse("not-asked", "Nobody waits for an identity check here.", claim=case.claim, by=by)
        if not note.strip():
            refuse("no-note", "Write why: the owner reads it.", claim=case.claim, by=by)
        take_step(case.claim, "identity-declined", role=Role.REVIEWER, text=note, fields={"identity_asked_at": None}, by=by)
        return case.claim


def accept_vouches(claim: Claim, *, note: str, by: User) -> Evidence:
    """Accept what verified people said of the owner's identity. It needs two of them; levels count those of two institutions."""
    with case_of(claim) as case:
        check_reviewer(case, by=by)
        vouches = Evidence.objects.proved().filter(user=case.claimant, author=case.author, kind=Evidence.Kind.IDENTITY_VOUCH)
        if not case.claim.is_holding or vouches.exclude(given_by=by).values("given_by").distinct().count() < 2:
            refuse("too-few-vouches", "It needs an approved claim, and vouches by two verified people.", claim=case.claim, by=by)
        return finish(give(case, Evidence.Kind.STAFF_DECISION, note, by=by), case.claim)


def finish(evidence: Evidence, claim: Claim, *, method: str = "") -> Evidence:
    """Say how it was checked and until when it counts, and have the level computed."""
    evidence.detail = {"method": method} if method else {}
    evidence.expires_on = months_later(timezone.localdate(), LIFETIME_MONTHS[Kind(evidence.kind)])
    evidence.save(update_fields=["detail", "expires_on"])
    announce_change(claim)
    return evidence


def withdraw_check(evidence: Evidence, *, note: str, by: User) -> None:
    """Take back an identity check or a decision of staff, whoever gave it: it counts no more from now on."""
    if evidence.claim is None:
        raise ClaimRefused("no-claim", "This belongs to no claim any more.")
    with case_of(evidence.claim) as case:
        check_reviewer(case, by=by)
        kinds = [Evidence.Kind.IDENTITY_CHECK, Evidence.Kind.STAFF_DECISION]
        gone = Evidence.objects.filter(pk=evidence.pk, status=Evidence.Status.PROVED, kind__in=kinds)
        if not note.strip() or not gone.update(status=Evidence.Status.REVOKED, revoked_at=timezone.now()):
            refuse("not-withdrawn", "Only a check that stands can be taken back, and with a reason.", claim=case.claim, by=by)
        append(case.claim, "evidence-revoked", role=Role.REVIEWER, text=note, data={"evidence": evidence.pk}, by=by)
        announce_change(case.claim)


# --- Many at once ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one claim of many: done, or why not."""

    claim: Claim
    is_done: bool
    says: str


VERBS: dict[str, tuple[str, Callable[[Claim, str, str, User], Claim]]] = {
    "approve": ("Approved.", lambda claim, reason, text, by: approve_claim(claim, reason=reason, note=text, by=by)),
    "reject": ("Rejected.", lambda claim, reason, text, by: reject_claim(claim, reason=reason, note=text, by=by)),
    "ask": ("The claimant is asked.", lambda claim, reason, text, by: ask_for_more(claim, question=text, by=by)),
}


def decide_many(*, public_ids: Collection[str], verb: str, reason: str, text: str, by: User) -> list[Outcome]:
    """The same decision about many claims, each by itself: one that is refused says why, and keeps no other from being decided."""
    done, act = VERBS[verb]
    outcomes = []
    for claim in Claim.objects.select_related("author").filter(public_id__in=list(public_ids)[:AT_ONCE]).order_by("pk"):
        try:
            act(claim, reason, text, by)
            outcomes.append(Outcome(claim=claim, is_done=True, says=done))
        except ClaimRefused as refused:
            outcomes.append(Outcome(claim=claim, is_done=False, says=str(refused)))
    return outcomes
