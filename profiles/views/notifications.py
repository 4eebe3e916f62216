"""What an account is told of: the list, the number in the header, and by which ways it wants to be told."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles import periods
from profiles.actions.mail_reports import paused_of
from profiles.actions.notifications import choose_notifications, mark_read
from profiles.models import DigestPlan, Notification, Preferences, User
from profiles.models.notification import Channel

ON_A_PAGE = 30
CURSOR = re.compile(r"(\d{1,12})\.(\d{6})-(\d{1,18})")
# Of claims mails tell in any case; of vouches and corrections none does.
SITE_ONLY = {Notification.Kind.CLAIM, Notification.Kind.VOUCH, Notification.Kind.CORRECTION}


def account(request: HttpRequest) -> User:
    return cast("User", request.user)


@require_safe
@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """The account's notifications, newest first, thirty on a page. Two queries beside the session's. Looking marks nothing as read."""
    rows = Notification.objects.filter(recipient=account(request)).newest_first()
    if place := CURSOR.fullmatch(request.GET.get("after", "")):
        seconds, microseconds, pk = (int(part) for part in place.groups())
        try:
            rows = rows.after(datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds), pk)
        except (OverflowError, ValueError) as error:
            raise Http404("There is no such page.") from error
    found = list(rows[: ON_A_PAGE + 1])
    shown = found[:ON_A_PAGE]
    last = shown[-1] if len(found) > ON_A_PAGE else None
    after = f"{int(last.noted_at.timestamp())}.{last.noted_at.microsecond:06}-{last.pk}" if last else ""
    context = {"notifications": shown, "after": after, "is_continued": "after" in request.GET}
    return render(request, "profiles/notifications.html", context)


@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The header's link with the number of unread ones as it is now. One query; for strangers none, and nothing to show."""
    if not isinstance(request.user, User):
        return HttpResponse(status=204)
    return render(request, "profiles/notifications_link.html", {"unread": Notification.objects.unread_count(request.user)})


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read, or the one that the form names."""
    given = request.POST.get("only", "")
    mark_read(by=account(request), only=[int(given)] if re.fullmatch(r"\d{1,18}", given) else None)
    return redirect("profiles:notifications")


@require_POST
@login_required
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where a notification leads; it has been read then. Somebody else's is not there."""
    found = get_object_or_404(Notification, pk=pk, recipient=account(request))
    mark_read(by=account(request), only=[found.pk])
    return redirect(found.address)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Of what the account wants to be told, and by which way."""
    kinds = [
        (kind, label, [channel for channel in Channel if channel == Channel.SITE or kind not in SITE_ONLY])
        for kind, label in Notification.Kind.choices
    ]
    if request.method == "POST":
        ticked = set(request.POST.getlist("wanted"))
        # What cannot be chosen stays as it stands without a choice.
        wanted = {
            (kind, channel)
            for kind, _, offered in kinds
            for channel in Channel.values
            if f"{kind}:{channel}" in ticked or channel not in offered
        }
        choose_notifications(wanted=wanted, by=account(request))
        messages.success(request, "Saved.")
        return redirect(reverse("profiles:settings"))
    own = Preferences.objects.filter(user=account(request)).first() or Preferences()
    rows = [
        {
            "label": label,
            "boxes": [(channel, channel.label, channel in offered, f"{kind}:{channel}", own.wants(kind, channel)) for channel in Channel],
        }
        for kind, label, offered in kinds
    ]
    context = {"rows": rows, "channels": Channel.labels, "paused": paused_of(account(request))}
    plan = DigestPlan.objects.get(user=account(request))
    context |= {"plan": plan, "rhythms": DigestPlan.Rhythm.choices, "zones": periods.zones(), "next_on": next_digest(plan)}
    return render(request, "profiles/settings.html", context)


def next_digest(plan: DigestPlan) -> date | None:
    """The day on which the next digest leaves, by the account's own calendar; None where it is off."""
    if plan.rhythm == periods.OFF:
        return None
    return periods.turn(plan.rhythm, periods.zone(plan.time_zone), timezone.now()).day + periods.EVERY[plan.rhythm]
