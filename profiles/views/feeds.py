"""An Atom feed for each researcher."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import conditional_page, require_safe

from profiles.views.addresses import author_at
from works.models import Author, Authorship
from works.views.feeds import works_feed

ENTRIES = 50


@require_safe
@conditional_page
def researcher_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest works of a researcher by year, at most fifty. Two queries."""
    author = author_at(slug, Author.objects.only("public_id", "name", "merged_into"))
    if slug != author.slug:
        return redirect(reverse("profiles:feed", args=[author.slug]), permanent=True)
    newest = (
        Authorship.objects.filter(author=author)
        .newest_first()
        .select_related("work")
        .only("work__public_id", "work__title", "work__year", "work__card", "work__created_at")
    )
    works = [authorship.work for authorship in newest[:ENTRIES]]
    title = f"Works of {author.name} – BZPEER"
    return works_feed(request, works, title=title, page=author.get_absolute_url(), key=f"/researchers/{author.public_id}/")
