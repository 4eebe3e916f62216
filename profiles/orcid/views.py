"""To ORCID and back: the code that comes back is exchanged for who logged in there."""

from __future__ import annotations

import logging
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from requests import RequestException

from profiles.evidence.account import ORCID
from works.identifiers import normalise_orcid

logger = logging.getLogger(__name__)


class OrcidAdapter(OAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """Where ORCID's doors are, and what its answers say."""

    provider_id = ORCID

    @property
    def authorize_url(self) -> str:
        return f"{settings.ORCID_URL}/oauth/authorize"

    @property
    def access_token_url(self) -> str:
        return f"{settings.ORCID_URL}/oauth/token"

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """As registered at ORCID: on SITE_URL, whatever host was asked."""
        return f"{settings.SITE_URL}{reverse('orcid_callback')}"

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Who logged in. It is the answer to our own exchange of the code that says so; the public record adds only how old the iD is."""
        answer = kwargs["response"]
        orcid = str(answer.get("orcid"))
        try:
            is_plain = normalise_orcid(orcid) == orcid
        except ValueError as wrong:
            raise OAuth2Error("ORCID's answer names no valid iD") from wrong
        if not is_plain:
            raise OAuth2Error("ORCID's answer does not name an iD as ORCID does")
        known = {"orcid": orcid, "name": str(answer.get("name") or "")[:200], "registered_at": self.registered_at(orcid)}
        return self.get_provider().sociallogin_from_response(request, known)

    def registered_at(self, orcid: str) -> int | None:
        """When the iD was made, in milliseconds since 1970, by its public record; None where that does not answer or say."""
        try:
            with get_adapter().get_requests_session() as session:
                answer = session.get(f"{settings.ORCID_API_URL}/v3.0/{orcid}/record", headers={"accept": "application/json"})
                answer.raise_for_status()
                made = answer.json()["history"]["submission-date"]["value"]
                return made if isinstance(made, int) and 0 < made < 1 << 43 else None
        except (RequestException, ValueError, KeyError, TypeError) as failure:
            logger.warning("The public record of %s does not tell its age: %s", orcid, failure)
            return None


def only_where_configured(view: Any) -> Any:
    """A page that is not there on a site without credentials at ORCID."""

    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.ORCID_CLIENT_ID:
            raise Http404("This site does not offer to log in with ORCID.")
        response: HttpResponse = view(request)
        return response

    return guarded


oauth2_login = only_where_configured(OAuth2LoginView.adapter_view(OrcidAdapter))
oauth2_callback = only_where_configured(OAuth2CallbackView.adapter_view(OrcidAdapter))
