"""ORCID as allauth sees it."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.conf import settings
from django.http import HttpRequest

from profiles.evidence.account import ORCID
from profiles.orcid.views import OrcidAdapter


class OrcidAccount(ProviderAccount):  # type: ignore[misc]  # allauth has no types
    def get_profile_url(self) -> str:
        return f"{settings.ORCID_URL}/{self.account.uid}"

    def to_str(self) -> str:
        return str(self.account.uid)


class OrcidProvider(OAuth2Provider):  # type: ignore[misc]  # allauth has no types
    """The iD and the name are all that is asked for and kept; no address, no list of works."""

    id = ORCID
    name = "ORCID"
    account_class = OrcidAccount
    oauth2_adapter_class = OrcidAdapter

    def get_default_scope(self) -> list[str]:
        return ["/authenticate"]

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """What is asked of ORCID is for this site to say, not for an address that somebody was led to."""
        return list(self.get_scope())

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return dict(self.get_auth_params())

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["orcid"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, str]:
        return {}


provider_classes = [OrcidProvider]
