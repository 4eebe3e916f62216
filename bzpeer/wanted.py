"""What a search asks for, and what it finds: the same for the page, its file and its feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, QuerySet, Subquery

from profiles.models import Trust
from works.forms import SearchForm
from works.models import Author, Authorship, Institution, Source, Topic, Work
from works.models.finding import (
    FacetValue,
    Found,
    Order,
    PeopleFilter,
    PeopleOrder,
    WorkFilter,
    facets_of_people,
    facets_of_works,
    find_people,
    find_subjects,
    find_works,
)

# Each kind of result with the filters that are about it; where no kind was asked for, a filter of one kind alone implies that kind.
OF_PEOPLE = ("claimed", "band", "topic", "institution")
OF_WORKS = ("year", "type", "topic", "source", "institution", "registry")
IMPLIED = {"works": ("year", "type", "source", "registry"), "people": ("claimed", "band")}
NAMED: dict[str, type[Topic | Institution | Source]] = {"topic": Topic, "institution": Institution, "source": Source}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as its address says it. `named` are the topic, institution and source that it is narrowed to, `unknown` those that the
    record does not have: they narrow nothing."""

    state: dict[str, str]
    words: str
    kind: str
    page: int
    named: dict[str, Topic | Institution | Source]
    unknown: tuple[str, ...]

    @property
    def works(self) -> WorkFilter:
        ids = {name: one.pk for name, one in self.named.items()}
        year = int(self.state["year"]) if "year" in self.state else None
        return WorkFilter(year=year, type=self.state.get("type", ""), registry=self.state.get("registry", ""), **ids)

    @property
    def people(self) -> PeopleFilter:
        slugs = {name: one.slug for name, one in self.named.items() if name != "source"}
        return PeopleFilter(is_claimed={"yes": True, "no": False}.get(self.state.get("claimed", "")), **slugs)

    @property
    def order_of_works(self) -> Order:
        return Order(sort) if (sort := self.state.get("sort")) in {"newest", "oldest", "cited"} else Order.RELEVANCE

    @property
    def order_of_people(self) -> PeopleOrder:
        return PeopleOrder(sort) if (sort := self.state.get("sort")) in {"newest", "works"} else PeopleOrder.RELEVANCE

    def address(self, **changes: str) -> str:
        """The query of this search with some parts changed, and those that are "" left out; without `page` its first page."""
        return urlencode({name: value for name, value in (self.state | changes).items() if value})

    def of_kind(self, kind: str) -> str:
        """The query for one kind of result, with the filters that it knows."""
        known = {"people": OF_PEOPLE, "works": OF_WORKS, "": ("topic", "institution")}.get(kind, ())
        kept = {name: value for name, value in self.state.items() if name == "q" or name in known}
        return urlencode(kept | ({"kind": kind} if kind else {}))


def wanted(form: SearchForm, *, words: str) -> Wanted:
    """What a form that was validated asks for, when `words` is the text to look for. A query for each named filter."""
    state, named = form.state(), {}
    for name, model in NAMED.items():
        if (public_id := form.id_of(name)) and (found := model._default_manager.filter(public_id=public_id).first()):  # noqa: SLF001
            named[name] = found
            state[name] = found.slug
    unknown = tuple(name for name in NAMED if name in state and name not in named)
    if state.get("band") not in Trust.Band.values:
        state.pop("band", None)
    state = {name: value for name, value in state.items() if name not in unknown}
    kind = state.get("kind") or next((kind for kind, filters in IMPLIED.items() if not state.keys().isdisjoint(filters)), "")
    if kind:
        state["kind"] = kind
    return Wanted(state, words, kind, form.cleaned_data.get("page") or 1, named, unknown)


@dataclass(frozen=True, slots=True)
class Findings:
    """Ids of what was found, best first."""

    people: Found = field(default_factory=Found)
    works: Found = field(default_factory=Found)
    subjects: dict[str, Found] = field(default_factory=dict)

    @property
    def mended(self) -> dict[str, str]:
        """The words that were found in place of misspelt ones."""
        return dict((*self.people.mended, *self.works.mended))


def find(search: Wanted) -> Findings:
    """Everything that the search finds, each kind by itself. Five statements, some more where a kind is not found."""
    if not search.words and not search.named:
        return Findings()
    people = find_people(search.words, only=search.people, order=search.order_of_people)
    if (band := search.state.get("band")) and people.ids:
        having = set(Trust.objects.filter(author__in=people.ids, band=band).values_list("author", flat=True))
        people = Found(tuple(author for author in people.ids if author in having), people.is_capped, people.mended)
    works = find_listed(search)
    # What one kind has as it was typed is not mended for the other: who looks for Wang means no bang.
    if people.ids and not people.mended and works.mended:
        works = Found()
    elif works.ids and not works.mended and people.mended:
        people = Found()
    if search.named or not search.words:
        return Findings(people, works)
    subjects = find_subjects(search.words)
    if works.mended and not any(found.ids for found in subjects.values()):
        subjects = find_subjects(" ".join(dict(works.mended).get(word, word) for word in search.words.lower().split()))
    return Findings(people, works, subjects)


def find_listed(search: Wanted) -> Found:
    """The works alone. Two statements, at most six."""
    return find_works(search.words, only=search.works, order=search.order_of_works)


def facets_of(kind: str, found: Found) -> dict[str, list[FacetValue]]:
    """What the people or works that were found can be narrowed by, counted among them. One statement for works, two for people."""
    if kind == "works":
        return facets_of_works(found.ids)
    if kind != "people":
        return {}
    bands = dict(
        Trust.objects.filter(author__in=found.ids).order_by().values_list("band").annotate(people=Count("pk")) if found.ids else ()
    )
    by_band = [FacetValue(band.value, str(band.label), bands[band.value]) for band in Trust.Band if band.value in bands]
    return {**facets_of_people(found.ids), "band": by_band}


def people_in_order(ids: Sequence[int]) -> list[Author]:
    """One query."""
    known = for_list(Author.objects.all()).in_bulk(ids)
    return [known[author] for author in ids if author in known]


def works_in_order(ids: Sequence[int]) -> list[Work]:
    """One query."""
    known = for_cards(Work.objects.all()).in_bulk(ids)
    return [known[work] for work in ids if work in known]


def for_list(authors: QuerySet[Author]) -> QuerySet[Author]:
    """With what a list shows of each author, the title of the newest work included; no query more."""
    newest = Authorship.objects.filter(author=OuterRef("pk")).newest_first()
    return authors.only("public_id", "name", "works_count", "first_year", "last_year", "is_claimed", "summary").annotate(
        recent_title=Subquery(newest.values("work__title")[:1])
    )


def for_cards(works: Any) -> Any:
    return works.only("public_id", "type", "title", "year", "notice", "authors_count", "card", "created_at")
