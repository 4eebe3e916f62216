"""The buttons "Follow" and "Unfollow"."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from profiles.actions import follows
from profiles.models import User
from profiles.models.follow import followers_count, is_followed_by
from profiles.views.addresses import author_at
from works.models import Author


@require_POST
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    return change(request, slug, follows.follow)


@require_POST
def unfollow(request: HttpRequest, slug: str) -> HttpResponse:
    return change(request, slug, follows.unfollow)


def change(request: HttpRequest, slug: str, action: Callable[..., None]) -> HttpResponse:
    """Do it, and answer with the button as it is now (for HTMX) or lead back to the page. Three statements beside the session's.

    Whoever is not signed in is led to the log-in, and from there back to the button.
    """
    author = author_at(slug, Author.objects.only("name", "public_id"))
    place = f"{author.get_absolute_url()}#follow"
    by_htmx = bool(request.headers.get("HX-Request"))
    if not isinstance(request.user, User):
        entrance = f"{reverse('account_login')}?{urlencode({'next': place})}"
        return HttpResponse(headers={"HX-Redirect": entrance}) if by_htmx else HttpResponseRedirect(entrance)
    action(author, by=request.user)
    if not by_htmx:
        return redirect(place)
    shown = Author.objects.only("name", "public_id").annotate(followers_count=followers_count(), is_followed=is_followed_by(request.user))
    return render(request, "profiles/follow_button.html", {"author": shown.get(pk=author.pk)})
