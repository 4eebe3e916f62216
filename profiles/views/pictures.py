"""The picture of a researcher's page for shared links."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from graph.models import Slice
from profiles.views.addresses import author_at
from works.models import Author
from works.templatetags.record import affiliation
from works.views.pictures import picture_response

SHOWN = ("public_id", "name", "summary", "works_count", "first_year", "last_year", "merged_into", "slice__built_at")
FIRST_TOPICS = 2


@require_safe
def picture(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A name, facts of the record, and the slice as a drawing where one is built; never a word on trust. Two queries, one where nothing
    must be drawn. There is none of somebody who objected to a page."""
    author = author_at(slug, Author.objects.select_related("slice").only(*SHOWN))
    if slug != author.slug:
        return redirect("profiles:picture", author.slug, permanent=True)
    years = "–".join(str(year) for year in dict.fromkeys((author.first_year, author.last_year)) if year)
    works = f"{author.works_count:,} work{'' if author.works_count == 1 else 's'}"
    topics = [topic["label"][:1].upper() + topic["label"][1:] for topic in author.topics[:FIRST_TOPICS]]
    lines = [affiliation(author), *topics, ", ".join(filter(None, (works, years)))]
    kept: Slice | None = getattr(author, "slice", None)
    built = kept.built_at.isoformat() if kept and kept.built_at else ""

    def draw() -> bytes:
        from graph.exports.emblem import emblem
        from works.exports import picture

        payload = Slice.objects.values_list("payload", flat=True).get(pk=author.pk) if built else None
        drawing = emblem(payload, *picture.DRAWING) if payload and len(payload["nodes"]) > 1 else None
        return picture.picture("Researcher profile", author.name, lines, drawing)

    return picture_response(request, (author.name, *lines, built), draw)
