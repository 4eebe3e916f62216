"""What a researcher's works are about: a page, and the same list as the researcher page loads it."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from profiles.views.addresses import author_at
from works.models import Author, Shelf, ShelvedPerson, Topic
from works.views.listing import number_pair

ON_A_PAGE = 100


@require_safe
def topics(request: HttpRequest, slug: str) -> HttpResponse:
    """Most works first, a hundred on a page. Three queries, however many there are; HTMX gets the entries of the list alone.

    As long as a worker has not counted them, the ten that the researcher page shows.
    """
    author = author_at(slug, Author.objects.only("public_id", "name", "merged_into", "summary", "topics_count"))
    here = reverse("profiles:topics", args=[author.slug])
    if slug != author.slug:
        query = request.META["QUERY_STRING"]
        return redirect(f"{here}{'?' if query else ''}{query}", permanent=True)
    place = number_pair(request.GET.get("after", ""))
    rows = places_of(author, place)
    named = Topic.objects.in_bulk([row["subject"] for row in rows[:ON_A_PAGE]])
    listed: list[dict[str, Any]] = [
        {"label": topic.label, "slug": topic.slug, "works": row["works_count"], "first": row["first_year"], "last": row["last_year"]}
        for row in rows[:ON_A_PAGE]
        if (topic := named.get(row["subject"]))
    ]
    last = rows[ON_A_PAGE - 1] if len(rows) > ON_A_PAGE else None
    htmx = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    response = render(
        request,
        "profiles/topics_part.html" if htmx and not htmx.history_restore_request else "profiles/topics.html",
        {
            "author": author,
            "topics": listed or ([] if place else author.topics),
            "is_counted": bool(listed) or place is not None or not author.topics,
            "more": f"{here}?after={last['works_count']}-{last['subject']}" if last else "",
            "here": here,
            "page": author.get_absolute_url(),
            "address": request.build_absolute_uri(here),
            "is_continued": place is not None,
        },
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def places_of(author: Author, after: tuple[int, int] | None) -> list[Any]:
    """The shelves of topics on which the author stands, from a place on. One query, which reads the author's shelves and no others."""
    rows = ShelvedPerson.objects.filter(author=author, shelf__kind=Shelf.Kind.TOPIC).annotate(subject=F("shelf__subject"))
    if after:
        rows = rows.filter(Q(works_count__lt=after[0]) | Q(works_count=after[0], subject__gt=after[1]))
    return list(rows.order_by("-works_count", "subject").values("subject", "works_count", "first_year", "last_year")[: ON_A_PAGE + 1])
