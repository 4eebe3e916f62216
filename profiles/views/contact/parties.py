"""What somebody may see of invitations and conversations: only what they are a party to. To everybody else it does not exist."""

from __future__ import annotations

from typing import TypeVar, cast

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from profiles.models import Conversation, Introduction, Invitation, Profile, User

Found = TypeVar("Found", bound=Model)


def person(request: HttpRequest) -> User:
    return cast("User", request.user)


def own_invitation(request: HttpRequest, public_id: str) -> Invitation:
    """An invitation that the signed-in person sent or received. One query."""
    own = Invitation.objects.filter(Q(sender=person(request)) | Q(recipient=person(request)))
    return one(own.select_related("author", "sender__profile__author", "introduced_by__profile__author", "conversation"), public_id)


def own_conversation(request: HttpRequest, public_id: str) -> Conversation:
    """A conversation that the signed-in person takes part in. One query."""
    return one(Conversation.objects.of(person(request)).with_unread(person(request)).select_related("invitation"), public_id)


def own_introduction(request: HttpRequest, public_id: str) -> Introduction:
    """An introduction that the signed-in person asked for, or is asked for. One query."""
    own = Introduction.objects.filter(Q(requester=person(request)) | Q(middle=person(request)))
    return one(own.select_related("author", "middle_author", "requester__profile__author"), public_id)


def one(found: QuerySet[Found], public_id: str) -> Found:
    match = None if "\0" in public_id else found.filter(public_id=public_id).first()
    if match is None:
        raise Http404("There is nothing here for you.")
    return match


def name_of(user: User | None) -> str:
    """How somebody is called to others: by their claimed page; without one only as what they are. Never by their address."""
    profile: Profile | None = getattr(user, "profile", None) if user else None
    return profile.author.name if profile else "Somebody without a page of their own"
