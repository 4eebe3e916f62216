"""The page "Why 13?": trust with every line that it is made of; and the figure as a picture for other sites."""

from __future__ import annotations

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from profiles.models import Trust
from profiles.trust.raising import Step, steps
from profiles.views.addresses import author_at
from works.models import Author

CHANGES_SHOWN = 12
BADGE_SECONDS = 3600


@require_safe
def why(request: HttpRequest, slug: str) -> HttpResponse:
    """An author's trust, line by line. Two queries for a stranger. HTMX gets the lines alone, as they stand on the page, in one."""
    author = author_at(
        slug, Author.objects.select_related("trust", "profile").only("name", "public_id", "merged_into", "trust", "profile__user_id")
    )
    if slug != author.slug:
        return redirect("profiles:trust", author.slug, permanent=True)
    trust: Trust | None = getattr(author, "trust", None)
    profile = getattr(author, "profile", None)
    is_owner = profile is not None and profile.user_id == request.user.pk
    context = {"author": author, "trust": trust, "is_owner": is_owner}
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        response = render(request, "profiles/trust_lines.html", context)
    else:
        context["address"] = f"{settings.SITE_URL}{reverse('profiles:trust', args=[author.slug])}"
        context["picture"] = f"{settings.SITE_URL}{reverse('profiles:trust_badge', args=[author.slug])}"
        context["changes"] = [change for change in author.trust_changes.all()[:CHANGES_SHOWN] if change.lines]
        if is_owner:
            context["steps"] = steps_of(trust)
            context["findings"] = author.findings.exclude(status="dismissed").exclude(status="reported")
        response = render(request, "profiles/why.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def steps_of(trust: Trust | None) -> tuple[Step, ...]:
    if trust is None:
        return ()
    return steps(trust.level, {line["key"]: (line["micropoints"], line["maximum"]) for line in trust.lines})


@require_safe
@xframe_options_exempt
@csp_replace({"default-src": [NONE], "style-src": [UNSAFE_INLINE]})  # type: ignore[arg-type]
def badge(request: HttpRequest, slug: str) -> HttpResponse:
    """The figure as an SVG for other sites: it loads nothing, sets nothing and counts nobody. One query; an hour in any cache."""
    author = author_at(slug, Author.objects.select_related("trust").only("name", "public_id", "merged_into", "trust"))
    trust: Trust | None = getattr(author, "trust", None)
    etag = quote_etag(f"{author.public_id}-{trust.input_hash if trust else 'unknown'}")
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        picture = render_to_string("profiles/trust_badge.svg", {"author": author, "trust": trust})
        response = HttpResponse(picture, content_type="image/svg+xml; charset=utf-8")
    response["ETag"] = etag
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_cache_control(response, public=True, max_age=BADGE_SECONDS)
    return response
