"""Proposed merges, merging, splitting, and their journal: for staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from works.actions.journal import Actor
from works.actions.merges import (
    MergeRefused,
    merge_authors,
    merge_works,
    preview_author_merge,
    preview_work_merge,
    split_author,
    split_work,
    undo_merge,
)
from works.actions.proposals import ProposalSettled, better_kept, counts_waiting, decline_proposal
from works.forms import MergeForm, SplitForm
from works.models import Author, Authorship, Merge, MergeProposal, RegistryRecord, Work
from works.models.decision import Role
from works.views.imports import curators_only

PROPOSALS_ON_A_PAGE = 20
MERGES_ON_A_PAGE = 25
PLACES_TO_SPLIT = 500
KINDS = {"authors": "People", "works": "Works"}


def staff(request: HttpRequest) -> Actor:
    return Actor(account=request.user.pk, role=Role.STAFF)


@require_safe
@curators_only
def proposals(request: HttpRequest) -> HttpResponse:
    """The queue: pairs that may be one, what an owner endorsed first, then the surest, with the reasons. Five queries."""
    kind = request.GET.get("kind", "authors")
    if kind not in KINDS:
        raise Http404("There are proposals about authors and about works.")
    sides = ("author_a", "author_b") if kind == "authors" else ("work_a", "work_b", "work_a__source", "work_b__source")
    waiting = (
        MergeProposal.objects.filter(kind=kind, state=MergeProposal.State.OPEN)
        .select_related(*sides)
        .order_by(F("endorsed_at").asc(nulls_last=True), "-score", "pk")
    )
    page = Paginator(waiting, PROPOSALS_ON_A_PAGE).get_page(request.GET.get("page"))
    counts = counts_waiting()
    context = {
        "kind": kind,
        "kinds": [(name, label, counts[name]) for name, label in KINDS.items()],
        "proposals": page,
        "pairs": [(proposal, *sides_of(proposal)) for proposal in page],
    }
    return render(request, "works/merge_proposals.html", context)


def sides_of(proposal: MergeProposal) -> tuple[Any, Any]:
    """Who would stay, and who would become a redirect."""
    if proposal.author_a and proposal.author_b:
        return better_kept(proposal.author_a, proposal.author_b)
    return better_kept(*(its for its in (proposal.work_a, proposal.work_b) if its))


@require_POST
@curators_only
def decide_proposal(request: HttpRequest, pk: str, verb: str) -> HttpResponse:
    """Accept: merge the two. Decline: remember that they are two."""
    proposal = get_object_or_404(MergeProposal.objects.select_related("author_a", "author_b", "work_a", "work_b"), pk=pk)
    back = f"{reverse('works:merge_proposals')}?{urlencode({'kind': proposal.kind})}"
    try:
        if verb == "decline":
            decline_proposal(proposal.pk, by=staff(request))
            messages.success(request, "Kept apart; the pair will not be proposed again.")
        elif proposal.state != MergeProposal.State.OPEN:
            raise ProposalSettled(f"This proposal was {proposal.get_state_display().lower()} meanwhile.")
        else:
            winner, loser = sides_of(proposal)
            merge = merge_pair(winner, [loser], "A proposal was accepted.", staff(request))
            messages.success(request, f"Merged. It can be undone in the journal, number {merge.pk}.")
    except (MergeRefused, ProposalSettled) as refused:
        messages.error(request, str(refused))
    return redirect(back)


def merge_pair(winner: Author | Work, losers: Sequence[Author] | Sequence[Work], reason: str, by: Actor) -> Merge:
    action = merge_authors if isinstance(winner, Author) else merge_works
    return action(winner_id=winner.pk, loser_ids=[loser.pk for loser in losers], reason=reason, by=by)


@require_http_methods(["GET", "HEAD", "POST"])
@curators_only
def merge_new(request: HttpRequest) -> HttpResponse:
    """Two records picked by their addresses: what would move, then the merge itself."""
    given = request.POST if request.method == "POST" else request.GET
    form = MergeForm(given or None)
    preview = None
    if form.is_valid():
        winner, loser = form.cleaned_data["winner"], form.cleaned_data["loser"]
        if request.method == "POST":
            try:
                merge = merge_pair(winner, [loser], form.cleaned_data["reason"], staff(request))
            except MergeRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, "Merged. It can be undone here.")
                return redirect(merge)
        see = preview_author_merge if isinstance(winner, Author) else preview_work_merge
        preview = see(winner, [loser])
    context = {"form": form, "preview": preview, "parties": form.cleaned_data if form.is_valid() else None}
    return render(request, "works/merge_new.html", context, status=422 if form.is_bound and form.errors else 200)


@require_safe
@curators_only
def journal(request: HttpRequest) -> HttpResponse:
    """Every merge and split, latest first."""
    page = Paginator(Merge.objects.all(), MERGES_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "works/merge_journal.html", {"merges": page})


@require_http_methods(["GET", "HEAD", "POST"])
@curators_only
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """One merge or split: who, when, why, what moved; and the button that undoes it."""
    found = get_object_or_404(Merge, pk=pk)
    refused: list[str] = []
    if request.method == "POST":
        try:
            undo_merge(found.pk, by=staff(request))
        except MergeRefused as refusal:
            refused = refusal.reasons
        else:
            messages.success(request, "Undone: every row stands as it did before.")
            return redirect(found)
    counts: dict[str, int] = {}
    for table in found.rows.values_list("table", flat=True):
        name = table.partition("_")[2]
        counts[name] = counts.get(name, 0) + 1
    context = {"merge": found, "counts": sorted(counts.items()), "refused": refused}
    return render(request, "works/merge.html", context, status=409 if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@curators_only
def split_author_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """The works of an author with boxes: those that are ticked go to a new author."""
    author = get_object_or_404(Author.objects.standing(), public_id=public_id)
    places = list(Authorship.objects.filter(author=author).with_cards().newest_first()[:PLACES_TO_SPLIT])
    form = SplitForm(request.POST if request.method == "POST" else None, choices=[(str(place.pk), place.work.title) for place in places])
    if request.method == "POST" and form.is_valid():
        try:
            done = split_author(
                author_id=author.pk, authorship_ids=form.cleaned_data["chosen"], reason=form.cleaned_data["reason"], by=staff(request)
            )
        except MergeRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Split. It can be undone here.")
            return redirect(done)
    rows = [(str(place.pk), place.work.title, f"{place.work.year or 'no year'}", place.work.get_absolute_url()) for place in places]
    context = {
        "form": form,
        "party": author,
        "title": author.name,
        "rows": rows,
        "what": "works",
        "shown": PLACES_TO_SPLIT,
        "of": author.works_count,
    }
    return render(request, "works/split.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@curators_only
def split_work_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """The registry records of a work with boxes: those that are ticked go to a new work."""
    work = get_object_or_404(Work.objects.standing(), public_id=public_id)
    records = list(RegistryRecord.objects.filter(work=work).order_by("registry", "key"))
    form = SplitForm(request.POST if request.method == "POST" else None, choices=[(str(record.pk), record.key) for record in records])
    if request.method == "POST" and form.is_valid():
        try:
            done = split_work(
                work_id=work.pk, record_ids=form.cleaned_data["chosen"], reason=form.cleaned_data["reason"], by=staff(request)
            )
        except MergeRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Split. It can be undone here.")
            return redirect(done)
    rows = [(str(record.pk), record.payload.get("title", ""), f"{record.registry}: {record.key}", "") for record in records]
    context = {
        "form": form,
        "party": work,
        "title": work.title,
        "rows": rows,
        "what": "registry records",
        "shown": len(records),
        "of": len(records),
    }
    return render(request, "works/split.html", context, status=422 if form.errors else 200)
