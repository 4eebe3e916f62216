"""The pages of topics, institutions and sources: what it is, what stands under it, what stands beside it."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Max, Min, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import conditional_page, require_safe

from works.models import (
    FormerId,
    Institution,
    InstitutionIdentifier,
    InstitutionName,
    InstitutionRecord,
    InstitutionRelation,
    RegistryRecord,
    Shelf,
    ShelvedPerson,
    ShelvedWork,
    Source,
    Topic,
    Work,
)
from works.models.neighbours import LOOKED_AT, neighbours_of
from works.names import PUBLIC_ID_LENGTH
from works.views.feeds import ENTRIES, works_feed
from works.views.listing import YEAR, number_pair, page_after

Subject = Topic | Institution | Source
MODELS: dict[str, type[Topic | Institution | Source]] = {"topic": Topic, "institution": Institution, "source": Source}
FIRST_PEOPLE = 12
CLAIMED_AMONG = 100  # people with most works, among whom the page counts who has claimed theirs
PEOPLE_ON_A_PAGE = 50
SHOWN_NAMES = 12
CARD = ("public_id", "type", "title", "year", "notice", "authors_count", "card")


class People(NamedTuple):
    """The first people of a shelf, and of how many of them how many have claimed their page."""

    first: list[ShelvedPerson]
    looked_at: int
    claimed: int


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """A topic. Seven queries, however large it is; one for its graph slice, one for the button "Follow"."""
    return page(request, "topic", slug, lambda found: {"says": {"scheme": found.scheme, "code": found.code}})


@require_safe
def institution(request: HttpRequest, slug: str) -> HttpResponse:
    """An institution. Eleven queries, however large it is; one for its graph slice, one for the button "Follow"."""
    return page(request, "institution", slug, institution_facts)


@require_safe
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """A source: a journal, proceedings, a repository. Eight queries, however large it is."""
    return page(request, "source", slug, lambda found: {"identifiers": identifiers_of(found)})


@require_safe
@conditional_page
def topic_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest works of a topic by year. Three queries."""
    return feed(request, "topic", slug)


@require_safe
@conditional_page
def institution_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest works of an institution by year. Three queries."""
    return feed(request, "institution", slug)


def feed(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    found, shelf = subject_at(kind, slug)
    if slug != found.slug:
        return redirect(f"{found.get_absolute_url()}feed/", permanent=True)
    rows = ShelvedWork.objects.filter(shelf=shelf).select_related("work").newest_first() if shelf else ShelvedWork.objects.none()
    works = [row.work for row in rows.only("year", *(f"work__{name}" for name in (*CARD, "created_at")))[:ENTRIES]]
    return works_feed(request, works, title=f"Works: {found} – BZPEER", page=found.get_absolute_url(), key=f"/{kind}s/{found.public_id}/")


def page(request: HttpRequest, kind: str, slug: str, facts: Any) -> HttpResponse:
    """The page of a subject; HTMX asks for `?after=` and gets the next works alone."""
    found, shelf = subject_at(kind, slug)
    if slug != found.slug:
        query = request.META.get("QUERY_STRING", "")
        return redirect(found.get_absolute_url() + (f"?{query}" if query else ""), permanent=True)
    here = found.get_absolute_url()
    year = year if YEAR.fullmatch(year := request.GET.get("year", "")) else ""
    works, following = works_of(shelf, year, request.GET.get("after", ""))
    kept = {"year": year} if year else {}
    context: dict[str, Any] = {
        "kind": kind,
        "subject": found,
        "shelf": shelf,
        "here": here,
        "works": works,
        "year": year,
        "more": f"{here}?{urlencode({**kept, 'after': following})}" if following else "",
        "is_continued": "after" in request.GET,
    }
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        response = render(request, "works/shelf_works.html", context)
    else:
        context |= {
            "address": request.build_absolute_uri(here),
            "years": list(shelf.years.order_by("year").values_list("year", "works")) if shelf else [],
            "people": people_of(shelf),
            "neighbours": neighbours_of(shelf) if shelf else {},
            "looked_at": min(LOOKED_AT, shelf.works_count) if shelf else 0,
            "registries": registries_of(works),
            **facts(found),
        }
        response = render(request, f"works/{kind}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def people(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Everybody who stands under a subject, most works first, from a place on. Three queries."""
    found, shelf = subject_at(kind, slug)
    here = f"{found.get_absolute_url()}people/"
    if slug != found.slug:
        return redirect(here, permanent=True)
    rows = most_works(shelf)
    if place := number_pair(request.GET.get("after", "")):
        rows = rows.filter(Q(works_count__lte=place[0]) & (Q(works_count__lt=place[0]) | Q(author__gt=place[1])))
    shown = list(rows[: PEOPLE_ON_A_PAGE + 1])
    last = shown[PEOPLE_ON_A_PAGE - 1] if len(shown) > PEOPLE_ON_A_PAGE else None
    context = {
        "kind": kind,
        "subject": found,
        "shelf": shelf,
        "here": here,
        "address": request.build_absolute_uri(here),
        "people": shown[:PEOPLE_ON_A_PAGE],
        "more": f"{here}?after={last.works_count}-{last.author_id}" if last else "",
        "is_continued": "after" in request.GET,
    }
    return render(request, "works/subject_people.html", context)


