"""A case: a claim with everything that a step must not race with, locked; and the step itself with its event and its signal."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from profiles import signals
from profiles.claiming import Piece, state_after
from profiles.models import Claim, ClaimEvent, ClaimNotice, Evidence, User
from works.models import Author

logger = logging.getLogger(__name__)

Role = ClaimEvent.Role
SIGNALS: dict[str, Signal] = {
    "submitted": signals.claim_submitted,
    "questioned": signals.claim_questioned,
    "question-answered": signals.claim_question_answered,
    "approved": signals.claim_approved,
    "rejected": signals.claim_rejected,
    "withdrawn": signals.claim_withdrawn,
    "expired": signals.claim_expired,
    "superseded": signals.claim_superseded,
    "appealed": signals.claim_appealed,
    "dispute-opened": signals.claim_dispute_opened,
    "disputed": signals.claim_disputed,
    "frozen": signals.claim_frozen,
    "upheld": signals.claim_upheld,
    "revoked": signals.claim_revoked,
    "released": signals.claim_released,
    "identity-checked": signals.claim_identity_checked,
    "identity-declined": signals.claim_identity_declined,
}
# What people are told of by mail; profiles.actions.claims.notices says whom.
NOTICED = (
    "questioned", "approved", "rejected", "expired", "superseded", "disputed", "frozen", "upheld", "revoked", "released",
    "identity-checked", "identity-declined",
)  # fmt: skip
CANNOT = {
    "withdrawn": "This claim is closed already.",
    "superseded": "This claim is closed already.",
    "submitted": "This claim was submitted already.",
    "approved": "This claim does not wait for a decision: {state}.",
    "rejected": "This claim does not wait for a decision: {state}.",
    "questioned": "This claim does not wait for a decision: {state}.",
    "seconded": "This claim does not wait for a decision: {state}.",
    "appealed": "Only a claim that was not approved can be appealed.",
    "upheld": "This claim is not disputed.",
    "revoked": "By this claim nobody holds a record.",
    "released": "By this claim nobody holds a record.",
    "frozen": "By this claim nobody holds a record.",
    "identity-asked": "Who you are is checked once your claim is approved.",
}


class ClaimRefused(Exception):
    """What was asked cannot be done. `code` names the rule, the message is a sentence for the person who asked."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def refuse(code: str, message: str, *, claim: Claim | None = None, by: User | None) -> NoReturn:
    """Say no, and leave a line in the log of who asked for what. No address and no token stands in it."""
    logger.warning("claim refused: %s (claim %s, account %s)", code, claim.public_id if claim else "new", by.pk if by else "nobody")
    raise ClaimRefused(code, message)


@dataclass(slots=True)
class Case:
    """A claim, its author and claimant, and all claims of either that are open or hold a record: locked, and as they are now."""

    claim: Claim
    author: Author
    claimant: User | None
    claims: list[Claim]

    @property
    def holder(self) -> Claim | None:
        """The claim by which somebody holds the record."""
        return next((claim for claim in self.claims if claim.author_id == self.author.pk and claim.is_holding), None)

    def contesting(self, contested: Claim) -> list[Claim]:
        """The open claims that dispute `contested`."""
        return [claim for claim in self.claims if claim.contests_id == contested.pk and claim.is_live]


def lock(author_id: int, user_id: int | None) -> tuple[Author, User | None]:
    """The author's row, then the account's. Imports that only point at them are not kept waiting."""
    author = Author.objects.select_for_update(no_key=True).defer("name_search", "summary").get(pk=author_id)
    return author, User.objects.select_for_update(no_key=True).filter(pk=user_id).first() if user_id else None


def locked_claims(author_id: int, user_id: int | None, *also: int) -> list[Claim]:
    """Every open or holding claim to the record or by the account, what the latter contest, and `also`, by number. One statement."""
    of_either = Q(author=author_id) | (Q(user=user_id) if user_id else Q(pk=None))
    contested = Claim.objects.live().filter(user=user_id, contests__isnull=False).values("contests") if user_id else Claim.objects.none()
    wanted = Q(pk__in=also) | Q(pk__in=contested) | (of_either & Q(status__in=(*Claim.LIVE, *Claim.HOLDING)))
    return list(Claim.objects.filter(wanted).order_by("pk").select_for_update(no_key=True))


