"""Feeds: what was seen of them, and the token by which programs read one."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import connection
from django.utils import timezone

from profiles.models import Feed, User
from profiles.models.token import digest_of

BEGINNING = "bzf_"
# Seen is seen: two pages open at once never make something new again.
MARK_SEEN = """
    INSERT INTO profiles_feed (user_id, seen_until, digest) VALUES (%s, %s, '')
    ON CONFLICT (user_id) DO UPDATE SET seen_until = greatest(profiles_feed.seen_until, excluded.seen_until)
"""


def mark_seen(*, until: datetime, by: User) -> None:
    """The account has seen its feed up to an item of this date. One statement; a date to come counts as now."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_SEEN, [by.pk, min(until, timezone.now())])


def make_feed_token(*, by: User) -> str:
    """A token that opens the account's feed, kept nowhere else; the one before opens nothing any more. One or two statements."""
    token = f"{BEGINNING}{secrets.token_urlsafe(32)}"
    Feed.objects.update_or_create(user=by, defaults={"digest": digest_of(token), "token_made_at": timezone.now()})
    return token


def revoke_feed_token(*, by: User) -> None:
    """From now on no token opens the account's feed. One statement."""
    Feed.objects.filter(user=by).update(digest="", token_made_at=None)
