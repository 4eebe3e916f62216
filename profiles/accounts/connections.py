"""Log-in with an ORCID iD: offered where the site has credentials for it, one iD to an account and one account to an iD."""

from __future__ import annotations

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect

from profiles.evidence.account import ORCID

logger = logging.getLogger(__name__)


class ConnectionsAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": "There is an account with this address already. Log in to it first, then connect your ORCID iD there.",
        "no_password": "Set a password first: without it and without the iD nobody could log in to this account.",
    }

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[SocialApp]:
        """ORCID as the settings name it, or nothing."""
        if not settings.ORCID_CLIENT_ID or provider not in {None, ORCID} or client_id not in {None, settings.ORCID_CLIENT_ID}:
            return []
        return [SocialApp(provider=ORCID, name="ORCID", client_id=settings.ORCID_CLIENT_ID, secret=settings.ORCID_CLIENT_SECRET)]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse a second iD for an account: a person has one."""
        if not request.user.is_authenticated or sociallogin.state.get("process") != "connect":
            return
        other = SocialAccount.objects.filter(user=request.user, provider=ORCID).exclude(uid=sociallogin.account.uid).first()
        if other:
            messages.error(request, f"Your account is connected to {other.uid} already. Disconnect it first.")
            raise ImmediateHttpResponse(redirect("socialaccount_connections"))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Exception | None = None, extra_context: Any = None
    ) -> None:
        logger.warning("Log-in with ORCID failed: %s %s", error, exception or "")
