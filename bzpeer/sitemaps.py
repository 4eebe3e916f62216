"""The sitemap: an index of parts, each a range of ids, so that a part costs the same in a record of any size (sitemaps.org, 0.9)."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from works.models import Author, Institution, Source, Topic, Work

IDS_IN_A_PART = 40_000  # the format allows 50,000 addresses and 50 MB; an address here has some 150 bytes
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
FIXED = ("home", "about", "works:sources", "api:documentation", "profiles:claim_statistics")


def pages() -> dict[str, Any]:
    """The rows that have a page, by the name of their parts, with what their addresses are made of."""
    return {
        "researchers": Author.objects.standing().with_works().only("public_id", "name", "created_at"),
        "works": Work.objects.standing().only("public_id", "created_at"),
        "topics": Topic.objects.only("public_id", "label"),
        "institutions": Institution.objects.only("public_id", "name"),
        "sources": Source.objects.only("public_id", "name"),
    }


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The parts that have a page, each dated by its newest. Two queries a part, by the primary key."""
    parts = [(reverse("sitemap_part", args=["site", 0]), "")]
    for name, rows in pages().items():
        end = 0
        while first := rows.filter(pk__gte=end).order_by("pk").first():
            number = first.pk // IDS_IN_A_PART
            end = (number + 1) * IDS_IN_A_PART
            newest = rows.filter(pk__lt=end).order_by("-pk").first() or first
            parts.append((reverse("sitemap_part", args=[name, number]), dated(newest)))
    return answer(request, "sitemapindex", "sitemap", parts)


@require_safe
def part(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """The addresses of one range of ids. One query."""
    if name == "site":
        return answer(request, "urlset", "url", [(reverse(page), "") for page in FIXED])
    rows = pages().get(name)
    if rows is None:
        raise Http404("There is no such part of the sitemap.")
    begin = number * IDS_IN_A_PART
    address = beginning_of(rows.model)
    found = [
        (f"{address}{getattr(row, 'slug', row.public_id)}/", dated(row))
        for row in rows.filter(pk__gte=begin, pk__lt=begin + IDS_IN_A_PART).order_by("pk")
    ]
    if not found:
        raise Http404("There is no such part of the sitemap.")
    return answer(request, "urlset", "url", found)


def beginning_of(model: Any) -> str:
    """How the addresses of all pages of a kind begin. To ask each row for its own would be a search in the address book each time."""
    address: str = model(public_id="00000000").get_absolute_url()
    return address[: address.rindex("/", 0, -1) + 1]


def dated(row: Any) -> str:
    """When the page came into the record; nothing where that is not kept."""
    created = getattr(row, "created_at", None)
    return created.isoformat(timespec="seconds") if created else ""


def answer(request: HttpRequest, root: str, element: str, listed: list[tuple[str, str]]) -> HttpResponse:
    site = request.build_absolute_uri("/").rstrip("/")
    lines = [
        f"<{element}><loc>{escape(site + path)}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</{element}>\n" for path, date in listed
    ]
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{"".join(lines)}</{root}>\n'
    return HttpResponse(text, content_type="application/xml; charset=utf-8")
