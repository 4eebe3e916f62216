"""The page "Why 13?": trust with every line that it is made of."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from profiles.views.addresses import author_at
from works.models import Author


@require_safe
def why(request: HttpRequest, slug: str) -> HttpResponse:
    """An author's trust, line by line. One query for a stranger. HTMX gets the lines alone, as they stand on the page."""
    author = author_at(slug, Author.objects.select_related("trust").only("name", "public_id", "trust"))
    if slug != author.slug:
        return redirect("profiles:trust", author.slug, permanent=True)
    alone = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "profiles/trust_lines.html" if alone else "profiles/why.html"
    response = render(request, template, {"author": author, "trust": getattr(author, "trust", None)})
    patch_vary_headers(response, ["HX-Request"])
    return response
