"""What a work cites, and what cites it: lists that are read from a place on."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from works.models import Reference, Work

ON_A_PAGE = 50
SHOWN = ("public_id", "type", "title", "year", "notice", "authors_count", "card")


def cited_by(work: Work) -> QuerySet[Reference]:
    """The works that cite this one, those latest in the record first."""
    return Reference.objects.filter(cited=work).select_related("work").only("cited", *(f"work__{name}" for name in SHOWN)).order_by("-work")


def cites(work: Work) -> QuerySet[Reference]:
    """What this work cites: first what the record holds."""
    fields = ("scheme", "value", "work", *(f"cited__{name}" for name in SHOWN))
    return Reference.objects.filter(work=work).select_related("cited").only(*fields).order_by("pk")


@require_safe
def citations(request: HttpRequest, public_id: str) -> HttpResponse:
    """Works of the record that cite this one. Two queries."""
    work, after = work_and_place(public_id, request)
    if work.merged_into_id:
        return redirect("works:citations", get_object_or_404(Work, pk=work.merged_into_id).public_id, permanent=True)
    rows = list((cited_by(work).filter(work__lt=after) if after else cited_by(work))[: ON_A_PAGE + 1])
    shown = rows[:ON_A_PAGE]
    place = shown[-1].work_id if len(rows) > ON_A_PAGE else 0
    return listed(request, work, "Cited by", place, works=[row.work for row in shown])


@require_safe
def references(request: HttpRequest, public_id: str) -> HttpResponse:
    """What this work cites, in the order of the record. Two queries."""
    work, after = work_and_place(public_id, request)
    if work.merged_into_id:
        return redirect("works:references", get_object_or_404(Work, pk=work.merged_into_id).public_id, permanent=True)
    rows = list(cites(work).filter(pk__gt=after)[: ON_A_PAGE + 1])
    shown = rows[:ON_A_PAGE]
    place = shown[-1].pk if len(rows) > ON_A_PAGE else 0
    elsewhere = [(row.scheme, row.value) for row in shown if row.cited is None]
    return listed(request, work, "References", place, works=[row.cited for row in shown if row.cited], elsewhere=elsewhere)


def listed(request: HttpRequest, work: Work, heading: str, place: int, **rows: Any) -> HttpResponse:
    context = {
        "work": work,
        "heading": heading,
        "more": f"?after={place}" if place else "",
        "is_continued": "after" in request.GET,
        "address": request.build_absolute_uri(request.path),
        **rows,
    }
    return render(request, "works/citations.html", context)


def work_and_place(public_id: str, request: HttpRequest) -> tuple[Work, int]:
    """The work at an address, and the id after which the list goes on. One query."""
    if not public_id.isalnum():
        raise Http404("A work's address ends with eight letters and digits.")
    after = request.GET.get("after", "")
    found = get_object_or_404(Work.objects.only("public_id", "title", "merged_into"), public_id=public_id)
    return found, int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
