"""What an account itself proves: the ORCID iD that its owner logged in with, its addresses, when a second factor was last used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Max

from profiles.models.user import User

ORCID = "orcid"  # as allauth stores it


class ConnectedOrcid(NamedTuple):
    """An ORCID iD that ORCID said the account's owner may log in with.

    `connected_at` is when it was first connected, `confirmed_at` when ORCID last said so; `registered_at` is when the iD itself was made,
    None where ORCID's record did not say.
    """

    orcid: str
    connected_at: datetime
    confirmed_at: datetime
    registered_at: datetime | None


def connected_orcid(user: User) -> ConnectedOrcid | None:
    """The account's ORCID iD, proved by log-in at ORCID; None where there is none. One query."""
    account = SocialAccount.objects.filter(user=user, provider=ORCID).first()
    if account is None:
        return None
    made = account.extra_data.get("registered_at")
    return ConnectedOrcid(account.uid, account.date_joined, account.last_login, datetime.fromtimestamp(made / 1000, UTC) if made else None)


def verified_addresses(user: User) -> list[str]:
    """The addresses at which the account has read a mail of ours, the oldest first. One query."""
    return list(EmailAddress.objects.filter(user=user, verified=True).order_by("pk").values_list("email", flat=True))


def second_factor_used_at(user: User) -> datetime | None:
    """When the account's second factor (app or passkey, not a recovery code) was last used or set up; None where there is none. One query.

    Setting one up counts as use: it takes a code of the app, or the passkey itself.
    """
    factors = Authenticator.objects.filter(user=user, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
    times = factors.aggregate(used=Max("last_used_at"), made=Max("created_at"))
    return max((time for time in times.values() if time), default=None)
