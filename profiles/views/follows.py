"""The buttons "Follow" and "Unfollow", and the list of what one follows."""

from __future__ import annotations

import re
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from profiles.actions import follows
from profiles.loading.following import FollowButton, button_of, button_of_search
from profiles.models import Follow, User
from profiles.models.follow import Subject
from profiles.views.addresses import author_at
from works.models import Author
from works.models.finding import WorkSearch
from works.views.subjects import subject_at

ON_A_PAGE = 50
VERBS = {"follow": follows.follow, "unfollow": follows.unfollow}
VERBS_OF_SEARCHES = {"follow": follows.follow_search, "unfollow": follows.unfollow_search}


@require_POST
def change(request: HttpRequest, slug: str, kind: str, verb: str) -> HttpResponse:
    """Follow or unfollow a researcher, a topic or an institution. At most seven statements beside the session's.

    HTMX gets the button as it is now; a plain form is led back to the page. Whoever is not signed in is led to the log-in, and from there
    back to the button.
    """
    subject: Subject = (
        author_at(slug, Author.objects.only("name", "public_id", "merged_into")) if kind == "researcher" else subject_at(kind, slug)[0]
    )
    place = f"{subject.get_absolute_url()}#follow"
    if not isinstance(request.user, User):
        return by_the_log_in(request, place)
    try:
        VERBS[verb](subject, by=request.user)
    except follows.FollowRefused as refused:
        return answer(request, place, lambda user: button_of(subject, user), str(refused))
    return answer(request, place, lambda user: button_of(subject, user))


@require_POST
def change_search(request: HttpRequest, verb: str) -> HttpResponse:
    """The same for a search, which the form holds as an address's query."""
    search = WorkSearch.read(request.POST.get("search", ""))
    place = f"{reverse('search')}?{search.write()}#follow"
    if not isinstance(request.user, User):
        return by_the_log_in(request, place)
    try:
        VERBS_OF_SEARCHES[verb](search, by=request.user)
    except follows.FollowRefused as refused:
        return answer(request, place, lambda user: button_of_search(search, user), str(refused))
    return answer(request, place, lambda user: button_of_search(search, user))


def by_the_log_in(request: HttpRequest, place: str) -> HttpResponse:
    entrance = f"{reverse('account_login')}?{urlencode({'next': place})}"
    return HttpResponse(headers={"HX-Redirect": entrance}) if request.headers.get("HX-Request") else HttpResponseRedirect(entrance)


def answer(request: HttpRequest, place: str, button: Any, refused: str = "") -> HttpResponse:
    if request.headers.get("HX-Request"):
        shown: FollowButton = button(request.user)
        return render(request, "profiles/follow_button.html", {"button": shown, "refused": refused})
    if refused:
        messages.error(request, refused)
    return redirect(place)


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What the account follows, latest first, fifty on a page. One query beside the session's."""
    rows = Follow.objects.filter(user=cast("User", request.user)).with_names().newest_first()
    if re.fullmatch(r"[0-9]{1,18}", after := request.GET.get("after", "")):
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: ON_A_PAGE + 1])
    context = {
        "follows": found[:ON_A_PAGE],
        "after": found[ON_A_PAGE - 1].pk if len(found) > ON_A_PAGE else "",
        "is_continued": "after" in request.GET,
    }
    return render(request, "profiles/follows.html", context)


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a follow of one's own from the list; somebody else's is not there."""
    found = get_object_or_404(Follow.objects.with_names(), pk=pk, user=cast("User", request.user))
    follows.end_follow(found, by=cast("User", request.user))
    messages.success(request, f"You no longer follow {found.label}.")
    return redirect("profiles:follows")
