"""Pages by cursor: each costs the same however deep it lies, and nothing shifts while somebody reads on."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from works.api.ranking import Ranked

PAGE = 25
LARGEST_PAGE = 100
LONGEST_CURSOR = 1_000
LINK = {"type": "string", "nullable": True, "format": "uri"}


class Cursors(BasePagination):
    """`next` and `previous` are addresses to follow as they are; `limit` says how many of `results` there are to a page.

    A view names its order in `ordering`, by columns that together no two rows share and that are never null; the newest first where it
    names none. What it lists is a QuerySet, or several whose rows are put together in that order, or a works.api.ranking.Ranked.
    A cursor holds the place of a row in that order, signed, so that nobody makes up places that the columns cannot have.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.address = request.build_absolute_uri()
        limit = asked_limit(request)
        ordering: tuple[str, ...] = ordering_of(view)
        kind = "ranked" if isinstance(queryset, Ranked) else ordering
        self.signer = signing.Signer(salt=f"{type(view).__name__} {kind}")
        place = self.asked_place(request)
        if isinstance(queryset, Ranked):
            return self.ranked(queryset, place, limit)
        parts = queryset if isinstance(queryset, list) else [queryset]
        return self.ordered(parts, ordering, place, limit)

    def ranked(self, found: Ranked, place: tuple[str, list[Any]] | None, limit: int) -> list[Any]:
        """A page of what a search found, by its place in the ranking. One query."""
        start = place[1][0] if place else 0
        self.next = self.link("from", [start + limit]) if start + limit < len(found.ids) else None
        self.previous = self.link("from", [max(0, start - limit)]) if start else None
        return found.load(start, start + limit)

    def ordered(self, parts: list[QuerySet[Any]], ordering: tuple[str, ...], place: tuple[str, list[Any]] | None, limit: int) -> list[Any]:
        """A page of rows after, or before, a place. One query for each part."""
        backwards = place is not None and place[0] == "before"
        order = opposite(ordering) if backwards else ordering
        rows: list[Any] = []
        for part in parts:
            ordered = part.order_by(*order)
            if place:
                ordered = ordered.filter(beyond(order, place[1]))
            rows += ordered[: limit + 1]
        if len(parts) > 1:
            sort(rows, order)
        has_more = len(rows) > limit
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        place_of = [name.removeprefix("-") for name in ordering]
        ends = [[attrgetter(name)(row) for name in place_of] for row in (rows[:1] + rows[-1:])]
        self.next = self.link("after", ends[-1]) if ends and (has_more or backwards) else None
        self.previous = self.link("before", ends[0]) if ends and (has_more if backwards else place) else None
        return rows

    def link(self, word: str, values: list[Any]) -> str:
        bare = remove_query_param(self.address, "cursor")
        return replace_query_param(bare, "cursor", self.signer.sign_object([word, values]))

    def asked_place(self, request: Request) -> tuple[str, list[Any]] | None:
        given = request.query_params.get("cursor", "")
        if not given:
            return None
        try:
            word, values = self.signer.unsign_object(given[:LONGEST_CURSOR])
        except (signing.BadSignature, ValueError) as unsigned:
            raise NotFound("There is no such place in this list: follow next and previous as they are.") from unsigned
        return word, values

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": LINK, "previous": LINK, "results": {"type": "array", "items": schema["items"]}},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "A place in the list; it stands in next and previous.",
                "schema": {"type": "string"},
            },
            {
                "name": "limit",
                "in": "query",
                "description": f"How many results to a page, at most {LARGEST_PAGE}.",
                "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE},
            },
        ]


def asked_limit(request: Request) -> int:
    given = request.query_params.get("limit")
    if given is None:
        return PAGE
    if given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= LARGEST_PAGE:
        return int(given)
    raise ValidationError({"limit": [f"A whole number from 1 to {LARGEST_PAGE}."]})


def opposite(ordering: Sequence[str]) -> tuple[str, ...]:
    return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in ordering)


def beyond(ordering: Sequence[str], values: Sequence[Any]) -> Q:
    """What comes after the row with these values. The first column stands alone as well, so that an index is read from there on."""
    name, value = ordering[0], values[0]
    column, way = (name[1:], "lt") if name.startswith("-") else (name, "gt")
    further = Q(**{f"{column}__{way}": value})
    if len(ordering) == 1:
        return further
    return Q(**{f"{column}__{way}e": value}) & (further | beyond(ordering[1:], values[1:]))


def sort(rows: list[Any], ordering: Sequence[str]) -> None:
    for name in reversed(ordering):
        rows.sort(key=attrgetter(name.removeprefix("-")), reverse=name.startswith("-"))


def ordering_of(view: Any) -> tuple[str, ...]:
    ordering = getattr(view, "ordering", "-pk")
    return (ordering,) if isinstance(ordering, str) else tuple(ordering)
