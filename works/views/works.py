"""The work page."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from works.actions.abstracts import request_abstracts
from works.models import Affiliation, AuthorName, Authorship, Notice, Reference, RegistryRecord, Work
from works.models.similar import similar_to
from works.names import printed_name
from works.views.citations import cited_by, cites

BYLINE_PAGE = 100
FIRST_CITATIONS = 8
TOLD = ("type", "year", "version", "notice")  # by each registry record, so that preprint and article can be told apart


@require_safe
def work(request: HttpRequest, public_id: str) -> HttpResponse:
    """One work: byline with affiliations, abstract, identifiers, topics, who tells of it. Nine queries, however long the byline.

    Positions are read as a range of the index on (work, position), so that the last page of 3,000 authors costs what the first does.
    """
    if not public_id.isalnum():
        raise Http404("A work's address ends with eight letters and digits.")
    known = Reference.objects.filter(work=OuterRef("pk")).order_by().values("work")
    citing = Reference.objects.filter(cited=OuterRef("pk")).order_by().values("cited")
    found = get_object_or_404(
        Work.objects.select_related("source")
        .defer("title_search", "title_key")
        .annotate(
            references_count=Coalesce(Subquery(known.annotate(n=Count("pk")).values("n")), 0),
            references_here=Coalesce(Subquery(known.annotate(n=Count("pk", filter=Q(cited__isnull=False))).values("n")), 0),
            citations_count=Coalesce(Subquery(citing.annotate(n=Count("pk")).values("n")), 0),
        ),
        public_id=public_id,
    )
    if found.merged_into_id:
        return redirect(get_object_or_404(Work, pk=found.merged_into_id), permanent=True)
    request_abstracts([found])
    pages = max(1, -(-found.authors_count // BYLINE_PAGE))
    page = min(_page_number(request.GET.get("authors", "")), pages)
    start = (page - 1) * BYLINE_PAGE
    authorships = list(
        Authorship.objects.filter(work=found, position__gt=start, position__lte=start + BYLINE_PAGE)
        .select_related("author")
        .annotate(hidden=ArraySubquery(AuthorName.objects.filter(author=OuterRef("author"), is_public=False).values("name_key")))
        .only("position", "name", "orcid", "matched_by", "confidence", "author__name", "author__public_id", "work")
        .prefetch_related(Prefetch("affiliations", queryset=Affiliation.objects.select_related("institution").order_by("place")))
        .order_by("position")
    )
    for authorship in authorships:
        if authorship.author and (hidden := vars(authorship)["hidden"]):
            authorship.name = printed_name(authorship.name, authorship.author.name, hidden)
    places, marks = _affiliation_marks(authorships)
    records = (
        RegistryRecord.objects.filter(work=found)
        .order_by("registry", "key")
        .values("registry", "key", "retrieved_at", *(f"payload__{name}" for name in TOLD), "payload__source__name")
    )
    context = {
        "work": found,
        "address": request.build_absolute_uri(found.get_absolute_url()),
        "authorships": authorships,
        "notices": _notices(found),
        "byline": [(authorship, marks[authorship.pk]) for authorship in authorships],
        "places": places,
        "records": [version_of(record) for record in records],
        "references": list(cites(found).filter(cited__isnull=False)[:FIRST_CITATIONS]),
        "citations": list(cited_by(found)[:FIRST_CITATIONS]),
        "similar": similar_to(found),
        "page": page,
        "pages": range(1, pages + 1),
        "start": start + 1,
        "end": min(start + BYLINE_PAGE, found.authors_count),
    }
    return render(request, "works/work.html", context)


def version_of(record: dict[str, Any]) -> dict[str, Any]:
    """One registry record as the state of the work that it tells of: type, year, place, version."""
    told = {name: record[f"payload__{name}"] for name in TOLD}
    return {**told, "source": record["payload__source__name"], **{name: record[name] for name in ("registry", "key", "retrieved_at")}}


def _notices(work: Work) -> list[Notice]:
    """What was said of the work since, each notice once: as its own record tells of it, where that is known."""
    told: dict[tuple[str, str, str], Notice] = {}
    for notice in Notice.objects.about(work):
        name = (notice.kind, notice.notice_scheme, notice.notice_value)
        if name not in told or notice.title:
            told[name] = notice
    return list(told.values())


def _page_number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _affiliation_marks(authorships: list[Authorship]) -> tuple[list[str], dict[int, list[int]]]:
    """The affiliations as a journal prints them: each once, numbered in order of appearance, and the numbers of each author."""
    numbers: dict[str, int] = {}
    marks = {
        authorship.pk: [
            numbers.setdefault(item.institution.name if item.institution else item.raw, len(numbers) + 1)
            for item in authorship.affiliations.all()
        ]
        for authorship in authorships
    }
    return list(numbers), marks
