"""What a claimant sees: what claiming means, their claims, one claim with all that is done about it, the works to tick."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from profiles.actions import claims
from profiles.actions.claims import ClaimRefused, pieces_of
from profiles.claiming import STEPS, still_missing
from profiles.evidence import homepage
from profiles.evidence.account import connected_orcid
from profiles.evidence.vouch import who_could
from profiles.models import Claim, ClaimEvent, Evidence, EvidenceView
from profiles.trust.levels import VOUCHES
from profiles.views.addresses import author_at
from profiles.views.claims.addresses import account_of, claim_by, own_claim
from profiles.views.claims.history import told
from works.models import Author, Authorship

WORKS_ON_A_PAGE = 50
WAITS_SHOWN_FOR = timedelta(days=90)
STAGES = (("draft", "Your works"), ("evidence", "Evidence"), ("review", "Review"), ("decided", "Decision"))


class Stage(NamedTuple):
    """A part of the way of a claim, and how far it is: "done", "now" or ""."""

    label: str
    state: str


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """What claiming means; a POST begins. HTMX gets the panel of the researcher page instead of being led away."""
    author = author_at(slug, Author.objects.defer("name_search"))
    if request.method != "POST":
        if slug != author.slug:
            return redirect("profiles:claim_begin", author.slug, permanent=True)
        return render(request, "profiles/claims/begin.html", {"author": author, "own_claim": claim_by(request.user, author)})
    return begin_now(request, author)


@login_required
def begin_now(request: HttpRequest, author: Author) -> HttpResponse:
    by_htmx = bool(request.headers.get("HX-Request"))
    refusal = ""
    claim: Claim | None = None
    try:
        claim = claims.begin_claim(author, by=account_of(request))
    except ClaimRefused as refused:
        refusal = str(refused)
    if by_htmx:
        response = render(request, "profiles/claims/panel.html", {"author": author, "own_claim": claim, "refusal": refusal})
        patch_vary_headers(response, ["HX-Request"])
        return response
    if claim is None:
        messages.error(request, refusal)
        return redirect("profiles:claim_begin", author.slug)
    return redirect(claim)


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """One's claims, newest first, and what co-authors ask of one."""
    asked = Evidence.objects.filter(given_by=request.user.pk, kind__in=sorted(VOUCHES)).select_related("author", "claim")
    context = {
        "claims": Claim.objects.filter(user=request.user.pk).select_related("author")[:100],
        "asked": asked.exclude(status=Evidence.Status.FAILED).order_by("-pk")[:50],
    }
    return render(request, "profiles/claims/mine.html", context)


@require_safe
@login_required
def status(request: HttpRequest, public_id: str) -> HttpResponse:
    """One claim: the stage, what is missing, proofs, history, and every step that can be taken now."""
    claim = own_claim(request, public_id)
    evidence = list(
        Evidence.objects.filter(user=request.user.pk, author=claim.author).exclude(kind=Evidence.Kind.STAFF_NOTE).order_by("pk")
    )
    for item in evidence:
        if item.kind == Evidence.Kind.LINK:
            item.link = homepage.address_of(item.pk)  # type: ignore[attr-defined]
    proved = [item for item in evidence if item.is_live]
    counts = claim.answers.aggregate(mine=Count("pk", filter=Q(is_mine=True)), not_mine=Count("pk", filter=Q(is_mine=False)))
    may = {step for step, rule in STEPS.items() if claim.status in rule.sources}
    events = list(ClaimEvent.objects.filter(claim=claim).order_by("pk"))
    holder = Claim.objects.holding().filter(author=claim.author).exclude(pk=claim.pk).first()
    context = {
        "claim": claim,
        "author": claim.author,
        "stages": stages(claim),
        "counts": counts,
        "evidence": [item for item in evidence if item.status != Evidence.Status.FAILED],
        "code_waits": any(item.kind == Evidence.Kind.INSTITUTION_EMAIL and item.code_waits for item in evidence),
        "missing": missing(claim, counts, still_missing(pieces_of(proved)), has_evidence=bool(proved)),
        "holder": holder,
        "may_dispute": holder is not None and "dispute-opened" in may and claim.contests_id != holder.pk,
        "may_submit": holder is None and "submitted" in may,
        "may_ask_for_check": "identity-asked" in may and claim.status != Claim.Status.DISPUTED and not claim.identity_asked_at,
        "may_appeal": "appealed" in may and claim.appealed_at is None,
        "may": {step.replace("-", "_"): True for step in may},
        "takes_evidence": claim.is_live or claim.is_holding or claim.status == Claim.Status.SUPERSEDED,
        "orcid": connected_orcid(account_of(request)),
        "vouchers": [profile for profile in who_could(claim.author) if profile.user_id != request.user.pk],
        "wait": Claim.objects.typical_wait(WAITS_SHOWN_FOR),
        "question": next((event.text for event in reversed(events) if event.kind == "questioned"), ""),
        "history": told(events, reader=request.user.pk),
        "views": EvidenceView.objects.filter(claim=claim).select_related("viewer__profile__author")[:50],
    }
    return render(request, "profiles/claims/status.html", context)


