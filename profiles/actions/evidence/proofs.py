"""What every proof ends in: a row of evidence, an event, an announcement."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from profiles import signals
from profiles.actions.claims.cases import Case, Role, append, case_of, own, refuse
from profiles.models import Claim, Evidence, User
from profiles.trust.levels import LIFETIME_MONTHS, Kind, months_later

OPEN_TO_EVIDENCE = (*Claim.LIVE, *Claim.HOLDING, Claim.Status.SUPERSEDED)


def check_open(case: Case, *, by: User) -> None:
    """The claim is the person's own and can use evidence."""
    own(case, by=by)
    if case.claim.status not in OPEN_TO_EVIDENCE:
        refuse("closed", "This claim is closed: it takes no more evidence.", claim=case.claim, by=by)


def months_of(kind: str) -> int | None:
    """How long a kind of evidence lives: the levels know; a link on a page is looked at every 30 days and lives a year without that."""
    if kind == Evidence.Kind.LINK:
        return 12
    return LIFETIME_MONTHS.get(Kind(kind))


def prove(
    case: Case, item: Evidence, *, held_on: date | None = None, role: str = Role.CLAIMANT, by: User | None, **fields: Any
) -> Evidence:
    """Let a new or pending row be proved, for its kind's lifetime from the day on which the fact held: today, unless told otherwise.
    What was proved before is renewed, and stays one row."""
    now = timezone.now()
    dated = held_on or now.date()
    for name, value in fields.items():
        setattr(item, name, value)
    same = Evidence.objects.filter(
        user=item.user, author=item.author, kind=item.kind, source=item.source, value=item.value, status=Evidence.Status.PROVED
    )
    known = same.exclude(pk=item.pk).first()
    if known:
        known.detail, known.institution, known.due_at = item.detail, item.institution, item.due_at
        if item.pk:
            item.delete()
        item = known
    months = months_of(item.kind)
    item.claim, item.status = case.claim, Evidence.Status.PROVED
    item.dated, item.proved_at, item.checked_at = dated, now, now
    item.expires_on = months_later(dated, months) if months else None
    item.token_hash, item.token_expires_at = "", None
    item.save()
    append(case.claim, "evidence-proved", role=role, data=told(item), by=by)
    announce(case)
    return item


def told(item: Evidence) -> dict[str, Any]:
    """What an event says of evidence: what it was and who spoke, never an address, a code or a person's words."""
    return {"evidence": item.pk, "kind": item.kind, "source": item.source, "value": item.value}


def announce(case: Case) -> None:
    users = [case.claim.user_id] if case.claim.user_id else []
    signals.evidence_changed.send(sender=Evidence, author_ids=[case.author.pk], user_ids=users)


def end(case: Case, item: Evidence, status: str, *, why: str, role: str, by: User | None) -> None:
    """Evidence that holds no more, or never did: the row stays, with the day and the reason."""
    was_proved = item.status == Evidence.Status.PROVED
    item.status, item.checked_at, item.due_at = status, timezone.now(), None
    item.token_hash, item.token_expires_at = "", None
    item.detail = {**item.detail, "said": why}
    if status == Evidence.Status.REVOKED:
        item.revoked_at = item.checked_at
    item.save()
    append(case.claim, f"evidence-{status}", role=role, data=told(item), by=by)
    if was_proved:
        announce(case)


@transaction.atomic
def take_back(standing: QuerySet[Evidence], *, why: str, by: User) -> int:
    """End what an account proved by something that is no longer its own; how many pieces of evidence that were."""
    found = list(standing.select_related("claim").order_by("claim", "pk"))
    for item in found:
        if item.claim is None:
            item.status, item.revoked_at, item.detail = Evidence.Status.REVOKED, timezone.now(), {**item.detail, "said": why}
            item.save(update_fields=["status", "revoked_at", "detail"])
            signals.evidence_changed.send(sender=Evidence, author_ids=[item.author_id], user_ids=[by.pk])
            continue
        with case_of(item.claim) as case:
            end(case, item, Evidence.Status.REVOKED, why=why, role=Role.CLAIMANT, by=by)
    return len(found)
