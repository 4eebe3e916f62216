"""My page: what waits and what is kept, each with its page. An overview, not another place to do things."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from profiles.loading.feed import ON_A_PAGE, feed_page
from profiles.models import Claim, Conversation, Feed, Follow, Introduction, Invitation, Notification, Profile, User

COUNTED_UP_TO = 100


def number(rows: QuerySet[Any]) -> int:
    """How many there are, counted up to a hundred."""
    return rows.order_by()[:COUNTED_UP_TO].count()


@require_safe
@login_required
def my_page(request: HttpRequest) -> HttpResponse:
    """What an account has here, in figures. At most fifteen queries beside the session's, however much there is."""
    user = cast("User", request.user)
    own = Feed.objects.filter(user=user).first()
    items, following = feed_page(user)
    news = sum(own is None or own.seen_until is None or item.at > own.seen_until for item in items)
    context = {
        "profile": Profile.objects.filter(user=user)
        .select_related("author")
        .only("author__name", "author__public_id", "claimed_at")
        .first(),
        "claims": Claim.objects.filter(user=user, status__in=Claim.LIVE)
        .select_related("author")
        .only("public_id", "status", "status_at", "author__name")[:3],
        "follows": number(Follow.objects.filter(user=user)),
        "searches": number(Follow.objects.filter(user=user, search__isnull=False)),
        "news": news,
        "more_news": bool(following) and news == ON_A_PAGE,
        "latest": items[:3],
        "invitations": number(Invitation.objects.delivered_to(user)),
        "introductions": number(Introduction.objects.filter(middle=user, status=Introduction.Status.ASKED)),
        "conversations": number(Conversation.objects.of(user).unread(user)),
        "unread": Notification.objects.unread_count(user),
        "counted_up_to": COUNTED_UP_TO,
    }
    return render(request, "profiles/my_page.html", context)
