"""What two people write to each other."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from profiles.actions.contact.pairs import ContactRefused, check_may_write, check_pair, lock_accounts
from profiles.actions.waiting import tell
from profiles.inviting import MESSAGES_A_DAY, MESSAGES_AN_HOUR, WORDS_LENGTH, clean
from profiles.models import Conversation, Member, Message, User

LIMITS = ((timedelta(hours=1), MESSAGES_AN_HOUR), (timedelta(days=1), MESSAGES_A_DAY))


def other_of(conversation: Conversation, *, by: User) -> int | None:
    """The other's account; None where they have left. Refused to whoever is not in the conversation. One query."""
    members = list(Member.objects.filter(conversation=conversation).values_list("user", flat=True))
    if by.pk not in members:
        raise ContactRefused("You have no such conversation.")
    return next((one for one in members if one != by.pk), None)


@transaction.atomic
def write(conversation: Conversation, *, text: str, by: User) -> Message:
    """Add a message. What somebody writes they have read, and everything before it."""
    other = other_of(conversation, by=by)
    lock_accounts(by.pk, other)
    found = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if found.closed_at or other is None:
        raise ContactRefused("This conversation is closed.")
    check_pair(by.pk, other)
    check_may_write(by=by)
    kept = clean(text)
    if not kept or len(kept) > WORDS_LENGTH:
        raise ContactRefused(f"Write something, of at most {WORDS_LENGTH} characters.")
    for period, most in LIMITS:
        if Message.objects.filter(sender=by, sent_at__gt=timezone.now() - period).count() >= most:
            raise ContactRefused("You have written very much lately. Wait a while.")
    message = Message.objects.create(conversation=found, sender=by, text=kept)
    found.last_at = message.sent_at
    found.save(update_fields=["last_at"])
    Member.objects.filter(conversation=found, user=by).update(seen=message.pk)
    tell(other, kind="message")
    return message


def mark_seen(conversation: Conversation, *, upto: int, by: User) -> None:
    """Somebody has read up to this message; never less than before. One statement."""
    Member.objects.filter(conversation=conversation, user=by, seen__lt=upto).update(seen=upto)


@transaction.atomic
def close(conversation: Conversation, *, by: User) -> Conversation:
    """Either of the two ends it. It can still be read."""
    other_of(conversation, by=by)
    found = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if found.closed_at:
        raise ContactRefused("This conversation is closed already.")
    found.closed_at = timezone.now()
    found.save(update_fields=["closed_at"])
    return found