def subject_at(kind: str, slug: str) -> tuple[Any, Shelf | None]:
    """The topic, institution or source that an address names, whatever the words before its id, and its shelf. Two queries; an id that
    became part of another names that other, for two queries more."""
    public_id = slug.rpartition("-")[2]
    model = MODELS[kind]
    if len(public_id) != PUBLIC_ID_LENGTH or "\0" in public_id:
        raise Http404(f"No {kind} in the record has this address.")
    found = model.objects.filter(public_id=public_id).first()
    if found is None:
        former = FormerId.objects.filter(public_id=public_id, kind=kind).first()
        found = model.objects.filter(pk=former.subject).first() if former else None
    if found is None:
        raise Http404(f"No {kind} in the record has this address.")
    return found, Shelf.objects.filter(kind=kind, subject=found.pk).first()


def works_of(shelf: Shelf | None, year: str, after: str) -> tuple[list[Work], str]:
    """Works on a shelf as cards, newest first. One query, or two (works.views.listing)."""
    rows = ShelvedWork.objects.filter(shelf=shelf).select_related("work").only("year", *(f"work__{name}" for name in CARD)).newest_first()
    if year:
        rows = rows.filter(year=int(year))
    found, following = page_after(rows if shelf else rows.none(), after)
    return [row.work for row in found], following


def most_works(shelf: Shelf | None) -> Any:
    rows = ShelvedPerson.objects.filter(shelf=shelf) if shelf else ShelvedPerson.objects.none()
    return (
        rows.select_related("author")
        .only("works_count", "first_year", "last_year", "author__name", "author__public_id", "author__is_claimed")
        .order_by("-works_count", "author")
    )


def people_of(shelf: Shelf | None) -> People:
    """One query, which reads CLAIMED_AMONG rows at most."""
    rows = list(most_works(shelf)[:CLAIMED_AMONG])
    return People(rows[:FIRST_PEOPLE], len(rows), sum(row.author.is_claimed for row in rows))


def registries_of(works: list[Work]) -> Any:
    """Which registries tell of these works, and when their records were retrieved. One query."""
    return (
        RegistryRecord.objects.filter(work__in=works)
        .order_by()
        .values("registry")
        .annotate(first=Min("retrieved_at"), last=Max("retrieved_at"))
        .order_by("registry")
    )


def identifiers_of(found: Institution | Source) -> list[tuple[str, str]]:
    """Scheme and value of each identifier. One query."""
    return list(found.identifiers.order_by("scheme", "value").values_list("scheme", "value"))


def institution_facts(found: Institution) -> dict[str, Any]:
    """What registries say of an institution besides its works. Four queries."""
    same = InstitutionIdentifier.objects.filter(scheme=OuterRef("scheme"), value=OuterRef("value"))
    names = InstitutionName.objects.filter(institution=found).order_by("kind", "name").values_list("kind", "name")
    seen = {found.name}
    other_names = [name for _, name in names if not (name in seen or seen.add(name))]  # type: ignore[func-returns-value]
    relations: dict[str, list[dict[str, Any]]] = {}
    for relation in (
        InstitutionRelation.objects.filter(institution=found)
        .annotate(
            other_name=Subquery(same.values("institution__name")[:1]),
            other_id=Subquery(same.values("institution__public_id")[:1]),
        )
        .order_by("kind", "other_name", "scheme", "value")
        .values("kind", "scheme", "value", "other_name", "other_id")
    ):
        its = relations.setdefault(relation["kind"], [])
        if relation["other_id"] is None or relation["other_id"] not in {found.public_id, *(known["other_id"] for known in its)}:
            its.append(dict(relation))
    return {
        "identifiers": identifiers_of(found),
        "names": other_names[:SHOWN_NAMES],
        "further_names": other_names[SHOWN_NAMES:],
        "relations": relations,
        "parent": next((relation for relation in relations.get("parent", ()) if relation["other_id"]), None),
        "listed": InstitutionRecord.objects.filter(institution=found).order_by("registry").only("registry", "retrieved_at"),
    }
