"""How long things are kept: the table of /about/privacy/, and the nightly task that keeps to it. And the log of who saw evidence."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from profiles.actions.snapshots import forget_old_snapshots
from profiles.inviting import LIVE
from profiles.models import AbuseReport, Claim, EvidenceView, Introduction, Invitation, Objection, User

# What, why, how long. The page shows it; `forget_overnight` and the tasks beside it carry it out.
ENDED_INVITATIONS = timedelta(days=180)
DECIDED_REPORTS = timedelta(days=365)
VIEWS = timedelta(days=730)
ANSWERED_OBJECTIONS = timedelta(days=90)
LEASE = timedelta(minutes=15)


def note_view(claim: Claim, *, by: User) -> None:
    """Somebody on staff has the evidence of a claim before them. A reload within a quarter of an hour is the same look. Two statements."""
    if claim.user_id is None or claim.user_id == by.pk:
        return
    if not EvidenceView.objects.filter(claim=claim, viewer=by, at__gt=timezone.now() - LEASE).exists():
        EvidenceView.objects.create(claim=claim, viewer=by)


def forget_overnight() -> None:
    """Delete what has been kept long enough. Seven statements."""
    now = timezone.now()
    ended = Invitation.objects.exclude(status__in=LIVE).filter(conversation=None, status_at__lt=now - ENDED_INVITATIONS)
    ended.delete()
    Introduction.objects.exclude(status__in=Introduction.OPEN).filter(status_at__lt=now - ENDED_INVITATIONS).delete()
    AbuseReport.objects.filter(decided_at__lt=now - DECIDED_REPORTS).update(text="", statement="")
    EvidenceView.objects.filter(at__lt=now - VIEWS).delete()
    Objection.objects.filter(decided_at__lt=now - ANSWERED_OBJECTIONS).delete()
    forget_old_snapshots()
