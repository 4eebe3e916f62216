"""Held invitations that can be delivered, since their author has claimed the page and is open to collaborate."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from profiles.actions.contact.invitations import step
from profiles.actions.contact.pairs import lock_accounts, owner_of
from profiles.actions.waiting import tell
from profiles.inviting import WAIT
from profiles.models import Invitation

AT_ONCE = 200


def are_held_deliverable() -> bool:
    return Invitation.objects.deliverable().exists()


def release_held(*, limit: int = AT_ONCE) -> int:
    """Deliver them, oldest first, each in a transaction of its own; how many were delivered."""
    due = list(Invitation.objects.deliverable().order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(release(invitation_id) for invitation_id in due)


@transaction.atomic
def release(invitation_id: int) -> bool:
    """Deliver one, if that may still be done once everything is locked: it was not taken back, the page not given up, nobody blocked."""
    author_id, sender_id = Invitation.objects.values_list("author", "sender").get(pk=invitation_id)
    profile = owner_of(author_id)
    lock_accounts(sender_id, profile.user_id if profile else None)
    invitation = Invitation.objects.deliverable().select_for_update(of=("self",)).filter(pk=invitation_id).first()
    if invitation is None or profile is None or (now := owner_of(author_id)) is None or now.user_id != profile.user_id:
        return False
    try:
        with transaction.atomic():
            step(invitation, "release", recipient_id=profile.user_id, expires_at=timezone.now() + WAIT)
    except IntegrityError:  # another of the same sender reached the same person, by a record that was merged into this one
        invitation = Invitation.objects.get(pk=invitation_id)
        step(invitation, "expire")
        return False
    tell(profile.user_id, kind="invitation")
    return True
