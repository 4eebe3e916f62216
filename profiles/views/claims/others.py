"""What others than the claimant do: whoever reads the notice, visitors of a proof's address, co-authors who were asked."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from profiles.actions import claims, evidence
from profiles.actions.claims import ClaimRefused
from profiles.actions.claims.notices import claim_of_link
from profiles.evidence import homepage
from profiles.evidence.vouch import VOUCHES_A_MONTH, given_this_month, why_not
from profiles.models import ClaimEvent, Evidence
from profiles.trust.levels import VOUCHES
from profiles.views.claims.addresses import account_of


@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, word: str) -> HttpResponse:
    """The link "this was not me" of the notice. Opening it changes nothing; the button freezes the claim and calls the staff."""
    claim = claim_of_link(word)
    if claim is None:
        raise Http404("This link is not one of ours, or it is older than 30 days.")
    if request.method == "POST":
        try:
            claim = claims.freeze_claim(claim, by=None)
        except ClaimRefused as refused:
            messages.error(request, str(refused))
            return redirect(request.path)
    response = render(request, "profiles/claims/not_me.html", {"claim": claim, "author": claim.author, "is_frozen": bool(claim.frozen_at)})
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address is a key
    return response


@require_safe
def proof(request: HttpRequest, token: str) -> HttpResponse:
    """The address that a person’s page links to: to the researcher page once the claim holds; until then it says only what it is."""
    links = Evidence.objects.select_related("author", "claim").filter(kind=Evidence.Kind.LINK, status=Evidence.Status.PROVED)
    number = homepage.evidence_of(token)
    if number is None:
        raise Http404("No proof has this address.")
    item = links.filter(pk=number).first()
    if item and item.claim and item.claim.is_holding:
        return redirect(item.author)
    return render(request, "profiles/claims/proof.html")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def vouch(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """A claimant asks a co-author to attest, or to vouch for who they are: what it means, yes, no, and later taking it back."""
    by = account_of(request)
    asked = Evidence.objects.select_related("author", "claim", "user").filter(pk=evidence_id, given_by=by, kind__in=sorted(VOUCHES))
    item = asked.exclude(status=Evidence.Status.FAILED).first()
    if item is None:
        raise Http404("Nobody asks this of you.")
    if request.method == "POST":
        return answer(request, item)
    message = ClaimEvent.objects.filter(claim=item.claim, kind="vouch-asked", data__evidence=item.pk).first()
    context = {
        "evidence": item,
        "author": item.author,
        "message": message.text if message else "",
        "hindrance": why_not(by, item.author) if item.status == Evidence.Status.PENDING else "",
        "left": VOUCHES_A_MONTH - given_this_month(by),
        "quota": VOUCHES_A_MONTH,
    }
    return render(request, "profiles/claims/vouch.html", context)


def answer(request: HttpRequest, item: Evidence) -> HttpResponse:
    by = account_of(request)
    deeds = {"vouch": evidence.vouch, "decline": evidence.decline_vouch, "revoke": evidence.revoke_vouch}
    said = {"vouch": "You have vouched.", "decline": "You have declined.", "revoke": "You have taken your word back."}
    deed = request.POST.get("answer", "")
    if deed not in deeds:
        raise Http404("There is no such answer.")
    try:
        deeds[deed](item, by=by)
        messages.success(request, said[deed])
    except ClaimRefused as refused:
        messages.error(request, str(refused))
    return redirect("profiles:claims")
