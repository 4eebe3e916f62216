"""Pictures for shared links, drawn when they are first asked for and kept in the cache as long as what they say stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from works.mathematics import to_plain
from works.models import Work
from works.remembered import keep, recall

KEPT_SECONDS = 24 * 3600
FORM = "1"  # of the drawing: pictures of another form are drawn anew
FIRST_AUTHORS = 5


@require_safe
def work_picture(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """A work: its title, first authors, year and source. One query; a work that was merged leads to what it was merged into."""
    fields = ("public_id", "type", "title", "year", "notice", "authors_count", "card", "volume", "issue", "pages", "merged_into__public_id")
    work = get_object_or_404(Work.objects.select_related("merged_into").only(*fields), public_id=public_id)
    if work.merged_into:
        return redirect("works:work_picture", work.merged_into.public_id, permanent=True)
    names = [author["name"] for author in work.card.get("authors", ())]
    more = work.authors_count - min(len(names), FIRST_AUTHORS)
    authors = ", ".join(names[:FIRST_AUTHORS]) + (f" and {more:,} more" if more and names else "")
    kind = " · ".join(filter(None, (work.get_type_display(), str(work.year or ""), work.get_notice_display())))
    where = ", ".join(filter(None, (work.card.get("source"), work.printed_place)))
    facts = (kind, to_plain(work.title), authors, where)

    def draw() -> bytes:
        from works.exports.picture import picture

        return picture(kind, facts[1], facts[2:])

    return picture_response(request, facts, draw)


def picture_response(request: HttpRequest, facts: Sequence[str], draw: Callable[[], bytes]) -> HttpResponseBase:
    """The PNG that says these facts: 304 to whoever has it, from the cache, or what `draw` makes, which is kept for a day."""
    name = hashlib.blake2b("\x1f".join((FORM, *facts)).encode(), digest_size=16).hexdigest()
    response: HttpResponseBase | None = get_conditional_response(request, etag=f'"{name}"')
    if response is None:
        response = HttpResponse(kept_or_drawn(f"picture:{name}", draw), content_type="image/png")
    response["ETag"] = f'"{name}"'
    response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # pages elsewhere show it beside their link
    return response


def kept_or_drawn(key: str, draw: Callable[[], bytes]) -> bytes:
    """Without a cache it is drawn each time."""
    kept: bytes | None = recall(key)
    if kept is None:
        kept = draw()
        keep(key, kept, seconds=KEPT_SECONDS)
    return kept
