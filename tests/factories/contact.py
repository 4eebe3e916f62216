"""People who can be written to, invitations between them, and conversations."""

from __future__ import annotations

from typing import NamedTuple

from django.utils import timezone

from profiles.actions.contact import accept, send_invitation
from profiles.models import Claim, Conversation, Invitation, Profile, User
from tests.factories.claims import make_person
from tests.factories.works import make_author, make_work
from works.models import Author

WORDS = "I read your last work and would like to try the same on faces."


class Researcher(NamedTuple):
    """Somebody with an account and a page of their own."""

    user: User
    author: Author


def make_researcher(name: str, *, is_open: bool | None = True) -> Researcher:
    """A claimed page, made as rows: a claim, a profile, one work."""
    author = make_author(name, works_count=1)
    make_work(f"{name} on faces", authors=[author], authors_count=1)
    return claim_page(author, make_person(name.lower().replace(" ", ".")), is_open=is_open)


def claim_page(author: Author, user: User, *, is_open: bool | None = True) -> Researcher:
    now = timezone.now()
    Claim.objects.create(user=user, author=author, status=Claim.Status.APPROVED, decided_at=now)
    Profile.objects.create(user=user, author=author, claimed_at=now, is_open_to_collaborate=is_open, card={"open": is_open})
    author.refresh_from_db()
    return Researcher(user, author)


def make_invitation(sender: User, author: Author, *, message: str = WORDS, **fields) -> Invitation:
    return send_invitation(author, purpose=fields.pop("purpose", "joint-work"), message=message, **fields, by=sender)


def make_conversation(one: User, other: Researcher) -> Conversation:
    return accept(make_invitation(one, other.author), by=other.user)
