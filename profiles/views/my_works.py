"""My works: what the owner of a page decides about its record. Always the record of whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles.actions import record
from profiles.actions.record import RecordRefused
from profiles.models import Claim, User
from profiles.views.my_profile import number, own_page, person
from works.forms import SplitForm
from works.models import Authorship, AuthorshipDecision, Correction, MergeProposal
from works.models.decision import Role

ANSWERS_ON_A_PAGE = 25
SHOWN = 20  # of what waits, the oldest first
PLACES_TO_SPLIT = 500


@require_safe
@login_required
def my_works(request: HttpRequest) -> HttpResponse:
    """What waits for the owner, and what they have answered. Ten queries, however much there is."""
    profile = own_page(request)
    if profile is None:
        return redirect("profiles:my_profile")
    author = profile.author
    own = AuthorshipDecision.objects.filter(author=author).select_related("work")
    lost = list(own.filter(position__isnull=True).order_by("pk")[:SHOWN])
    waiting = MergeProposal.objects.filter(record.proposals_about(author), state=MergeProposal.State.OPEN)
    proposals = waiting.select_related("author_a", "author_b", "work_a", "work_b").order_by("-score", "pk")[:SHOWN]
    corrections = Correction.objects.filter(author=author, goes_to=Role.OWNER, state=Correction.State.OPEN).select_related("work")
    context = {
        "profile": profile,
        "author": author,
        "claim": Claim.objects.holding().filter(user=person(request)).first(),
        "lost": [(decision, places) for decision, places in zip(lost, places_that_fit(lost, record.name_keys(author)), strict=True)],
        "corrections": corrections.order_by("pk")[:SHOWN],
        "pairs": [(proposal, *sides(proposal, author.pk)) for proposal in proposals],
        "answers": Paginator(own.filter(position__isnull=False).order_by("-decided_at", "pk"), ANSWERS_ON_A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "profiles/my_works.html", context)


def places_that_fit(decisions: Iterable[AuthorshipDecision], keys: list[str]) -> list[list[Authorship]]:
    """For each answer whose place was lost, the places of the byline as it is now whose names may be the owner's. One query."""
    works = {decision.work_id for decision in decisions}
    places = [place for place in Authorship.objects.filter(work__in=works).order_by("position") if record.fits(place.name, keys)]
    return [[place for place in places if place.work_id == decision.work_id] for decision in decisions]


def sides(proposal: MergeProposal, own: int) -> tuple[Any, Any]:
    """The two that may be one, the owner's own record first."""
    if proposal.kind == MergeProposal.Kind.WORKS:
        return proposal.work_a, proposal.work_b
    return (proposal.author_a, proposal.author_b) if proposal.author_a_id == own else (proposal.author_b, proposal.author_a)


@require_POST
@login_required
def answer(request: HttpRequest) -> HttpResponse:
    """Mine, or not mine: one place in a byline. For HTMX the buttons anew, with what was done; else back to one's page."""
    is_mine = {"mine": True, "not-mine": False}.get(request.POST.get("answer", ""))
    if is_mine is None:
        raise Http404("A place is mine or not mine.")
    profile = own_page(request)
    if profile is None:
        return redirect("profiles:my_profile")
    refusal, place = "", None
    try:
        place = record.answer_place(place_id=number(request.POST.get("place", "")), is_mine=is_mine, by=person(request))
    except RecordRefused as refused:
        refusal = str(refused)
    if request.headers.get("HX-Request"):
        context = {
            "place_id": number(request.POST.get("place", "")),
            "title": place.work.title if place else "this work",
            "is_mine": is_mine if place else not is_mine,
            "is_said": place is not None,
            "refusal": refusal,
            "is_changed": place is not None,
        }
        return render(request, "profiles/work_answer.html", context, status=200)
    if place:
        said = "Kept: it is yours." if is_mine else "Kept: it is not yours, and no import brings it back."
        messages.success(request, f"{said} You can take the answer back under My works.")
    else:
        messages.error(request, refusal)
    return redirect(profile.author)


BUTTONS: dict[str, tuple[str, str, Callable[[int, str, User], object]]] = {
    "take-back": ("answers", "Taken back.", lambda pk, _, by: record.take_back_answer(decision_id=pk, by=by)),
    "place": ("lost", "Kept: that place is yours.", lambda pk, _, by: record.answer_place(place_id=pk, is_mine=True, by=by)),
    "accept": (
        "corrections",
        "Accepted: the place is somebody else’s now, and no import gives it back.",
        lambda pk, words, by: record.answer_correction(correction_id=pk, is_right=True, answer=words, by=by),
    ),
    "dismiss": (
        "corrections",
        "Dismissed: the record stays as it is.",
        lambda pk, words, by: record.answer_correction(correction_id=pk, is_right=False, answer=words, by=by),
    ),
    "one": (
        "proposals",
        "Noted. Staff read what you say, and merge the two.",
        lambda pk, _, by: record.answer_proposal(proposal_id=pk, is_one=True, by=by),
    ),
    "two": (
        "proposals",
        "Kept apart; the pair will not be proposed again.",
        lambda pk, _, by: record.answer_proposal(proposal_id=pk, is_one=False, by=by),
    ),
}


@require_POST
@login_required
def change(request: HttpRequest, verb: str) -> HttpResponse:
    """One button of the page My works."""
    if verb not in BUTTONS:
        raise Http404("There is nothing of this name to decide.")
    part, done, press = BUTTONS[verb]
    try:
        press(number(request.POST.get("value", "")), request.POST.get("answer", "").replace("\0", "")[:2000], person(request))
    except RecordRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(f"{reverse('profiles:my_works')}#{part}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def split(request: HttpRequest) -> HttpResponse:
    """The works of one's own page with boxes: those that are ticked are all one other person's, and go to a new author."""
    profile = own_page(request)
    if profile is None:
        return redirect("profiles:my_profile")
    places = list(Authorship.objects.filter(author=profile.author).with_cards().newest_first()[:PLACES_TO_SPLIT])
    form = SplitForm(request.POST if request.method == "POST" else None, choices=[(str(place.pk), place.work.title) for place in places])
    if request.method == "POST" and form.is_valid():
        try:
            record.split_own_record(authorship_ids=form.cleaned_data["chosen"], reason=form.cleaned_data["reason"], by=person(request))
        except RecordRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Split. The works stand on a new page; staff can undo it.")
            return redirect("profiles:my_works")
    context = {"form": form, "author": profile.author, "places": places, "shown": PLACES_TO_SPLIT}
    return render(request, "profiles/my_works_split.html", context, status=422 if form.errors else 200)
