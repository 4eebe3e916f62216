"""Whose claim it is: only ever that of whoever is signed in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from profiles.models import Claim, User
from works.models import Author


def own_claim(request: HttpRequest, public_id: str) -> Claim:
    """The signed-in person's claim at an address; Http404 for everybody else's. One query."""
    own = Claim.objects.select_related("author", "contests").filter(public_id=public_id, user=request.user.pk)
    claim = None if "\0" in public_id else own.first()
    if claim is None:
        raise Http404("You have no claim at this address.")
    return claim


def account_of(request: HttpRequest) -> User:
    """Who is signed in: the only account that a request can speak for, whatever it says."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def claim_by(user: Any, author: Author) -> Claim | None:
    """The person's claim to this record that is open or holds it. One query for who is signed in, none for others."""
    if not user.is_authenticated:
        return None
    return Claim.objects.filter(user=user, author=author, status__in=(*Claim.LIVE, *Claim.HOLDING)).first()