def stages(claim: Claim) -> list[Stage]:
    """How far the claim is on its way, as a list of four."""
    names = [name for name, _ in STAGES]
    now = {"needs_info": 2}.get(claim.status, names.index(claim.status) if claim.status in names else 3)
    is_over = not claim.is_live
    return [
        Stage(label, "done" if place < now or (is_over and place == now) else "now" if place == now else "")
        for place, (_, label) in enumerate(STAGES)
    ]


def missing(claim: Claim, counts: dict[str, int], evidence: str, *, has_evidence: bool) -> Iterable[str]:
    """What the claim still needs from its claimant, the first thing first."""
    if not claim.is_live:
        return []
    found = [] if counts["mine"] else ["Say of at least one work that it is yours."]
    if claim.status == Claim.Status.NEEDS_INFO:
        found.append("Answer the reviewer’s question.")
    if evidence:
        found.append(evidence)
    if claim.status in {Claim.Status.DRAFT, Claim.Status.EVIDENCE} and counts["mine"] and has_evidence:
        found.append("Hand the claim in.")
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def works(request: HttpRequest, public_id: str) -> HttpResponse:
    """The record's works to tick, those under exactly the record's name first. A POST keeps one page of answers and goes on to the next."""
    claim = own_claim(request, public_id)
    if claim.status not in STEPS["works-answered"].sources:
        messages.error(request, "The answers cannot be changed now.")
        return redirect(claim)
    page = Paginator(lines_of(claim), WORKS_ON_A_PAGE).get_page(request.GET.get("page"))
    if request.method == "POST":
        return keep_answers(request, claim, page)
    return render(request, "profiles/claims/works.html", {"claim": claim, "author": claim.author, "page_obj": page})


def lines_of(claim: Claim) -> QuerySet[Authorship]:
    """The record's byline positions with what the claimant answered so far."""
    said = claim.answers.filter(work=OuterRef("work"), position=OuterRef("position"))
    return (
        Authorship.objects.filter(author=claim.author)
        .select_related("work")
        .only("name", "position", "year", "work__title", "work__public_id", "work__year", "work__type")
        .alias(name_lower=Lower("name"))
        .annotate(
            is_alike=Case(When(name_lower=claim.author.name.lower(), then=0), default=1),
            is_mine=Exists(said.filter(is_mine=True)),
            is_not_mine=Exists(said.filter(is_mine=False)),
        )
        .order_by("is_alike", F("year").desc(nulls_last=True), "-work")
    )


def keep_answers(request: HttpRequest, claim: Claim, page: Any) -> HttpResponse:
    """Keep what was answered about the works of this page. Only byline positions on it are read from the request."""
    meaning = {"mine": True, "not-mine": False}
    for_all = "all-mine" in request.POST
    answers = {
        (line.work_id, line.position): True if for_all else meaning.get(request.POST.get(f"work-{line.work_id}-{line.position}", ""))
        for line in page
    }
    try:
        claims.answer_works(claim, answers=answers, by=account_of(request))
    except ClaimRefused as refused:
        messages.error(request, str(refused))
        return redirect(claim)
    if page.has_next() and "done" not in request.POST:
        return redirect(f"{request.path}?page={page.next_page_number()}")
    messages.success(request, "Your answers are kept.")
    return redirect(claim)
