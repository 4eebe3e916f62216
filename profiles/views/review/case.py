"""A case: everything that speaks for and against, side by side; and the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from profiles.actions import claims, review
from profiles.actions.claims import ClaimRefused, conflict_of_interest, pieces_of
from profiles.actions.privacy.keeping import note_view
from profiles.claiming import REASONS, is_enough
from profiles.forms import review as forms
from profiles.models import Claim, Evidence, Profile, Trust, User
from profiles.roles import may_review
from profiles.views.review.doors import only_for
from works.models import Authorship

WORKS_SHOWN, EVENTS_SHOWN = 50, 100


class Choice(NamedTuple):
    """A decision that the state of a case allows: its verb, label, explanation, reasons to choose from, and its key."""

    verb: str
    label: str
    says: str
    reasons: list[tuple[str, str]]
    key: str


def reasons(codes: list[str]) -> list[tuple[str, str]]:
    return [(code, REASONS[code]) for code in codes]


def choices(claim: Claim) -> list[Choice]:
    """What can be decided now, in the order of the page."""
    bind = Choice("bind", "Tie by staff", "You have checked that account and record belong together. Another reviewer decides.", [], "b")
    note = Choice("note", "Leave a note", "For other reviewers. It proves nothing.", [], "n")
    if claim.status == Claim.Status.REVIEW:
        found = [
            Choice("approve", "Approve", "The claimant gets the record.", reasons(forms.FOR_APPROVAL), "a"),
            Choice("reject", "Reject", "The claimant reads why, and can appeal once.", reasons(forms.FOR_REJECTION), "r"),
            Choice("ask", "Ask for more", "The claimant reads your question.", [], "q"),
        ]
        if claim.contests_id:
            found.insert(0, Choice("second", "Second", "You agree; another reviewer approves.", [], "s"))
        return [*found, bind, note]
    if claim.status == Claim.Status.DISPUTED:
        return [
            Choice("uphold", "Uphold", "The owner keeps the record; claims against it are rejected.", reasons(forms.FOR_UPHOLDING), "u"),
            Choice("revoke", "Revoke", "The owner’s rights end at once.", reasons(forms.FOR_REVOKING), "x"),
            note,
        ]
    if claim.is_holding:
        decline = Choice("decline-identity", "Turn the request down", "The owner reads why, and may ask again after 14 days.", [], "d")
        return [
            Choice("identity", "Note an identity check", "Two checks by different people make level 4. Never keep a document.", [], "i"),
            *([decline] if claim.identity_asked_at else []),
            Choice("vouches", "Accept the vouches", "Two verified people vouched for this identity.", [], "v"),
            Choice("revoke", "Revoke", "The owner’s rights end at once.", reasons(forms.FOR_REVOKING), "x"),
            note,
        ]
    return [bind, note] if claim.is_live else []


@require_safe
@only_for(may_review)
def case(request: HttpRequest, public_id: str) -> HttpResponse:
    """One claim. Opening it takes it on one's table for 15 minutes, unless it is another's or one may not decide. About 27 queries."""
    return page(request, found(public_id))


def found(public_id: str) -> Claim:
    related = ("author", "user", "weighing", "leased_by", "contests__user", "decided_by", "seconded_by")
    return get_object_or_404(Claim.objects.select_related(*related), public_id=public_id)


def page(request: HttpRequest, claim: Claim, *, form: forms.DecisionForm | None = None, status: int = 200) -> HttpResponse:
    reviewer = cast("User", request.user)
    note_view(claim, by=reviewer)
    conflict = conflict_of_interest(claim, by=reviewer)
    is_open = claim.is_live or claim.is_holding
    is_mine = not conflict and is_open and review.take_lease(claim, by=reviewer)
    weighing = review.weigh(claim=claim) if is_open else getattr(claim, "weighing", None)
    evidence = list(
        Evidence.objects.filter(user=claim.user_id, author=claim.author_id).select_related("institution", "given_by").order_by("pk")
        if claim.user_id
        else Evidence.objects.none()
    )
    live = [
        item
        for item in evidence
        if item.status == Evidence.Status.PROVED and (not item.expires_on or item.expires_on > timezone.localdate())
    ]
    answers = {(answer.work_id, answer.position): answer.is_mine for answer in claim.answers.all()}
    works = [
        (line, answers.get((line.work_id, line.position)))
        for line in Authorship.objects.filter(author=claim.author_id)
        .select_related("work")
        .prefetch_related("affiliations__institution")
        .annotate(is_answered=Exists(claim.answers.filter(work=OuterRef("work"), position=OuterRef("position"))))
        .order_by("-is_answered", F("year").desc(nulls_last=True), "-work")[:WORKS_SHOWN]
    ]
    events = list(claim.events.order_by("-pk")[:EVENTS_SHOWN])
    context: dict[str, Any] = {
        "claim": claim,
        "author": claim.author,
        "trust": Trust.objects.filter(pk=claim.author_id).only("score", "level", "band").first(),
        "holder": Profile.objects.filter(author=claim.author_id).select_related("user").first(),
        "conflict": conflict,
        "is_mine": is_mine,
        "weighing": weighing,
        "evidence": evidence,
        "is_enough": is_enough(pieces_of(live), reviewer=reviewer.pk),
        "works": works,
        "more_works": max(0, claim.author.works_count - WORKS_SHOWN),
        "others": Claim.objects.filter(Q(author=claim.author_id) | Q(user=claim.user_id, user__isnull=False))
        .exclude(pk=claim.pk)
        .exclude(status=Claim.Status.DRAFT)
        .select_related("author")[:20],
        "events": events,
        "asks_for_check": next((event.text for event in events if event.kind == "identity-asked"), "") if claim.identity_asked_at else "",
        "choices": choices(claim),
        "questions": forms.QUESTIONS.items(),
        "methods": review.METHODS.items(),
        "form": form,
        "minutes": int(review.LEASE.total_seconds() // 60),
    }
    return render(request, "profiles/review/case.html", context, status=status)


DECIDE: dict[str, Callable[[Claim, dict[str, Any], str, User], object]] = {
    "approve": lambda claim, given, text, by: claims.approve_claim(claim, reason=given["reason"] or "evidence-fits", note=text, by=by),
    "reject": lambda claim, given, text, by: claims.reject_claim(claim, reason=given["reason"], note=text, by=by),
    "ask": lambda claim, given, text, by: claims.ask_for_more(claim, question=text, by=by),
    "second": lambda claim, given, text, by: claims.second_claim(claim, by=by),
    "uphold": lambda claim, given, text, by: claims.uphold(claim, note=text, by=by),
    "revoke": lambda claim, given, text, by: claims.revoke_claim(claim, reason=given["reason"], note=text, by=by),
    "bind": lambda claim, given, text, by: claims.bind_by_staff(claim, note=text, by=by),
    "note": lambda claim, given, text, by: claims.note_by_staff(claim, note=text, by=by),
    "identity": lambda claim, given, text, by: review.check_identity(claim, method=given["method"], note=text, by=by),
    "decline-identity": lambda claim, given, text, by: review.decline_identity_check(claim, note=text, by=by),
    "vouches": lambda claim, given, text, by: review.accept_vouches(claim, note=text, by=by),
}
DONE = {
    "approve": "Approved. The claimant is told.",
    "reject": "Rejected. The claimant is told why.",
    "ask": "The claimant is asked.",
    "second": "Seconded. Another reviewer can approve it now.",
    "uphold": "Upheld.",
    "revoke": "Revoked. The owner’s rights ended.",
    "bind": "Kept. Another reviewer decides.",
    "note": "Kept.",
    "identity": "The check is noted.",
    "decline-identity": "The owner is told.",
    "vouches": "The vouches are accepted.",
}


@require_POST
@only_for(may_review)
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """One decision. What is refused says why, above the form, with what was typed still in it."""
    claim, reviewer = found(public_id), cast("User", request.user)
    if "give-back" in request.POST:
        review.give_back(claim, by=reviewer)
        return redirect("profiles:review")
    form = forms.DecisionForm(request.POST)
    if not form.is_valid():
        return page(request, claim, form=form, status=422)
    verb = form.cleaned_data["verb"]
    if verb not in DECIDE:
        raise Http404("There is no such decision.")
    offered = next((choice for choice in choices(claim) if choice.verb == verb), None)
    allowed = [code for code, _ in offered.reasons] if offered else []
    if allowed and form.cleaned_data["reason"] not in allowed:
        form.cleaned_data["reason"] = allowed[0] if len(allowed) == 1 else ""
        if not form.cleaned_data["reason"]:
            form.add_error("reason", "Choose a reason: the claimant reads it.")
            return page(request, claim, form=form, status=422)
    try:
        DECIDE[verb](claim, form.cleaned_data, form.words(), reviewer)
    except ClaimRefused as refused:
        form.add_error(None, str(refused))
        return page(request, found(public_id), form=form, status=422)
    messages.success(request, DONE[verb])
    return (
        redirect("profiles:review_case", public_id)
        if verb in {"bind", "note", "identity", "vouches", "second"}
        else redirect("profiles:review")
    )


@require_POST
@only_for(may_review)
def withdraw_check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take an identity check or a decision of staff back."""
    claim = found(public_id)
    number = request.POST.get("evidence", "")
    owned = Evidence.objects.filter(claim=claim, pk=int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    evidence = owned.select_related("claim").first() if owned is not None else None
    if evidence is None:
        raise Http404("There is no such check.")
    try:
        review.withdraw_check(evidence, note=request.POST.get("text", "")[:2000], by=cast("User", request.user))
        messages.success(request, "Taken back. It counts no more.")
    except ClaimRefused as refused:
        messages.error(request, str(refused))
    return redirect("profiles:review_case", public_id)
