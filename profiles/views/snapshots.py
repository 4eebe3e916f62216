"""Snapshots of the explorer: taking one, looking at it, having it as a file, the list of one's own."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from graph.explorer.choices import NAMES
from graph.explorer.merge import DRAWN
from graph.explorer.snapshots import as_named, first
from graph.explorer.state import KINDS, parse
from graph.exports.inline import inline_svg
from graph.views.downloads import asked_format, download
from profiles.actions.snapshots import delete_snapshot, take_snapshot
from profiles.models import Snapshot
from profiles.models.snapshot import SNAPSHOT_KEPT, SNAPSHOTS_AT_MOST
from profiles.views.notifications import account
from works.models import Author

NOTHING = "No snapshot has this address. It may have been deleted, or its year is over."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def snapshots(request: HttpRequest) -> HttpResponse:
    """The list of one's own, by one query; a POST with a state of the explorer takes one more."""
    user = account(request)
    if request.method == "POST":
        text = request.POST.get("state", "")[:20_000]
        try:
            taken = take_snapshot(state=parse(parse_qsl(text)), by=user)
        except ValueError as why:
            messages.error(request, str(why))
            return seen(f"{reverse('graph:explorer')}?{text}")
        return seen(taken.get_absolute_url())
    rows = Snapshot.objects.filter(user=user).order_by("-taken_at").only("taken_at", "query")
    return render(request, "profiles/snapshots.html", {"snapshots": rows, "most": SNAPSHOTS_AT_MOST, "days": SNAPSHOT_KEPT.days})


@require_safe
def snapshot(request: HttpRequest, pk: str) -> HttpResponseBase:
    """A snapshot, for whoever has its address, or with `format` as a file. Two queries."""
    kept = find(pk)
    payload = as_of_today(kept)
    if name := asked_format(request):
        tag = f"{kept.pk}-{hash_of(payload)}"
        return download(request, name, payload, etag=tag, filename=f"bzpeer-graph-{kept.taken_at:%Y-%m-%d}", kept="no-cache")
    drawn = first(payload, DRAWN)
    context: dict[str, Any] = {
        "snapshot": kept,
        "payload": payload,
        "svg": inline_svg(drawn, lambda node: node["url"]),
        "drawn": len(drawn["nodes"]),
        "groups": [
            (NAMES[kind], kind, [node for node in payload["nodes"] if node["kind"] == kind])
            for kind in KINDS
            if payload["totals"][kind]["shown"]
        ],
        "names": [node["label"] for node in payload["nodes"] if node["id"] in payload["parameters"]["seeds"]],
        "is_own": request.user.pk == kept.user_id,
    }
    response = render(request, "profiles/snapshot.html", context)
    response["Cache-Control"] = "no-cache"
    return response


@login_required
@require_POST
def delete(request: HttpRequest, pk: str) -> HttpResponse:
    if not delete_snapshot(find(pk), by=account(request)):
        raise Http404(NOTHING)
    messages.success(request, "The snapshot is deleted.")
    return seen(reverse("profiles:snapshots"))


def find(pk: str) -> Snapshot:
    found = Snapshot.objects.filter(pk=pk).first()
    if found is None:
        raise Http404(NOTHING)
    return found


def as_of_today(kept: Snapshot) -> dict[str, Any]:
    """What was kept, with people as they are called today and without those who objected. One query."""
    ids = [node["id"].partition(":")[2] for node in kept.payload["nodes"] if node["kind"] == "person"]
    rows = Author.objects.filter(public_id__in=ids, is_suppressed=False).select_related("merged_into")
    people = {}
    for row in rows.only("public_id", "name", "is_suppressed", "merged_into__public_id", "merged_into__name", "merged_into__is_suppressed"):
        stands = row.merged_into or row
        if not stands.is_suppressed:
            people[f"person:{row.public_id}"] = (stands.name, stands.get_absolute_url())
    return as_named(kept.payload, people)


def hash_of(payload: dict[str, Any]) -> str:
    """Of the names, which are all that may change."""
    return sha256("\0".join(node["label"] for node in payload["nodes"]).encode()).hexdigest()[:16]


def seen(address: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response
