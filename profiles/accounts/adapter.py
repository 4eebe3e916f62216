"""Accounts by e-mail: links and mails that name this site by SITE_URL, and by nothing that a request says."""

from __future__ import annotations

import time
from ipaddress import IPv6Network
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from profiles.actions.mails import post
from profiles.models import SentMail, User

NEXT = "next"
BACK_TO = "back_to"  # in mails: there, unlike NEXT, it must wait for the log-in
LONGEST_NEXT = 500


def on_site(address: str) -> str:
    """The address on this site, whatever host it was made with."""
    parts = urlsplit(address)
    return f"{settings.SITE_URL}{parts.path}" + (f"?{parts.query}" if parts.query else "")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """What differs: redirects stay on this host, the intent goes along in mails, mails are ours in words, form and links."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This address and password do not belong together.",
        "too_many_login_attempts": "Too many attempts failed. Try again in five minutes, or have a new password sent.",
        "rate_limited": "Too many attempts in a short time. Try again in a few minutes.",
        "incorrect_password": "This is not the password.",
        "incorrect_code": "This is not the code, or it has been used already.",
        "email_taken": "There is an account with this address already.",
        "duplicate_email": "Your account has this address already.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where a request comes from, for limits and the list of sessions. Of IPv6 the network: whoever has one address there has 2^64."""
        address = str(super().get_client_ip(request))
        return str(IPv6Network(f"{address}/64", strict=False).network_address) if ":" in address else address

    def is_safe_url(self, url: str | None) -> bool:
        """Whether one may be led there: to a page of the host that was asked, and nowhere else."""
        return bool(url) and url_has_allowed_host_and_scheme(url, {self.request.get_host()}, require_https=self.request.is_secure())

    def intent(self, request: HttpRequest, name: str = NEXT) -> str:
        """The page that somebody came from, to lead them back to; empty where there is none, or it is not ours."""
        given = request.POST.get(name) or request.GET.get(name) or ""
        return given if len(given) <= LONGEST_NEXT and self.is_safe_url(given) else ""

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmationHMAC) -> str:
        """The link of the mail. It takes the intent along, since it may be opened in another browser than the one that signed up."""
        address = f"{settings.SITE_URL}{reverse('account_confirm_email', args=[emailconfirmation.key])}"
        intent = self.intent(request)
        return f"{address}?{urlencode({BACK_TO: intent})}" if intent else address

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """After confirming: back to where one came from, over the log-in for whoever is not logged in; else to one's addresses."""
        intent = self.intent(self.request, BACK_TO)
        if self.request.user.is_authenticated:
            return intent or reverse("account_email")
        return reverse("account_login") + (f"?{urlencode({NEXT: intent})}" if intent else "")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether to ask again who it is: not of somebody who logged in by password, code or passkey minutes ago."""
        records = get_authentication_records(self.request, self.request.user)
        since = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
        fresh = any(record["method"] in {"password", "mfa"} and record["at"] > since for record in records)
        return not fresh and bool(super().is_reauthentication_required(app=app, **kwargs))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return self.login_attempts_key(str(credentials.get("email", credentials.get("username", ""))))

    def login_attempts_key(self, name: str) -> str:
        """Failed attempts are counted by account, under whatever host name they come."""
        return f"login:{name.lower()}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail of an account, with links on SITE_URL."""
        links = {name: on_site(value) for name, value in context.items() if name.endswith("_url") and isinstance(value, str)}
        mail = self.render_mail(template_prefix, email, {**context, **links, "email": email, "site_url": settings.SITE_URL})
        user = context.get("user")
        post(mail, kind=SentMail.Kind.ACCOUNT, account=user if isinstance(user, User) and user.pk else None)

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """The mail as text, and the same text as HTML: two forms that cannot differ."""
        text = render_to_string(f"{template_prefix}_message.txt", context).strip()
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        to = [email] if isinstance(email, str) else email
        mail = EmailMultiAlternatives(subject, f"{text}\n", self.get_from_email(), to, headers=headers)
        mail.attach_alternative(render_to_string("account/email/message.html", {"subject": subject, "text": text}), "text/html")
        return mail
