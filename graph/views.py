"""The graph page of a researcher: a whole page, the slot inside another one (HTMX), a notice, or the payload as JSON.

Nothing is built here: what is missing or stale is asked for, and a worker builds it. One query; a second one where a build is asked for.
"""

from __future__ import annotations

import re

from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_http_methods

from graph.actions.slices import request_slice
from graph.models import Slice, SliceState
from works.models import Author
from works.names import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH

PUBLIC_ID_AT_END = re.compile(rf"(?:^|-)[{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}}$")
UNUSED = ("summary", "name_search", "slice__payload")


@require_http_methods(["GET", "HEAD", "POST"])
def slice_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The slice in its state. A POST asks again for one whose build failed."""
    as_json = request.GET.get("format") == "json"
    author = find_author(slug, as_json=as_json)
    if slug != author.slug:
        query = request.META["QUERY_STRING"]
        return redirect(f"{graph_url(author)}{'?' if query else ''}{query}", permanent=True)
    if request.method == "POST":
        request_slice(author, again=True, by=request.user)
        response: HttpResponse = HttpResponseRedirect(graph_url(author))
        response.status_code = 303
        return response
    ask_if_needed(author)
    if as_json:
        return payload_response(request, author)
    response = render(
        request, template_for(request), {"author": author, "attempt": number(request, "attempt"), "seen": number(request, "seen")}
    )
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["HX-Request"])
    return response


def find_author(slug: str, *, as_json: bool) -> Author:
    """The author whose public id ends the slug, with slice and neighbourhood: one query."""
    authors = Author.objects.select_related("slice", "neighbourhood").defer(*UNUSED)
    if as_json:
        authors = authors.defer("slice__fragment").annotate(payload=Cast("slice__payload", TextField()))
    author = authors.filter(public_id=slug.rpartition("-")[2]).first() if PUBLIC_ID_AT_END.search(slug) else None
    if author is None:
        raise Http404("No researcher has this address.")
    return author


def ask_if_needed(author: Author) -> None:
    """Ask for a build where there is none, or a stale one, unless one is owed already or the last one failed."""
    kept: Slice | None = getattr(author, "slice", None)
    if kept is None or (kept.state in {SliceState.BUILDING, SliceState.STALE} and not kept.error and not kept.is_owed):
        request_slice(author)


def template_for(request: HttpRequest) -> str:
    htmx = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    if not htmx or htmx.history_restore_request:
        return "graph/page.html"
    return "graph/notice_alone.html" if "seen" in request.GET else "graph/slot_alone.html"


def payload_response(request: HttpRequest, author: Author) -> HttpResponse:
    """The JSON contract as it is stored; a 404 problem while there is none."""
    kept: Slice | None = getattr(author, "slice", None)
    if kept is None or kept.built_at is None:
        problem = {
            "type": "about:blank",
            "title": "This slice is not built yet",
            "status": 404,
            "detail": kept.error if kept and kept.error else "It has been asked for. Try again in a few seconds.",
        }
        return JsonResponse(
            problem, status=404, content_type="application/problem+json", headers={"Cache-Control": "no-store", "Retry-After": "2"}
        )
    etag = f'"{kept.version}-{kept.built_at.timestamp():.6f}"'
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        author.payload,  # type: ignore[attr-defined]  # annotated by find_author
        content_type="application/json",
    )
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=60"
    return response


def graph_url(author: Author) -> str:
    return reverse("graph:slice", args=[author.slug])


def number(request: HttpRequest, name: str) -> int:
    """A small number out of the query; 0 for anything else."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
