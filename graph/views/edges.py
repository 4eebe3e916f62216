"""The page of an edge: why two nodes of the graph are tied, work by work, and who says so. Whole, or as the part that a panel shows."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from graph.loading.edges import load_edge
from graph.pairs import PAIRS, in_address
from works.mathematics import to_plain
from works.models import Author, Institution, Topic, Work
from works.names import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH

NODE = re.compile(rf"(person|work|topic|institution):([{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}})")
ROWS: dict[str, QuerySet[Any]] = {
    "person": Author.objects.filter(is_suppressed=False).only("public_id", "name", "merged_into"),
    "work": Work.objects.only("public_id", "title", "year", "merged_into"),
    "topic": Topic.objects.all(),
    "institution": Institution.objects.only("public_id", "name"),
}
NOTHING = "Nothing in the record ties these two."


@require_safe
def edge(request: HttpRequest, one: str, other: str) -> HttpResponse:
    """Six queries at most, however many works there are: the newest hundred are shown. One address an edge; the other order leads to it."""
    if in_address_of(one, other) != (one, other):
        return redirect("graph:edge", *in_address(one, other), permanent=True)
    ends = [find(node) for node in (one, other)]
    moved = [end.merged_into_id for end in ends if isinstance(end, Author | Work)]
    if any(moved):
        return redirect(*moved_to(ends), permanent=True)
    found = load_edge(*ends)
    if found is None:
        raise Http404(NOTHING)
    htmx = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    template = "graph/edge_part.html" if htmx and not htmx.history_restore_request else "graph/edge.html"
    context = {
        "edge": found, "one": ends[0], "other": ends[1], "names": [name_of(end) for end in ends],
        "addresses": [end.get_absolute_url() for end in ends], "url": reverse("graph:edge", args=[one, other]),
    }  # fmt: skip
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def in_address_of(one: str, other: str) -> tuple[str, str]:
    """The two in the order of their address. Http404 for what is no node, or no pair that a page tells of."""
    if one == other or not all(NODE.fullmatch(node) for node in (one, other)):
        raise Http404(NOTHING)
    first, second = in_address(one, other)
    if (first.partition(":")[0], second.partition(":")[0]) not in PAIRS:
        raise Http404(NOTHING)
    return first, second


def find(node: str) -> Any:
    kind, _, public_id = node.partition(":")
    found = ROWS[kind].filter(public_id=public_id).first()
    if found is None:
        raise Http404(NOTHING)
    return found


def name_of(end: Any) -> str:
    return to_plain(end.title) if isinstance(end, Work) else str(end)


def moved_to(ends: list[Any]) -> tuple[str, str, str]:
    """The address of an edge of which an end was merged into another."""
    nodes = []
    for end in ends:
        stands = type(end).objects.get(pk=end.merged_into_id) if getattr(end, "merged_into_id", None) else end
        kind = next(kind for kind, rows in ROWS.items() if rows.model is type(end))
        nodes.append(f"{kind}:{stands.public_id}")
    if nodes[0] == nodes[1]:
        raise Http404(NOTHING)
    return ("graph:edge", *in_address(*nodes))
