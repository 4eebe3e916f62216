"""The addresses of an account: django-allauth's page, which rests while whoever is wronged by a claim has time to say so."""

from __future__ import annotations

from typing import Any

from allauth.account.views import EmailView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from profiles.actions.claims.ownership import why_addresses_stay
from profiles.views.claims.addresses import account_of

CHANGES = {"action_add", "action_remove", "action_primary"}


class MailboxesView(EmailView):  # type: ignore[misc]  # allauth has no types
    """Adding, removing and choosing addresses is refused just after a claim was approved, and while one is frozen."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reason = why_addresses_stay(account_of(request))
        if reason and CHANGES & request.POST.keys():
            messages.error(request, reason)
            return redirect("account_email")
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "reason_to_wait": why_addresses_stay(account_of(self.request))}
