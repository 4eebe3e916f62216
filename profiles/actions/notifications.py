"""Telling accounts of things in the header of every page: told, read, forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from profiles.models import Notification, Preferences, User
from profiles.models.notification import Channel

KEPT_READ, KEPT = timedelta(days=90), timedelta(days=365)
TEXT, KEY = 300, 100


def wants(user: User, kind: str, channel: str) -> bool:
    """Whether an account wants to hear of a kind of thing by a channel; everything, until it says otherwise. One query."""
    found = Preferences.objects.filter(user=user).first()
    return found is None or found.wants(kind, channel)


def notify(*, recipient: User, kind: str, key: str, text: str, address: str) -> bool:
    """Tell an account of something, in the caller's transaction; whether it wants to be told. Two statements.

    `key` names the thing, once for each kind: told of it again, the account finds one line, new and unread. `text` is one plain sentence,
    cut to 300 characters; `address` a path of this site. Nothing is told to closed accounts. The mail about it, if there is one, is the
    caller's: it asks `wants(recipient, kind, Channel.MAIL)` first.
    """
    if not recipient.is_active or not wants(recipient, kind, Channel.SITE):
        return False
    said = text if len(text) <= TEXT else f"{text[: TEXT - 1]}…"
    Notification.objects.bulk_create(
        [Notification(recipient=recipient, kind=kind, key=key[:KEY], text=said, address=address, noted_at=timezone.now(), read_at=None)],
        update_conflicts=True,
        unique_fields=["recipient", "kind", "key"],
        update_fields=["text", "address", "noted_at", "read_at"],
    )
    return True


def mark_read(*, only: Collection[int] | None = None, by: User) -> int:
    """The account has seen its notifications, or some of them by number; how many were unread. Somebody else's are not touched."""
    own = Notification.objects.unread().filter(recipient=by)
    return (own if only is None else own.filter(pk__in=only)).update(read_at=timezone.now())


def withdraw_notification(*, recipient: User, kind: str, key: str) -> None:
    """What somebody was told of is settled or gone: the line goes too. One statement."""
    Notification.objects.filter(recipient=recipient, kind=kind, key=key[:KEY]).delete()


def forget_notifications() -> int:
    """Drop what was read three months ago, and whatever is older than a year; how many."""
    now = timezone.now()
    read, _ = Notification.objects.filter(read_at__lt=now - KEPT_READ).delete()
    old, _ = Notification.objects.filter(noted_at__lt=now - KEPT).delete()
    return read + old


@transaction.atomic
def choose_notifications(*, wanted: Collection[tuple[str, str]], by: User) -> None:
    """From now on the account is told of these (kind, channel) and of no others. Two statements."""
    every = [(kind, channel) for kind in Notification.Kind.values for channel in Channel.values]
    silenced = [f"{kind}:{channel}" for kind, channel in every if (kind, channel) not in wanted]
    Preferences.objects.update_or_create(user=by, defaults={"silenced": silenced})
