"""The search page, what the search box suggests, and a search as a feed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import conditional_page, require_safe
from django_htmx.http import HttpResponseClientRedirect

from bzpeer.limits import searches_a_minute, suggestions_a_minute
from bzpeer.wanted import Findings, Wanted, facets_of, find, find_listed, people_in_order, wanted, works_in_order
from works.forms import MAX_PAGE, SearchForm
from works.models import Author, AuthorIdentifier, Institution, InstitutionIdentifier, Source, SourceIdentifier, Work, WorkIdentifier
from works.models.completion import complete
from works.models.finding import Found, matched_words, nearest_words, subjects_in_order
from works.names import fold
from works.templatetags.record import REGISTRIES, work_type
from works.views.feeds import ENTRIES, works_feed

TOGETHER = 5  # results of each kind where all kinds are shown
ON_A_PAGE = 20
BESIDE = 2  # pages named on each side of the one that is shown
LISTED = MAX_PAGE * ON_A_PAGE
FIRST_CHOICES = 5  # of each group; the others fold
IMPORTED_FROM = {"arxiv": "arxiv", "doi": "openalex", "orcid": "orcid"}
TABS = {"people": "People", "works": "Works", "topics": "Topics", "institutions": "Institutions", "sources": "Sources"}
ONE = {"people": "person", "works": "work", "topics": "topic", "institutions": "institution", "sources": "source"}
SORTS = {
    "people": {"": "Best match", "works": "Most works", "newest": "Latest work"},
    "works": {"": "Best match", "newest": "Newest", "oldest": "Oldest", "cited": "Most cited here"},
}
GROUPS = {
    "year": "Year", "type": "Type", "topic": "Topic", "source": "Source", "registry": "Registry", "claimed": "Claimed",
    "band": "Trust", "institution": "Institution",
}  # fmt: skip
CLAIMED = {"yes": "Claimed", "no": "Not claimed yet"}


class Results(NamedTuple):
    """A page of what was found of one kind, and how many there are; `is_capped` where there are more than anybody pages through."""

    kind: str
    label: str
    href: str
    found: list[Any]
    total: int
    is_capped: bool
    page: int
    pages: int


class Choice(NamedTuple):
    """One link: to a kind, an order, a page, or a narrower search. `works` is how many results it leads to."""

    label: str
    works: int
    href: str
    is_chosen: bool = False


@require_safe
@searches_a_minute
def search(request: HttpRequest) -> HttpResponse:
    """People, works, topics, institutions and sources for one text; an identifier that is known leads straight to its page.

    Eight queries, more where nothing is found; on the page of one kind two or three for the choices to narrow it by. HTMX, following a
    link among the results, gets the results alone.
    """
    form = SearchForm(request.GET)
    form.is_valid()  # what is not valid is left out of cleaned_data; the template shows why
    identifier = form.identifier()
    if identifier and (target := named_by(*identifier)):
        return HttpResponseClientRedirect(target.get_absolute_url()) if request.headers.get("HX-Request") else redirect(target)
    asked = wanted(form, words="" if identifier else form.words())
    findings = find(asked)
    shown = shown_of(asked, findings)
    is_found = any(results.total for results in shown)
    chosen = chosen_of(asked)
    subject = form.cleaned_data.get("q") or (chosen[0].label if chosen else "")
    context: dict[str, Any] = {
        "title": f"{subject} – search" if subject else "Search",
        "form": form,
        "query": form.cleaned_data.get("q", ""),
        "identifier": identifier,
        "imports": imports_of(*identifier) if identifier else None,
        "problem": form.problem(),
        "asked": asked,
        "kind": asked.kind,
        "hidden": {name: value for name, value in asked.state.items() if name != "q"},
        "chosen": chosen,
        "mended": findings.mended if is_found else {},
        "tabs": tabs_of(asked, shown),
        "groups": [results for results in shown if results.found],
        "is_found": is_found,
        "said": said_of(shown),
        "marked": marked_in(asked, findings, shown),
        "near": nearest_words(asked.words) if asked.words and not is_found else [],
        "feed": f"{reverse('search_feed')}?{feed_query}" if (feed_query := feed_query_of(asked)) else "",
    }
    if asked.kind in SORTS:
        [results] = [results for results in shown if results.kind == asked.kind]
        found = findings.people if asked.kind == "people" else findings.works
        context |= {"sorts": sorts_of(asked) if results.found else [], "facets": facet_groups(asked, found)}
    if asked.kind:
        context["pages"] = next((pages_of(asked, results) for results in shown if results.kind == asked.kind), [])
    is_part = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "results"
    response = render(request, "bzpeer/search_results.html" if is_part else "bzpeer/search.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def imports_of(scheme: str, value: str) -> dict[str, str] | None:
    """Where what an identifier names can be imported: from which registry, and the addresses for staff and for owners of a page."""
    source = IMPORTED_FROM.get(scheme)
    if source is None:
        return None
    staff = f"{reverse('works:import_runs')}?{urlencode({'source': source, 'ids': value})}"
    return {"source": source, "staff": staff, "owners": f"{reverse('profiles:add_works')}?{urlencode({'ids': value})}"}


def shown_of(asked: Wanted, findings: Findings) -> list[Results]:
    """Each kind with what the page shows of it: a page of the kind that was asked for, or a few of every kind. At most three queries."""
    subjects = findings.subjects
    windows = {kind: window(asked, f"{kind}s", found) for kind, found in subjects.items()}
    rows = subjects_in_order({kind: its.found for kind, its in windows.items()})
    return [
        loaded(window(asked, "people", findings.people), people_in_order),
        loaded(window(asked, "works", findings.works), works_in_order),
        *(its._replace(found=rows.get(kind, [])) for kind, its in windows.items()),
    ]


def window(asked: Wanted, kind: str, found: Found) -> Results:
    """The ids of what the page shows of one kind."""
    total = min(len(found.ids), LISTED)
    pages = max(1, -(-total // ON_A_PAGE))
    page = min(asked.page, pages) if asked.kind == kind else 1
    size = ON_A_PAGE if asked.kind == kind else 0 if asked.kind else TOGETHER
    start = (page - 1) * ON_A_PAGE
    href = f"?{asked.of_kind(kind)}"
    return Results(kind, TABS[kind], href, list(found.ids[:total][start : start + size]), total, found.is_capped, page, pages)


def loaded(results: Results, load: Callable[[Sequence[int]], list[Any]]) -> Results:
    return results._replace(found=load(results.found)) if results.found else results


def said_of(shown: Sequence[Results]) -> str:
    """How many of each kind were found, for who listens."""
    numbers = [
        f"{results.total:,} {results.label.lower() if results.total > 1 else ONE[results.kind]}" for results in shown if results.total
    ]
    return f"{', '.join(numbers)} found" if numbers else "Nothing found"


def tabs_of(asked: Wanted, shown: Sequence[Results]) -> list[dict[str, Any]]:
    """The kinds of results with how many there are; a kind without results is no link unless it is the one shown."""
    tabs: list[dict[str, Any]] = [{"label": "All", "href": f"?{asked.of_kind('')}", "is_chosen": not asked.kind, "results": None}]
    for results in shown:
        is_chosen = results.kind == asked.kind
        href = results.href if results.total or is_chosen else ""
        tabs.append({"label": results.label, "href": href, "is_chosen": is_chosen, "results": results})
    return tabs


def chosen_of(asked: Wanted) -> list[Choice]:
    """What the search is narrowed to, each with the address of the search without it."""
    labels: dict[str, str] = {
        **{name: str(one) for name, one in asked.named.items()},
        **{name: value_label(name, asked.state[name]) for name in ("year", "type", "registry", "claimed", "band") if name in asked.state},
    }
    return [Choice(f"{GROUPS[name]}: {label}", 0, f"?{asked.address(**{name: ''})}") for name, label in labels.items()]


def value_label(group: str, value: str) -> str:
    """A value of an address in words."""
    match group:
        case "type":
            return work_type(value)
        case "registry":
            return REGISTRIES.get(value, value)
        case "claimed":
            return CLAIMED.get(value, value)
        case "band":
            return value.capitalize()
    return value


def sorts_of(asked: Wanted) -> list[Choice]:
    chosen = asked.state.get("sort", "")
    known = SORTS[asked.kind]
    return [
        Choice(label, 0, f"?{asked.address(sort=sort)}", sort == (chosen if chosen in known else ""))
        for sort, label in known.items()
        if sort or asked.words
    ]


def facet_groups(asked: Wanted, found: Found) -> list[tuple[str, list[Choice], list[Choice]]]:
    """What the results can be narrowed by: each group that leaves a choice, its first choices and the others."""
    groups = []
    for group, values in facets_of(asked.kind, found).items():
        if group not in asked.state and len(values) > 1:
            choices = [
                Choice(value.label or value_label(group, value.value), value.count, f"?{asked.address(**{group: value.value})}")
                for value in values
            ]
            groups.append((GROUPS[group], choices[:FIRST_CHOICES], choices[FIRST_CHOICES:]))
    return groups


def pages_of(asked: Wanted, results: Results) -> list[Choice | None]:
    """Numbered pages: the first, the last, those around the one that is shown; None for a gap. Nothing where there is one page."""
    if results.pages == 1:
        return []
    near = range(results.page - BESIDE, results.page + BESIDE + 1)
    numbers = [number for number in range(1, results.pages + 1) if number in {1, results.pages} or number in near]
    links: list[Choice | None] = []
    for before, number in zip([0, *numbers], numbers, strict=False):
        if number > before + 1:
            links.append(None)
        page = "" if number == 1 else str(number)
        links.append(Choice(str(number), 0, f"?{asked.address(page=page)}", number == results.page))
    return links


def marked_in(asked: Wanted, findings: Findings, shown: Sequence[Results]) -> dict[str, Any]:
    """The words that the lists mark: of titles those that Postgres takes for a word of the search, of names those that begin with one."""
    mended = findings.mended
    words = [word for typed in fold(asked.words).split() for word in (typed, *([mended[typed]] if typed in mended else []))]
    titles = [work.title for results in shown if results.kind == "works" for work in results.found]
    return {"titles": matched_words(" ".join(words), titles) if titles else frozenset(), "names": tuple(words)}


def feed_query_of(asked: Wanted) -> str:
    """The query of the feed of this search: its words and what narrows works; "" where there is nothing to follow."""
    if not asked.words and not asked.works.shelf:
        return ""
    return urlencode({name: value for name, value in asked.state.items() if name not in {"kind", "sort", "claimed", "band"}})


@require_safe
@suggestions_a_minute
def suggest(request: HttpRequest) -> HttpResponse:
    """What the text in the search box may become, for HTMX; opened alone, the search for it. One query."""
    text = request.GET.get("q", "")[:300]
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('search')}?{urlencode({'q': text})}")
    found = complete(text)
    groups = [(label, its) for kind, label in SUGGESTION_GROUPS.items() if (its := [one for one in found if one.kind == kind])]
    response = render(request, "bzpeer/suggestions.html", {"groups": groups})
    patch_vary_headers(response, ["HX-Request"])
    return response


SUGGESTION_GROUPS = {"person": "People", "work": "Works", "topic": "Topics", "institution": "Institutions", "source": "Sources"}


@require_safe
@searches_a_minute
@conditional_page
def search_feed(request: HttpRequest) -> HttpResponse:
    """Of the newest thousand works that a search finds by year, those that the record had last. Three queries, more where no title has
    the words."""
    form = SearchForm(request.GET)
    form.is_valid()
    asked = wanted(form, words=form.words())
    if not feed_query_of(asked):
        raise Http404("There is nothing to look for: say what, as ?q=…")
    asked = replace(asked, state=asked.state | {"sort": "newest"})
    works = works_in_order(sorted(find_listed(asked).ids, reverse=True)[:ENTRIES])
    title = " · ".join([*([f"“{asked.words}”"] if asked.words else []), *(choice.label for choice in chosen_of(asked))])
    page = f"{reverse('search')}?{asked.of_kind('works')}"
    return works_feed(request, works, title=f"Works: {title} – BZPEER", page=page, key=f"/search/?{feed_query_of(asked)}")


def named_by(scheme: str, value: str) -> Author | Work | Institution | Source | None:
    """The author, work, institution or source that an identifier names. One query."""
    kind = value[:1] if scheme == "openalex" else ""
    if scheme == "ror" or kind == "I":
        place = InstitutionIdentifier.objects.select_related("institution").filter(scheme=scheme, value=value).first()
        return place.institution if place else None
    if kind == "S":
        venue = SourceIdentifier.objects.select_related("source").filter(scheme=scheme, value=value).first()
        return venue.source if venue else None
    if scheme == "orcid" or kind == "A":
        person = AuthorIdentifier.objects.select_related("author").filter(scheme=scheme, value=value).first()
        return person.author if person else None
    work = WorkIdentifier.objects.select_related("work").filter(scheme=scheme, value=value).first()
    return work.work if work else None
