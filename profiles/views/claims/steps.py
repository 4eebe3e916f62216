"""The buttons of a claim's page: each binds its form, calls one action, and leads back to the page with what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from profiles.actions import claims, evidence
from profiles.actions.claims import ClaimRefused
from profiles.forms import claims as forms
from profiles.models import Claim, Evidence, User
from profiles.views.claims.addresses import account_of, own_claim


class Step(NamedTuple):
    """What a button does: its form, the action with the form's values, and what is said afterwards."""

    form: type[django_forms.Form]
    act: Callable[[Claim, Mapping[str, Any], User], object]
    said: str


STEPS = {
    "submit": Step(
        forms.StatementForm, lambda claim, given, by: claims.submit_claim(claim, statement=given["text"], by=by), "Your claim is handed in."
    ),
    "answer": Step(
        forms.WordsForm, lambda claim, given, by: claims.answer_question(claim, text=given["text"], by=by), "Your answer is handed in."
    ),
    "withdraw": Step(django_forms.Form, lambda claim, _, by: claims.withdraw_claim(claim, by=by), "Your claim is withdrawn."),
    "appeal": Step(
        forms.WordsForm, lambda claim, given, by: claims.appeal_claim(claim, text=given["text"], by=by), "Another reviewer will look at it."
    ),
    "dispute": Step(
        forms.WordsForm, lambda claim, given, by: claims.dispute(claim, statement=given["text"], by=by), "Your dispute is handed in."
    ),
    "release": Step(django_forms.Form, lambda claim, _, by: claims.release_claim(claim, by=by), "The page is unclaimed again."),
    "orcid": Step(django_forms.Form, lambda claim, _, by: evidence.prove_by_orcid(claim, by=by), "Your ORCID iD is proved on these works."),
    "printed": Step(
        django_forms.Form,
        lambda claim, _, by: evidence.prove_by_printed_address(claim, by=by),
        "Your account’s address is printed on one of these works: that is proved.",
    ),
    "code": Step(
        forms.AddressForm,
        lambda claim, given, by: evidence.send_code(claim, address=given["address"], by=by),
        "A code is on its way to that address. It works for an hour.",
    ),
    "enter-code": Step(
        forms.CodeForm, lambda claim, given, by: evidence.enter_code(claim, code=given["code"], by=by), "The address is proved."
    ),
    "page": Step(
        forms.PageForm,
        lambda claim, given, by: evidence.name_page(claim, url=given["url"], by=by),
        "Put the link on that page, then say that it stands there.",
    ),
    "look": Step(
        forms.RowForm,
        lambda claim, given, by: evidence.look_again(claim, evidence_id=given["evidence"], by=by),
        "A worker looks at the page. Load this page again in a few seconds.",
    ),
    "ask": Step(
        forms.VouchForm,
        lambda claim, given, by: evidence.ask_for_vouch(
            claim, voucher=given["voucher"], message=given["text"], kind=given["kind"] or Evidence.Kind.COAUTHOR_ATTESTATION, by=by
        ),
        "Your co-author finds the question on their page of claims.",
    ),
    "identity": Step(
        forms.WordsForm,
        lambda claim, given, by: claims.ask_for_identity_check(claim, text=given["text"], by=by),
        "You have asked for an identity check. Two members of staff will look at it.",
    ),
    "drop": Step(
        forms.RowForm, lambda claim, given, by: evidence.drop_evidence(claim, evidence_id=given["evidence"], by=by), "It is given up."
    ),
}


@require_POST
@login_required
def take(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take a step of one's own claim. A refusal is said on the page, in the words of the action."""
    claim = own_claim(request, public_id)
    if step not in STEPS:
        raise Http404("There is no such step.")
    form = STEPS[step].form(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(claim)
    try:
        STEPS[step].act(claim, form.cleaned_data, account_of(request))
        messages.success(request, STEPS[step].said)
    except ClaimRefused as refused:
        messages.error(request, str(refused))
    return redirect(claim)
