"""The work page."""

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from works.actions.abstracts import request_abstracts
from works.models import Affiliation, Authorship, Reference, RegistryRecord, Work

BYLINE_PAGE = 100


def work(request: HttpRequest, public_id: str) -> HttpResponse:
    """One work: byline with affiliations, abstract, identifiers, topics, who tells of it. Four queries, however long the byline.

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
    request_abstracts([found])
    pages = max(1, -(-found.authors_count // BYLINE_PAGE))
    page = min(_page_number(request.GET.get("authors", "")), pages)
    start = (page - 1) * BYLINE_PAGE
    authorships = list(
        Authorship.objects.filter(work=found, position__gt=start, position__lte=start + BYLINE_PAGE)
        .select_related("author")
        .only("position", "name", "orcid", "matched_by", "author__name", "author__public_id", "work")
        .prefetch_related(Prefetch("affiliations", queryset=Affiliation.objects.select_related("institution").order_by("place")))
        .order_by("position")
    )
    places, marks = _affiliation_marks(authorships)
    records = RegistryRecord.objects.filter(work=found).only("registry", "key", "retrieved_at", "work").order_by("registry", "key")
    context = {
        "work": found,
        "byline": [(authorship, marks[authorship.pk]) for authorship in authorships],
        "places": places,
        "records": records,
        "page": page,
        "pages": range(1, pages + 1),
        "start": start + 1,
        "end": min(start + BYLINE_PAGE, found.authors_count),
    }
    return render(request, "works/work.html", context)


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
