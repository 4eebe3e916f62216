"""Emptying the private queue of staff by looking. No score ever reads it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from profiles.actions.findings import FindingRefused, check_staff
from profiles.models import Finding, FindingEvent, ModerationEntry, StaleTrust, User
from profiles.signals import findings_changed


@transaction.atomic
def look(*, entry: ModerationEntry, outcome: str, by: User) -> Finding | None:
    """A member of staff has looked: nothing is wrong, or it becomes a case, which somebody else decides."""
    entry = ModerationEntry.objects.select_for_update().get(pk=entry.pk)
    check_staff(entry.author_id, reporter_id=None, by=by)
    if entry.outcome:
        raise FindingRefused("Somebody has looked at this meanwhile.")
    entry.outcome, entry.looked_by, entry.looked_at = outcome, by, timezone.now()
    entry.save(update_fields=["outcome", "looked_by", "looked_at"])
    if outcome != ModerationEntry.Outcome.CASE or Finding.objects.open().filter(author=entry.author_id, reporter=by).exists():
        return None
    statement = " ".join(["Found by the weekly look at the graph.", *entry.reasons])
    finding = Finding.objects.create(author_id=entry.author_id, kind=Finding.Kind.IDENTITY, statement=statement, reporter=by)
    FindingEvent.objects.create(
        finding=finding,
        about_author=entry.author_id,
        kind="reported",
        actor_id=by.pk,
        actor_role=FindingEvent.Role.REVIEWER,
        after=finding.status,
        text=statement,
    )
    findings_changed.send(sender=Finding, author_ids=[entry.author_id], cause=StaleTrust.Cause.FINDING)
    return finding
