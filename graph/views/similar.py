"""The page of who resembles a researcher: whole, or as the slot inside the researcher page (HTMX). A worker builds, never a request."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from graph.actions.slices import ask_if_needed, request_slice
from graph.views.slices import PUBLIC_ID_AT_END, number
from works.models import Author

ROWS: QuerySet[Author] = (
    Author.objects.filter(is_suppressed=False)
    .select_related("similar", "merged_into")
    .defer("summary", "name_search", "other_keys", "merged_into__summary", "merged_into__name_search", "merged_into__other_keys")
)


@require_http_methods(["GET", "HEAD", "POST"])
def similar(request: HttpRequest, slug: str) -> HttpResponse:
    """Two queries; one more where a build is asked for. A POST asks again for a list whose build failed."""
    author = ROWS.filter(public_id=slug.rpartition("-")[2]).first() if PUBLIC_ID_AT_END.search(slug) else None
    if author is None:
        raise Http404("No researcher has this address.")
    stands = author.merged_into or author
    if slug != stands.slug:
        query = request.META["QUERY_STRING"]
        return redirect(reverse("graph:similar", args=[stands.slug]) + (f"?{query}" if query else ""), permanent=True)
    if request.method == "POST":
        request_slice(author, kind="similar", again=True, by=request.user)
        response: HttpResponse = HttpResponseRedirect(reverse("graph:similar", args=[slug]))
        response.status_code = 303
        return response
    ask_if_needed(author, getattr(author, "similar", None), kind="similar")
    htmx = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    template = "graph/similar_alone.html" if htmx and not htmx.history_restore_request else "graph/similar.html"
    response = render(request, template, {"author": author, "attempt": number(request, "attempt")})
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["HX-Request"])
    return response
