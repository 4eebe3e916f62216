"""The explorer: slices of several people, works, topics and institutions as one graph, a page whose address is its whole state, and the
same as files.

One query for each kind that the state names, and one for each slice that has to be asked for, at most five at a time. Nothing is built
here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from graph.actions.arrangements import contents_of, key_of, links_of, request_arrangement
from graph.actions.slices import request_slice
from graph.explorer import choices
from graph.explorer.merge import DRAWN, Point, joined, merge
from graph.explorer.places import carried_over, is_like
from graph.explorer.state import KINDS, MOST_SLICES, State, parse, query
from graph.exports.inline import inline_svg
from graph.loading.kept import is_built, payloads_of, slice_of, subjects_of
from graph.models import SLICE_VERSION, Arrangement, Subject
from graph.models.slice import name_of
from graph.views.downloads import asked_format, download
from works.models.completion import Suggestion, complete
from works.names import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH, fold

ASKED_AT_ONCE = 5
FOUND = "explorer-found"  # the element that suggestions are loaded into
PUBLIC_ID = re.compile(rf"([{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}})/?$")


@require_safe
def explorer(request: HttpRequest) -> HttpResponseBase:
    """The page, or with `format` what it shows as a file, or with `part=drawing` as a drawing with links. `add` is a name to look for, to
    begin or go on with."""
    state = parse((name, value) for name, values in request.GET.lists() for value in values)
    text = request.GET.get("add", "")[:300]
    if request.headers.get("HX-Target") == FOUND:
        return whole_or_part(request, "graph/explorer_found.html", {"text": text, "candidates": candidates(state, text)})
    subjects = subjects_of(state)
    kept = payloads_of(subjects.values())
    missing = [subject for subject in subjects.values() if not is_built(subject)]
    for subject in [subject for subject in missing if not is_asked(subject)][:ASKED_AT_ONCE]:
        request_slice(subject)
    if request.GET.get("part") == "drawing":
        return drawing(request, state, kept)
    arranged, stamp, is_pending = arrangement_of(state, subjects, kept)
    payload = merge(kept, state, version=SLICE_VERSION, arranged=arranged)
    if name := asked_format(request):
        payload["built_at"] = payload["built_at"] or "1970-01-01T00:00:00+00:00"
        tag = sha256(f"{query(state.graph)} {[(one['centre'], one['built_at']) for one in kept]} {stamp}".encode()).hexdigest()[:32]
        return download(request, name, payload, etag=tag, filename="bzpeer-graph", kept="no-cache")
    words = fold(state.find).split()
    context = {
        "state": state,
        "state_query": query(state),
        "graph_query": query(state.graph),
        "payload": payload,
        "stamp": stamp,
        "is_pending": is_pending,
        "building": [name_of(subject) for subject in missing if not has_failed(subject)],
        "failed": [name_of(subject) for subject in missing if has_failed(subject)],
        "text": text,
        "candidates": candidates(state, text),
        "seeds": choices.seeds_of(state, {node: name_of(subject) for node, subject in subjects.items()}),
        "toggles": choices.toggles(state),
        "communities": choices.communities_of(state, payload),
        "groups": choices.groups_of(state, payload, lambda label: all(word in fold(label) for word in words)),
        "chosen": choices.chosen_of(state, payload),
        "pairs": choices.pairs_of(state, payload),
        "tabs": [(name.capitalize(), choices.link(state, tab=name), state.tab == name, name) for name in ("map", "list")],
        "whole": choices.link(state, is_whole=True),
        "known": sum(total["known"] for total in payload["totals"].values()),
        "is_full": len(state.shown) >= MOST_SLICES,
        "filter_fields": choices.fields_of(state, but=("from", "to", "find")),
        "state_fields": choices.fields_of(state),
    }
    return whole_or_part(request, "graph/explorer.html", context)


def whole_or_part(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["HX-Target"])
    return response


def drawing(request: HttpRequest, state: State, kept: list[Any]) -> HttpResponse:
    """The map for browsers without WebGL: at most 300 nodes, those with most connections, each with a link that chooses it."""
    payload = merge(kept, replace(state, is_whole=False), version=SLICE_VERSION)
    choose = choices.ends_of(state, "node")
    context = {
        "svg": inline_svg(payload, lambda node: choose(node["id"])),
        "shown": len(payload["nodes"]),
        "known": sum(total["known"] for total in payload["totals"].values()),
    }
    return whole_or_part(request, "graph/explorer_drawing.html", context)


def arrangement_of(state: State, subjects: dict[str, Subject], kept: list[Any]) -> tuple[dict[str, Point] | None, str, bool]:
    """The places of a graph of more than 300 nodes as a worker computed them, what names their state, and whether others are on their way.

    One query, and one more where they are asked for; none for a smaller graph, or while 300 nodes are drawn at most.
    """
    if not state.is_whole or len((made := joined(kept))[0]) <= DRAWN:
        return None, "", False
    nodes, edges = made
    found = Arrangement.objects.filter(pk=key_of(subjects)).first()
    is_fresh = found is not None and found.contents == contents_of(kept)
    if not is_fresh and not (found is not None and found.is_owed):
        request_arrangement(shown=list(subjects))
    if found is None or found.built_at is None:
        return None, "", True
    before = {node: (place[0], place[1]) for node, place in found.places.items()}
    return carried_over(nodes, links_of(edges), before), found.built_at.isoformat(), not is_fresh and not is_like(nodes, before)


def has_failed(subject: Subject) -> bool:
    kept = slice_of(subject)
    return kept is not None and bool(kept.error)


def is_asked(subject: Subject) -> bool:
    kept = slice_of(subject)
    return kept is not None and (kept.is_owed or bool(kept.error))


def candidates(state: State, text: str) -> list[dict[str, str]]:
    """What this text may mean, each with the state that has it as a beginning too. One query, if there is a text."""
    return [
        {"label": one.label, "kind": one.kind, "detail": one.detail, "href": choices.with_seed(state, node)}
        for one in (complete(text) if text else ())
        if (node := node_of(one))
    ]


def node_of(one: Suggestion) -> str:
    """The node that a suggestion leads to: its address ends in a public id."""
    found = PUBLIC_ID.search(one.href)
    return f"{one.kind}:{found[1]}" if found and one.kind in KINDS else ""
