"""The works of a researcher as a file."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from profiles.views.addresses import author_at
from profiles.views.researcher import FILTERS, narrowed
from works.models import Author, Authorship
from works.views.exports import export_response, format_of

PLACES_AT_ONCE = 500


@require_safe
def researcher_export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All works of a researcher, newest first, or those of the year, type and topic that the page is narrowed by.

    One query, then one for every 500 works beside those of the export itself.
    """
    chosen = format_of(request.GET)
    author = author_at(slug, Author.objects.only("public_id", "name", "merged_into"))
    if slug != author.slug:
        return redirect(f"{reverse('profiles:export', args=[author.slug])}?{request.GET.urlencode()}", permanent=True)
    filters = {name: value for name in FILTERS if (value := request.GET.get(name, ""))}
    rows = narrowed(Authorship.objects.filter(author=author), filters)
    note = f"Works of {author.name} in the record of BZPEER: {request.build_absolute_uri(author.get_absolute_url())}"
    return export_response(request, in_order(rows), chosen, name=f"bzpeer-{author.slug}", note=note)


def in_order(rows: QuerySet[Authorship]) -> Iterator[int]:
    """The works of these authorships, newest first: read by the index, from where the last 500 ended."""
    listed = rows.newest_first()  # type: ignore[attr-defined]  # the stubs lose the manager's own methods
    batch = list(listed.values_list("year", "work_id")[:PLACES_AT_ONCE])
    while batch:
        yield from (work for _, work in batch)
        if len(batch) < PLACES_AT_ONCE and batch[-1][0] is None:
            return
        following = listed.after(*batch[-1]).values_list("year", "work_id")[:PLACES_AT_ONCE]
        if not (after := list(following)) and batch[-1][0] is not None:
            after = list(listed.undated().values_list("year", "work_id")[:PLACES_AT_ONCE])
        batch = after
