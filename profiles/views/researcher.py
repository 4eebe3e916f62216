"""The researcher page."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from profiles.models.follow import followers_count, is_followed_by
from profiles.trust.levels import MEANINGS
from profiles.views.addresses import author_at
from profiles.views.answers import answer_forms
from profiles.views.claims.addresses import claim_by
from works.actions.abstracts import request_abstracts
from works.models import Author, Authorship, Work
from works.names import PUBLIC_ID_LENGTH
from works.views.strangers import kept_for_strangers

WORKS_ON_A_PAGE = 20
CURSOR = re.compile(r"(\d{4}|undated)-(\d{1,18})")
UNUSED = ("name_search", "other_keys", "trust__lines", "trust__not_counted", "slice__payload", "profile__biography")
FILTERS = ("year", "type", "topic")
# Every row that the page says something of to a stranger: the author with what is kept for them, followers, and the first works as listed.
# Works further on change the author's own row, which counts them.
ROWS = f"""
    SELECT concat_ws('/',
        concat(author.xmin, author.ctid), concat(trust.xmin, trust.ctid), concat(near.xmin, near.ctid), concat(slice.xmin, slice.ctid),
        concat(profile.xmin, profile.ctid), (SELECT count(*) FROM profiles_follow WHERE author_id = author.id),
        (SELECT string_agg(concat(place.xmin, place.ctid, work.xmin, work.ctid), ',' ORDER BY place.id)
        FROM (
            SELECT id, work_id, year FROM works_authorship
            WHERE author_id = author.id ORDER BY year DESC NULLS LAST, work_id DESC LIMIT {WORKS_ON_A_PAGE + 1}
        ) AS first JOIN works_authorship place ON place.id = first.id JOIN works_work work ON work.id = first.work_id))
    FROM works_author author
    LEFT JOIN profiles_trust trust ON trust.author_id = author.id
    LEFT JOIN graph_neighbourhood near ON near.author_id = author.id
    LEFT JOIN graph_slice slice ON slice.author_id = author.id
    LEFT JOIN profiles_profile profile ON profile.author_id = author.id
    WHERE author.public_id = right(%(slug)s, {PUBLIC_ID_LENGTH}) AND NOT author.is_suppressed
"""


class Choice(NamedTuple):
    """One value that the works can be narrowed by, as a link."""

    label: str
    works: int
    href: str
    is_chosen: bool


@require_safe
@kept_for_strangers(ROWS)
def researcher(request: HttpRequest, slug: str) -> HttpResponse:
    """All that the record says of one author. Two queries for a stranger, however many works there are; one, where the page is kept.

    Only the last part of the address counts, so that a page keeps its old addresses when a registry corrects a name.
    HTMX asks for `?after=` and gets the next works alone.
    """
    author = page_author(request, slug)
    if slug != author.slug:
        query = request.META.get("QUERY_STRING", "")
        return redirect(author.get_absolute_url() + (f"?{query}" if query else ""), permanent=True)
    chosen = {name: value for name in FILTERS if (value := request.GET.get(name, ""))}
    works, following = page_of_works(author, chosen, request.GET.get("after", ""))
    request_abstracts(authorship.work for authorship in works)
    here = author.get_absolute_url()
    context: dict[str, Any] = {
        "author": author,
        "here": here,
        "works": works,
        "chosen": chosen,
        "more": f"{here}?{urlencode({**chosen, 'after': following})}" if following else "",
        "is_continued": "after" in request.GET,
        "acts": answer_forms(request, getattr(author, "profile", None), works),
    }
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        response = render(request, "works/work_list.html", context)
    else:
        groups = filter_groups(author, chosen, here)
        context |= {
            "address": request.build_absolute_uri(here),
            "level_meaning": level_meaning(author),
            "export_all": f"{here}export/",
            "export_address": f"{here}export/{'?' + urlencode(chosen) if chosen else ''}",
            "all_label": "All that fit" if chosen else f"All {author.works_count:,}",
            "kept_by_year": urlencode({name: value for name, value in chosen.items() if name != "year"}),
            "own_claim": claim_by(request.user, author),
            "filters": [group for group in groups if len(group[1]) > 1 and group[0] != "Year"],
            "chosen_choices": [(name, choice) for name, choices in groups for choice in choices if choice.is_chosen],
        }
        response = render(request, "profiles/researcher.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def page_author(request: HttpRequest, slug: str) -> Author:
    """The author at this address with trust, neighbourhood, slice and followers. One query."""
    authors = Author.objects.select_related("trust", "neighbourhood", "slice", "profile").defer(*UNUSED)
    return author_at(slug, authors.annotate(followers_count=followers_count(), is_followed=is_followed_by(request.user)))


def page_of_works(author: Author, chosen: dict[str, str], after: str) -> tuple[list[Authorship], str]:
    """The author's authorships from the place `after` on, newest first, and the place where the next page begins ("" at the end).

    One query; two where a page crosses from dated works to works without a year.
    """
    rows = narrowed(Authorship.objects.filter(author=author).with_cards().newest_first(), chosen)
    wanted = WORKS_ON_A_PAGE + 1
    if place := CURSOR.fullmatch(after):
        year = None if place[1] == "undated" else int(place[1])
        works = list(rows.after(year, int(place[2]))[:wanted])
        if year is not None and len(works) < wanted:
            works += rows.undated()[: wanted - len(works)]
    else:
        works = list(rows[:wanted])
    if len(works) < wanted:
        return works, ""
    last = works[WORKS_ON_A_PAGE - 1]
    return works[:WORKS_ON_A_PAGE], f"{last.year or 'undated'}-{last.work_id}"


def narrowed(rows: QuerySet[Authorship], chosen: dict[str, str]) -> Any:
    """Only the authorships of the chosen year, type and topic. A value that cannot be is one that nothing has."""
    if year := chosen.get("year"):
        rows = rows.filter(year=int(year)) if re.fullmatch(r"[12]\d{3}", year) else rows.none()
    if kind := chosen.get("type"):
        rows = rows.filter(work__type=kind) if kind in Work.Type.values else rows.none()
    if topic := chosen.get("topic"):
        rows = rows.filter(work__work_topics__topic__public_id=topic.rpartition("-")[2]) if "\0" not in topic else rows.none()
    return rows


def filter_groups(author: Author, chosen: dict[str, str], here: str) -> list[tuple[str, list[Choice]]]:
    """Years, types and topics of the author's works as links that keep the other choices; a chosen one leads back to all."""
    values: dict[str, list[tuple[str, str, int]]] = {
        "year": [(str(year), str(year), works) for year, works in author.summary.get("years", []) if year],
        "type": [(kind, str(Work.Type(kind).label).lower(), works) for kind, works in author.summary.get("types", [])],
        "topic": [(item["slug"], item["label"], item["works"]) for item in author.topics],
    }

    def link(name: str, value: str) -> str:
        rest = {key: kept for key, kept in chosen.items() if key != name} | ({name: value} if chosen.get(name) != value else {})
        return f"{here}?{urlencode(rest)}#works" if rest else f"{here}#works"

    return [
        (name.capitalize(), [Choice(label, works, link(name, value), chosen.get(name) == value) for value, label, works in found])
        for name, found in values.items()
    ]


def level_meaning(author: Author) -> str:
    trust = getattr(author, "trust", None)
    return MEANINGS[trust.level] if trust else ""
