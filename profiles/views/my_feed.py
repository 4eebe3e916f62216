"""One's own feed: the page, what was seen of it, and the Atom feed that a private address opens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_http_methods, require_POST, require_safe

from profiles.actions.feeds import make_feed_token, mark_seen, revoke_feed_token
from profiles.loading.feed import START, FeedItem, Kind, Place, feed_page
from profiles.models import Feed, User
from profiles.models.token import digest_of
from works.views.feeds import ENTRIES, Entry, atom_feed, tag, work_entry


def account(request: HttpRequest) -> User:
    return cast("User", request.user)


@require_safe
@login_required
def my_feed(request: HttpRequest) -> HttpResponse:
    """What is new about what the account follows, thirty items on a page. Nine queries beside the session's, however much is followed.

    Looking marks nothing as seen.
    """
    place = START
    if after := request.GET.get("after", ""):
        read = Place.read(after)
        if read is None:
            raise Http404("There is no such page.")
        place = read
    items, following = feed_page(account(request), before=place)
    own = Feed.objects.filter(user=account(request)).first() or Feed()
    context = {
        "items": [(item, is_new(item, own.seen_until)) for item in items],
        "news": sum(is_new(item, own.seen_until) for item in items),
        "after": following.write() if following else "",
        "is_continued": bool(after),
        "until": max((item.at for item in items), default=None),
        "follows_something": bool(items) or account(request).follows.exists(),
    }
    return render(request, "profiles/feed.html", context)


def is_new(item: FeedItem, seen_until: datetime | None) -> bool:
    return seen_until is None or item.at > seen_until


@require_POST
@login_required
def seen(request: HttpRequest) -> HttpResponse:
    """Mark everything up to the item that stood first on the page."""
    try:
        until = datetime.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        raise Http404("There is no such moment.") from None
    mark_seen(until=until if until.tzinfo else until.replace(tzinfo=UTC), by=account(request))
    return redirect("profiles:my_feed")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def feed_address(request: HttpRequest) -> HttpResponse:
    """The private address of the Atom feed: made, made anew, given up. A new one is shown in the answer to the form, and never after."""
    address = ""
    if request.method == "POST" and request.POST.get("verb") == "end":
        revoke_feed_token(by=account(request))
        messages.success(request, "The address opens nothing any more.")
        return redirect("profiles:feed_address")
    if request.method == "POST":
        address = request.build_absolute_uri(reverse("profiles:private_feed", args=[make_feed_token(by=account(request))]))
    own = Feed.objects.filter(user=account(request)).exclude(digest="").first()
    return render(request, "profiles/feed_address.html", {"own": own, "address": address})


@require_safe
def private_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's feed as Atom, for whoever has its address. Nobody else may keep it, and nobody lists it. Eight queries."""
    response = atom_of(request, token)
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


@conditional_page
def atom_of(request: HttpRequest, token: str) -> HttpResponse:
    found = Feed.objects.select_related("user").filter(digest=digest_of(token), user__is_active=True).first()
    if found is None:
        return HttpResponse("This address opens nothing.\n", status=404, content_type="text/plain; charset=utf-8")
    items, _ = feed_page(found.user, size=ENTRIES)
    page = reverse("profiles:my_feed")
    return atom_feed(
        request, [entry_of(request, item) for item in items], title="What you follow – BZPEER", page=page, key=f"{page}{found.pk}/"
    )


def entry_of(request: HttpRequest, item: FeedItem) -> Entry:
    through = "Through: " + "; ".join(follow.label for follow in item.follows)
    if item.work is not None:
        entry = work_entry(request, item.work)
        return entry | {"description": ". ".join(filter(None, (entry["description"], through)))}
    address = request.build_absolute_uri(item.get_absolute_url())
    said: dict[str, Any] = {"title": f"{item.author} has claimed their page"}
    if item.kind is Kind.LEVEL and item.levels:
        said = {"title": f"{item.author}: verification level {item.levels[0]} is now {item.levels[1]}"}
    return said | {
        "link": address,
        "unique_id": tag(f"{item.get_absolute_url()}#{item.kind}-{item.at:%Y-%m-%d}"),
        "description": through,
        "pubdate": item.at,
        "updateddate": item.at,
        "categories": [],
    }
