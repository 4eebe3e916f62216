"""The status of sources: which registries the record is made from, how fresh each is, on what terms; and the venues of its works."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import F, Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from works.importers.sources import LABELS, TERMS, is_live
from works.models import ImportRun, Shelf, Source
from works.views.listing import number_pair

VENUES_ON_A_PAGE = 50


class Registry(NamedTuple):
    """What imports from one registry have brought."""

    label: str
    terms: str
    is_live: bool
    taken_in: int
    finished_at: Any
    is_running: bool


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Registries and venues. Two queries: one over the import runs, one page of venues."""
    shelves = Shelf.objects.filter(kind=Shelf.Kind.SOURCE, works_count__gt=0).order_by("-works_count", "subject")
    if place := number_pair(request.GET.get("after", "")):
        shelves = shelves.filter(Q(works_count__lte=place[0]) & (Q(works_count__lt=place[0]) | Q(subject__gt=place[1])))
    rows = list(shelves.values_list("works_count", "people_count", "subject")[: VENUES_ON_A_PAGE + 1])
    named = Source.objects.in_bulk([subject for *_, subject in rows[:VENUES_ON_A_PAGE]])
    last = rows[VENUES_ON_A_PAGE - 1] if len(rows) > VENUES_ON_A_PAGE else None
    context = {
        "registries": registries(),
        "venues": [(named[subject], works, people) for works, people, subject in rows[:VENUES_ON_A_PAGE] if subject in named],
        "more": f"?after={last[0]}-{last[2]}#venues" if last else "",
        "is_continued": "after" in request.GET,
        "address": request.build_absolute_uri(request.path),
    }
    return render(request, "works/sources.html", context)


def registries() -> list[Registry]:
    """Every source that imports can read from: first those that the record has something of, most records first. One query.

    A record is taken in when it makes a new work, or tells more of one that stood already.
    """
    told: dict[str, Any] = {
        run["source"]: run
        for run in ImportRun.objects.order_by()
        .values("source")
        .annotate(
            taken_in=Sum(F("new") + F("merged")),
            finished=Max("finished_at", filter=Q(status=ImportRun.Status.FINISHED)),
            running=Max("pk", filter=Q(status=ImportRun.Status.RUNNING)),
        )
    }
    found = []
    for source, label in LABELS.items():
        its: dict[str, Any] = told.get(source, {})
        found.append(
            Registry(
                label,
                TERMS.get(source, "as whoever made the file says"),
                is_live(source),
                its.get("taken_in") or 0,
                its.get("finished"),
                bool(its.get("running")),
            )
        )
    return sorted(found, key=lambda registry: -registry.taken_in)
