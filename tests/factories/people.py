"""People with accounts."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.models import Group
from django.test import Client

from profiles.models import User

PASSWORD = "a long enough phrase"


def make_user(email: str = "reader@example.org", *, role: str = "reviewer", **fields) -> User:
    """An account with a proved address; staff are in a role."""
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if user.is_staff:
        user.groups.add(Group.objects.get(name=role))
    return user


def signed_in(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def code_of(secret: str) -> str:
    """What an app with this key shows now, and for half a minute at most: tests within one process ask for `same_minute`."""
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))
