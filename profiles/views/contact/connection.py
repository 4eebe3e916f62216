"""How the signed-in person is connected to a researcher, and who on the way could introduce them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from graph.loading.paths import Connection, connect
from profiles.actions.introductions import hindrances
from profiles.models import Profile
from profiles.views.addresses import author_at
from profiles.views.contact.parties import person
from works.models import Author


@require_safe
@login_required
def connection(request: HttpRequest, slug: str) -> HttpResponse:
    """From one's own page to this one: the paths in short, and who next on them can be asked for an introduction, or why not.

    HTMX gets the part alone, or with `?only=introductions` what a page that shows the paths itself wants. At most 27 queries, of bounded
    cost, however many paths there are.
    """
    author = author_at(slug, Author.objects.only("name", "public_id", "works_count", "merged_into"))
    own = Profile.objects.select_related("author").filter(user=person(request)).first()
    context: dict[str, Any] = {"author": author, "own": own, "is_own": own is not None and own.author_id == author.pk}
    if own is not None and not context["is_own"]:
        context["connection"] = found = connect(own.author, author)
        context |= ways_in(author, found, request)
    part = request.headers.get("HX-Request")
    context["is_part_of_paths"] = part and request.GET.get("only") == "introductions"
    response = render(request, "profiles/contact/connection_part.html" if part else "profiles/contact/connection.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def ways_in(author: Author, found: Connection, request: HttpRequest) -> dict[str, Any]:
    """Who stands next to the signed-in person on the paths, each once, and why they cannot be asked."""
    middles = {path.between[0].pk: path.between[0] for path in found.paths if path.between}
    if not middles:
        return {}
    said = hindrances(author, middles=list(middles.values()), by=person(request))
    told = [(middle, said.of.get(middle.pk, "")) for middle in middles.values()]
    return {"hindrance": said.general, "middles": told, "can_ask": any(not why_not for _, why_not in told)}