@contextmanager
def case_of(claim: Claim) -> Iterator[Case]:
    """The case of a claim for the length of one transaction. Four statements."""
    with transaction.atomic():
        author, claimant = lock(claim.author_id, claim.user_id)
        claims = locked_claims(claim.author_id, claim.user_id, claim.pk)
        case = Case(next(found for found in claims if found.pk == claim.pk), author, claimant, claims)
        if case.claim.author_id != author.pk:
            refuse("record-merged", "The record was merged with another a moment ago. Load the page and try again.", claim=claim, by=None)
        yield case


def take_step(
    claim: Claim,
    step: str,
    *,
    role: str,
    reason: str = "",
    text: str = "",
    data: dict[str, Any] | None = None,
    fields: dict[str, Any] | None = None,
    by: User | None,
) -> None:
    """Change the claim's state and `fields`, append the event, send the signal: all or nothing, in the caller's transaction."""
    before, after = claim.status, state_after(step, claim.status)
    if after is None:
        message = CANNOT.get(step, "This cannot be done now: {state}.")
        refuse(f"not-{step}", message.format(state=claim.get_status_display().lower()), claim=claim, by=by)
    changes: dict[str, Any] = dict(fields or {})
    if after != before:
        changes |= {"status": after, "status_at": timezone.now(), "reason": reason, "leased_by": None, "leased_until": None}
    for name, value in changes.items():
        setattr(claim, name, value)
    if changes:
        claim.save(update_fields=list(changes))
    event = append(claim, step, role=role, reason=reason, before=before, after=after, text=text, data=data, by=by)
    if step in NOTICED:
        ClaimNotice.objects.create(event=event)
    if signal := SIGNALS.get(step):
        announce(signal, claim, by=by)


def append(claim: Claim, kind: str, *, role: str, by: User | None, **fields: Any) -> ClaimEvent:
    """The event of something done about a claim."""
    fields["data"] = fields.get("data") or {}
    return ClaimEvent.objects.create(claim=claim, kind=kind, actor_id=by.pk if by else None, actor_role=role, **fields)


def announce(signal: Signal, claim: Claim, *, by: User | None) -> None:
    signal.send(sender=Claim, claim_id=claim.pk, author_id=claim.author_id, user_id=claim.user_id, actor_id=by.pk if by else None)


def own(case: Case, *, by: User) -> None:
    """Refuse whoever is not the claimant. To them the claim does not exist, and the message says no more."""
    if case.claim.user_id != by.pk:
        refuse("not-yours", "This is not a claim of yours.", claim=case.claim, by=by)


def pieces_of(evidence: Iterable[Evidence]) -> list[Piece]:
    """Evidence as the rules of profiles.claiming weigh it."""
    return [
        Piece(kind=item.kind, voice=item.source or item.value, giver=item.given_by_id, is_backed=bool(item.detail.get("backed")))
        for item in evidence
    ]


def proved_for(claim: Claim) -> list[Evidence]:
    """What is proved and live for the claimant's being this author, whichever claim it was gathered for. One query."""
    if claim.user_id is None:
        return []
    return list(Evidence.objects.proved().filter(user=claim.user_id, author=claim.author_id).order_by("pk"))


def settle_dispute(case: Case, contested_id: int | None) -> None:
    """A disputed claim that nobody contests any more, and that is not frozen, is upheld: the rival has gone. One query.

    The contested claim's row is locked, and whoever opens a dispute takes that lock first: no rival slips in unseen.
    """
    contested = next((claim for claim in case.claims if claim.pk == contested_id), None)
    if contested is None or contested.status != Claim.Status.DISPUTED or contested.frozen_at:
        return
    if not Claim.objects.live().filter(contests=contested).exists():
        take_step(contested, "upheld", role=Role.SYSTEM, reason="dispute-withdrawn", by=None)
