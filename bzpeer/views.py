"""The front door: home, about, and what the site says when something is wrong."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.db.models import Count, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from bzpeer.problems import is_api, problem_response
from bzpeer.telemetry import request_id
from bzpeer.wanted import for_cards, for_list
from profiles.models import Profile
from profiles.trust.levels import MEANINGS
from works.models import Author, Topic, Work, WorkTopic
from works.models.corpus import corpus_size
from works.views.sources import registries

NEWEST = 5_000  # rows that the home page looks at, of however many there are
CLAIMED = 6  # pages that were claimed last
CLAIMED_SHOWN = ("claimed_at", "card", "author__public_id", "author__name", "author__works_count")
SHOWN_REGISTRIES = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the record holds and where to begin. It reads the newest rows, never the whole record. Six queries."""
    told = registries()
    return render(
        request,
        "bzpeer/home.html",
        {
            "address": request.build_absolute_uri("/"),
            "size": corpus_size(),
            "last": max((one for one in told if one.finished_at), key=lambda one: one.finished_at, default=None),
            "registries": [one for one in told if one.taken_in or one.finished_at or one.is_running][:SHOWN_REGISTRIES],
            "claimed": Profile.objects.select_related("author").only(*CLAIMED_SHOWN).order_by("-pk")[:CLAIMED],
            "authors": for_list(Author.objects.filter(pk__range=newest_of(Author)).with_works().order_by("-works_count", "name_key", "pk"))[
                :9
            ],
            "topics": Topic.objects.filter(work_topics__pk__range=newest_of(WorkTopic))
            .annotate(works=Count("work_topics"))
            .order_by("-works", "label")[:14],
            "works": for_cards(Work.objects.order_by("-pk"))[:4],
        },
    )


def newest_of(kind: type[Author | WorkTopic]) -> tuple[Coalesce, Subquery]:
    """From which id to which the newest rows have theirs. As a range of ids they lie together; asked for one by one they cost a hundred
    times as many buffers. Both ends are named, since Postgres takes a range without an end for a third of the table."""
    ids = kind.objects.order_by("-pk").values("pk")
    return Coalesce(Subquery(ids[NEWEST - 1 : NEWEST]), 0), Subquery(ids[:1])


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    context = {"meanings": MEANINGS, "contact": settings.CONTACT_EMAIL, "address": request.build_absolute_uri(request.path)}
    return render(request, "bzpeer/about.html", context)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "bzpeer/robots.txt", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", {"request_id": request_id.get()}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"request_id": request_id.get()}, status=403)


def too_many_attempts(request: HttpRequest) -> HttpResponse:
    """The same page for everybody, made once: refusing must cost less than asking."""
    return HttpResponse(refusal(), status=429, headers={"Cache-Control": "no-store"})


@cache
def refusal() -> str:
    return render_to_string("429.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "404.html", {"request_id": request_id.get(), "reason": reason}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Made without the request, so that neither the session nor anything else asks a database that may be what failed."""
    if is_api(request):
        return problem_response(request, 500, "The error is noted, and told to nobody in detail.")
    return HttpResponse(render_to_string("500.html", {"request_id": request_id.get()}), status=500)
