"""Blocking: at once, both ways, by every route."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from profiles.actions.contact.invitations import step
from profiles.actions.contact.pairs import ContactRefused, lock_accounts
from profiles.models import Block, Conversation, Follow, Introduction, Invitation, User


@transaction.atomic
def block(other: User, *, by: User) -> None:
    """Nothing comes from or goes to `other` any more: what is open between the two ends, and neither follows the other's page.

    To the other it looks as if an invitation had run out and a conversation been closed.
    """
    if other.pk == by.pk:
        raise ContactRefused("You cannot block yourself.")
    lock_accounts(by.pk, other.pk)
    Block.objects.bulk_create([Block(user=by, blocked=other)], ignore_conflicts=True)
    between = Q(sender=by, recipient=other) | Q(sender=other, recipient=by)
    held = Q(sender=by, author__profile__user=other, recipient=None)
    for invitation in Invitation.objects.live().filter(between | held).order_by("pk").select_for_update(of=("self",)):
        step(invitation, "revoke" if invitation.sender_id == by.pk else "expire")
    shared = Conversation.objects.of(by).filter(pk__in=Conversation.objects.of(other), closed_at=None).values("pk")
    Conversation.objects.filter(pk__in=shared).update(closed_at=timezone.now())
    Introduction.objects.open().between(by, other).update(status=Introduction.Status.ENDED, status_at=timezone.now())
    Follow.objects.filter(Q(user=other, author__profile__user=by) | Q(user=by, author__profile__user=other)).delete()


@transaction.atomic
def unblock(other: User, *, by: User) -> None:
    """What ended stays ended; from now on there may be something new."""
    lock_accounts(by.pk, other.pk)
    Block.objects.filter(user=by, blocked=other).delete()
