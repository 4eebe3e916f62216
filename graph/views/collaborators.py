"""Whom a researcher has written with: a page, and the same list as the researcher page loads it."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from graph.loading.collaborators import Place, load_collaborators
from graph.pairs import in_address
from works.models import Author
from works.names import PUBLIC_ID_LENGTH

ON_A_PAGE = 50
PLACE = re.compile(r"(\d{1,18})-(\d{1,9})-(\d{1,18})")
SHOWN = ("public_id", "name", "works_count", "merged_into", "neighbourhood__collaborators_count", "neighbourhood__close_count")


@require_safe
def collaborators(request: HttpRequest, slug: str) -> HttpResponse:
    """Strongest tie first, fifty on a page. Two queries, however many there are. HTMX gets the entries of the list alone."""
    author = author_of(slug)
    if slug != author.slug:
        query = request.META["QUERY_STRING"]
        return redirect(f"{reverse('graph:collaborators', args=[author.slug])}{'?' if query else ''}{query}", permanent=True)
    after = request.GET.get("after", "")
    people, following = load_collaborators(author.pk, place_of(after), ON_A_PAGE)
    here = reverse("graph:collaborators", args=[author.slug])
    htmx = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    is_part = htmx and not htmx.history_restore_request
    response = render(
        request,
        "graph/collaborators_part.html" if is_part else "graph/collaborators.html",
        {
            "author": author,
            "neighbourhood": getattr(author, "neighbourhood", None),
            "people": [(person, edge_of(author.public_id, person.public_id)) for person in people],
            "more": f"{here}?after={'-'.join(map(str, following))}" if following else "",
            "here": here,
            "address": request.build_absolute_uri(here),
            "is_continued": bool(after),
        },
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def author_of(slug: str) -> Author:
    """The author at this address with the figures of their neighbourhood. One query; who was merged costs one more."""
    public_id = slug.rpartition("-")[2]
    authors = Author.objects.filter(is_suppressed=False).select_related("neighbourhood").only(*SHOWN)
    found = authors.filter(public_id=public_id).first() if len(public_id) == PUBLIC_ID_LENGTH and "\0" not in public_id else None
    if found is None:
        raise Http404("Nobody in the record has this address.")
    return found if found.merged_into_id is None else authors.get(pk=found.merged_into_id)


def place_of(text: str) -> Place | None:
    found = PLACE.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def edge_of(one: str, other: str) -> str:
    """The address of the page that says what makes a tie."""
    return reverse("graph:edge", args=in_address(f"person:{one}", f"person:{other}"))
