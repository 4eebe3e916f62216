"""How claims go: figures for everybody, said with how few they rest on."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from profiles.models import Claim, ClaimEvent

PERIOD = timedelta(days=90)
FEW = 20
Status = Claim.Status


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Claims, decisions, waits and overturned decisions of 90 days and of all time. Three queries."""
    since = timezone.now() - PERIOD
    counted = Claim.objects.aggregate(
        handed_in=Count("pk", filter=Q(submitted_at__isnull=False)),
        handed_in_lately=Count("pk", filter=Q(submitted_at__gt=since)),
        waiting=Count("pk", filter=Q(status__in=[Status.REVIEW, Status.DISPUTED])),
        held=Count("pk", filter=Q(status__in=Claim.HOLDING)),
        decided=Count("pk", filter=Q(decided_at__isnull=False)),
        decided_lately=Count("pk", filter=Q(decided_at__gt=since)),
    )
    # An event tells what was decided; a claim only how it stands now.
    events = ClaimEvent.objects.aggregate(
        approved=Count("claim", filter=Q(kind="approved"), distinct=True),
        rejected=Count("claim", filter=Q(kind="rejected"), distinct=True),
        appealed=Count("claim", filter=Q(kind="appealed"), distinct=True),
        disputed=Count("claim", filter=Q(kind="disputed"), distinct=True),
        upheld=Count("claim", filter=Q(kind="upheld"), distinct=True),
        revoked=Count("claim", filter=Q(kind="revoked"), distinct=True),
        approved_on_appeal=Count("claim", filter=Q(kind="approved", claim__appealed_at__isnull=False), distinct=True),
    )
    wait, number = Claim.objects.typical_wait(PERIOD)
    overturned = events["revoked"] + events["approved_on_appeal"]
    context = counted | events | {"wait": wait, "number": number, "overturned": overturned, "is_few": number < FEW, "few": FEW}
    return render(request, "profiles/review/statistics.html", context)
