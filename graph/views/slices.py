"""The graph page of a person, a work, a topic or an institution: a whole page, the slot inside another (HTMX), a notice, or a file.

Nothing is built here: what is missing or stale is asked for, and a worker builds it. One query; a second one where a build is asked for.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from graph.actions.slices import ask_if_needed, request_slice
from graph.models import BUILT, Built, Subject
from graph.models.slice import graph_url, kept_for, name_of
from graph.views.downloads import asked_format, download
from works.models import Author, FormerId, Institution, Topic, Work
from works.names import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH
from works.views.strangers import kept_for_strangers

PUBLIC_ID_AT_END = re.compile(rf"(?:^|-)[{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}}$")
# Of each kind: what it is called, where its page is said to be, and what of its row nobody needs here.
SAID = {
    "person": ("a researcher", "Researcher profile"),
    "work": ("a work", "The work"),
    "topic": ("a topic", "The topic"),
    "institution": ("an institution", "The institution"),
}
ROWS: dict[str, QuerySet[Any]] = {
    "person": Author.objects.filter(is_suppressed=False)
    .select_related("slice", "neighbourhood")
    .defer("summary", "name_search", "other_keys", "slice__payload"),
    "work": Work.objects.select_related("slice").defer("title_search", "title_key", "abstract", "slice__payload"),
    "topic": Topic.objects.select_related("slice").defer("slice__payload"),
    "institution": Institution.objects.select_related("slice").defer("slice__payload"),
}
MOVED: dict[str, type[Topic | Institution]] = {"topic": Topic, "institution": Institution}


def standing_on(slug: str, kind: str = "person") -> str:
    """The statement that says on which rows the page of a built slice stands, for works.views.strangers."""
    model: Any = BUILT[kind]
    table, key = ROWS[kind].model._meta.db_table, model._meta.pk.column  # noqa: SLF001 — Django's documented way to a table's name
    return f"""
        SELECT concat_ws('/', concat(subject.xmin, subject.ctid), concat(slice.xmin, slice.ctid))
        FROM {table} subject JOIN {model._meta.db_table} slice ON slice.{key} = subject.id
        WHERE subject.public_id = right(%(slug)s, {PUBLIC_ID_LENGTH}) AND slice.built_at IS NOT NULL
        {"AND NOT subject.is_suppressed" if kind == "person" else ""}
    """  # noqa: SLF001


@require_http_methods(["GET", "HEAD", "POST"])
@kept_for_strangers(standing_on)
def slice_page(request: HttpRequest, slug: str, kind: str = "person") -> HttpResponseBase:
    """The slice in its state. A POST asks again for one whose build failed."""
    as_file = asked_format(request)
    subject = find(kind, slug, as_file=bool(as_file))
    here = graph_url(subject)
    if isinstance(subject, Work) and subject.merged_into_id:
        return redirect(graph_url(Work.objects.get(pk=subject.merged_into_id)), permanent=True)
    if not isinstance(subject, Work) and slug != subject.slug:
        query = request.META["QUERY_STRING"]
        return redirect(f"{here}{'?' if query else ''}{query}", permanent=True)
    if request.method == "POST":
        request_slice(subject, again=True, by=request.user)
        response: HttpResponse = HttpResponseRedirect(here)
        response.status_code = 303
        return response
    kept = kept_for(subject)
    ask_if_needed(subject, kept)
    if as_file:
        return file_response(request, subject, kept, as_file)
    of_a, back = SAID[kind]
    response = render(
        request,
        template_for(request),
        {
            "subject": subject, "name": name_of(subject), "url": here, "of_a": of_a, "back": back, "is_built": bool(kept and kept.built_at),
            "explorer_seed": f"{kind}:{subject.public_id}",
            "attempt": number(request, "attempt"), "seen": number(request, "seen"),
        },
    )  # fmt: skip
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["HX-Request"])
    return response


def find(kind: str, slug: str, *, as_file: bool) -> Subject:
    """What the public id at the end of the slug names, with its slice: one query, or three for an id that became part of another."""
    rows = ROWS[kind].all()
    if as_file:
        rows = rows.defer("slice__fragment").annotate(payload=Cast("slice__payload", TextField()))
    public_id = slug.rpartition("-")[2]
    found: Subject | None = None
    if PUBLIC_ID_AT_END.search(slug):
        found = rows.filter(public_id=public_id).first()
        if found is None and kind in MOVED and (former := FormerId.objects.filter(public_id=public_id, kind=kind).first()):
            found = rows.filter(pk=former.subject).first()
    if found is None:
        raise Http404(f"No {'researcher' if kind == 'person' else kind} has this address.")
    return found


def template_for(request: HttpRequest) -> str:
    htmx = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    if not htmx or htmx.history_restore_request:
        return "graph/page.html"
    return "graph/notice_alone.html" if "seen" in request.GET else "graph/slot_alone.html"


def file_response(request: HttpRequest, subject: Subject, kept: Built | None, name: str) -> HttpResponseBase:
    """The payload as it is stored, or in another form; a 404 problem while there is none."""
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
    stored: str = subject.payload  # type: ignore[union-attr]  # annotated by find
    return download(
        request,
        name,
        stored if name == "json" else json.loads(stored),
        etag=f"{kept.version}-{kept.built_at.timestamp():.6f}",
        filename=f"{subject.public_id if isinstance(subject, Work) else subject.slug}-graph",
        kept="public, max-age=60",
    )


def number(request: HttpRequest, name: str) -> int:
    """A small number out of the query; 0 for anything else."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
