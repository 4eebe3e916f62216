"""Works as files: one work, or those whose boxes are ticked."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from works.exports import FORMATS, Format
from works.exports.citations import cited
from works.models import Work
from works.models.exported import exported

MOST_CHOSEN = 500
LONGEST_ID = 16


@require_safe
def export_work(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One work in the format that `?format=` names. Four queries; a work that was merged leads to what it was merged into."""
    chosen = format_of(request.GET)
    work = get_object_or_404(Work.objects.select_related("merged_into").only("public_id", "merged_into__public_id"), public_id=public_id)
    if work.merged_into:
        address = reverse("works:export_work", args=[work.merged_into.public_id])
        return redirect(f"{address}?{request.GET.urlencode()}", permanent=True)
    return export_response(request, [work.pk], chosen, name=f"bzpeer-work-{work.public_id}")


@require_safe
def cite_work(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One work as journals cite it, and as BibTeX and RIS to copy. Four queries. A script asks with HX-Request, for a dialog."""
    work = get_object_or_404(Work.objects.select_related("merged_into").only("public_id", "merged_into__public_id"), public_id=public_id)
    if work.merged_into:
        return redirect(reverse("works:cite_work", args=[work.merged_into.public_id]), permanent=True)
    entry = next(exported([work.pk], site=request.build_absolute_uri("/").rstrip("/")))
    texts = [(name, FORMATS[name].label, "".join(FORMATS[name].write([entry]))) for name in ("bibtex", "ris")]
    context = {"work": work, "entry": entry, "cited": list(cited(entry)), "texts": texts, "formats": FORMATS.items()}
    htmx = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    response = render(request, "works/cite_part.html" if htmx and not htmx.history_restore_request else "works/cite.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def export_works(request: HttpRequest) -> HttpResponseBase:
    """The works of each `id`, in that order, each once; what was merged is told as what it was merged into.

    Four queries for 200 works. Ids that the record does not have are told in the file where the format has comments.
    """
    given = request.POST if request.method == "POST" else request.GET
    chosen = format_of(given)
    ids = list(dict.fromkeys(one for one in given.getlist("id") if one.isalnum() and len(one) <= LONGEST_ID))
    if not ids:
        raise Http404("No works are chosen: tick the boxes beside the works that you want.")
    if len(ids) > MOST_CHOSEN:
        raise Http404(f"At most {MOST_CHOSEN} works are exported by their ids at a time; a researcher’s works or a search in one file.")
    rows = Work.objects.filter(public_id__in=ids).values_list("public_id", "pk", "merged_into")
    known = {public_id: merged_into or pk for public_id, pk, merged_into in rows}
    if not known:
        raise Http404("None of these works is in the record.")
    missing = [one for one in ids if one not in known]
    note = f"Not in the record: {', '.join(missing)}." if missing else ""
    return export_response(request, dict.fromkeys(known[one] for one in ids if one in known), chosen, name="bzpeer-works", note=note)


def format_of(given: QueryDict) -> Format:
    """The format that was asked for, BibTeX where none was. Http404 says which there are."""
    name = given.get("format", "bibtex")
    if name not in FORMATS:
        raise Http404(f"Works are exported as {', '.join(FORMATS)}.")
    return FORMATS[name]


def export_response(request: HttpRequest, work_ids: Iterable[int], chosen: Format, *, name: str, note: str = "") -> HttpResponseBase:
    """The works of these ids as a file that is written while it is read, so that memory stays the same however many they are.

    `note` stands at the beginning, in formats that have comments. An error on the way cuts the file off without its proper end.
    """
    entries = exported(work_ids, site=request.build_absolute_uri("/").rstrip("/"))
    beginning = [chosen.note(note)] if note and chosen.note else []

    def text() -> Iterable[str]:
        yield from beginning
        yield from chosen.write(entries)

    response = StreamingHttpResponse(text(), content_type=chosen.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{chosen.suffix}"'
    response["X-Robots-Tag"] = "noindex"
    return response
