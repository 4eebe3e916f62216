"""The queue: what waits for staff, by risk and age; and one decision about many."""

from __future__ import annotations

from typing import cast

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from profiles.actions.review import decide_many
from profiles.forms.review import FOR_REJECTION, ManyForm, QueueForm
from profiles.models import Claim, User
from profiles.models.claim import ClaimQuerySet, identity_awaited
from profiles.roles import may_review
from profiles.views.review.doors import only_for

ON_A_PAGE = 30
Status = Claim.Status


@require_safe
@only_for(may_review)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits. Four queries beside the session's, whatever waits."""
    form = QueueForm(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    page = Paginator(waiting(chosen, cast("User", request.user)), ON_A_PAGE).get_page(request.GET.get("page"))
    counts = Claim.objects.aggregate(
        review=Count("pk", filter=Q(status=Status.REVIEW)),
        disputed=Count("pk", filter=Q(status=Status.DISPUTED)),
        asked=Count("pk", filter=Q(status=Status.NEEDS_INFO)),
        identity=Count("pk", filter=identity_awaited()),
    )
    context = {
        "form": form,
        "here": "queue",
        "page": page,
        "counts": counts,
        "many": ManyForm(),
        "now": timezone.now(),
        "address": kept(request),
    }
    return render(request, "profiles/review/queue.html", context)


def waiting(chosen: dict[str, object], reviewer: User) -> QuerySet[Claim]:
    claims: ClaimQuerySet = Claim.objects.select_related("author", "weighing", "leased_by").annotate(
        rivals_count=Count("author__claims", filter=Q(author__claims__status__in=[Status.EVIDENCE, Status.REVIEW, Status.NEEDS_INFO])),
        waits_since=Case(When(identity_awaited(), then="identity_asked_at"), default="status_at"),
    )
    state = chosen.get("state")
    if state == "asked":
        claims = claims.filter(status=Status.NEEDS_INFO)
    elif state in {"review", "disputed"}:
        claims = claims.filter(status=state)
    elif state == "identity":
        claims = claims.filter(identity_awaited())
    else:
        claims = claims.awaiting_staff()
    if state == "appeal":
        claims = claims.filter(status=Status.REVIEW, appealed_at__isnull=False)
    if chosen.get("free"):
        claims = claims.filter(Q(leased_by=None) | Q(leased_by=reviewer) | Q(leased_until__lt=timezone.now()))
    age = F("waits_since").asc()
    risk = F("weighing__risk").desc(nulls_last=True)
    return claims.order_by(age, "pk") if chosen.get("order") == "age" else claims.order_by(risk, age, "pk")


def kept(request: HttpRequest) -> str:
    """The address' filters, for the links to further pages."""
    given = request.GET.copy()
    given.pop("page", None)
    return given.urlencode()


@require_POST
@only_for(may_review)
def many(request: HttpRequest) -> HttpResponse:
    """One decision about the ticked claims, with an outcome for each."""
    form = ManyForm(request.POST)
    ticked = request.POST.getlist("claim")
    if not ticked or not form.is_valid():
        return redirect("profiles:review")
    verb, reason = form.cleaned_data["verb"], form.cleaned_data["reason"]
    if verb == "reject" and reason not in FOR_REJECTION:
        reason = FOR_REJECTION[0]
    outcomes = decide_many(
        public_ids=ticked,
        verb=verb,
        reason=reason if verb == "reject" else "evidence-fits",
        text=form.words(),
        by=cast("User", request.user),
    )
    done = sum(outcome.is_done for outcome in outcomes)
    return render(request, "profiles/review/outcomes.html", {"outcomes": outcomes, "done": done, "refused": len(outcomes) - done})
