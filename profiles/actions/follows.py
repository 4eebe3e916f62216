"""Following: idempotent, and settled by Postgres where two requests race.

follow(subject, *, by)             an author, a topic, an institution
unfollow(subject, *, by)
follow_search(search, *, by)
unfollow_search(search, *, by)
end_follow(found, *, by)           whatever it is of
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q

from profiles.models import Block, Follow, Profile, User
from profiles.models.follow import COLUMNS, Subject
from works.models import Author
from works.models.finding import WorkSearch

# Reading a feed costs a little for each thing followed, and more for each search.
MOST_FOLLOWS, MOST_SEARCHES = 5_000, 20
FOLLOW_OF_ONESELF = "follow_is_not_of_oneself"
FOLLOWS_LOCK = 5_317_012  # (FOLLOWS_LOCK, account id): held while an account's follows are counted and one is made


class FollowRefused(ValueError):
    """It cannot be followed. The message is for who asked."""


def follow(subject: Subject, *, by: User) -> None:
    """`by` follows the subject from now on; nothing changes for who does so already. Four statements.

    Between people of whom one blocks the other nothing happens, and nobody is told; nor for who holds the page.
    """
    if isinstance(subject, Author) and is_kept_from(subject, by):
        return
    try:
        keep({COLUMNS[type(subject)]: subject}, by=by)
    except IntegrityError as refused:
        if FOLLOW_OF_ONESELF not in str(refused):  # the page became theirs a moment ago
            raise


def is_kept_from(author: Author, reader: User) -> bool:
    """Whether the page is the reader's own, or one of the reader and its owner blocks the other. One query."""
    between = Q(user=reader, blocked=OuterRef("user")) | Q(user=OuterRef("user"), blocked=reader)
    return Profile.objects.filter(Q(user=reader) | Exists(Block.objects.filter(between)), author=author).exists()


def unfollow(subject: Subject, *, by: User) -> None:
    """`by` no longer follows the subject; nothing changes for who does not. One statement."""
    Follow.objects.filter(**{COLUMNS[type(subject)]: subject}, user=by).delete()


def follow_search(search: WorkSearch, *, by: User) -> None:
    """`by` is told of the works that an import brings for a search from now on."""
    if not search.asks_something:
        raise FollowRefused(
            "A search is followed for its words, its topic, its source or its institution: this one has none, or is too long."
        )
    keep({"search": search.write()}, by=by)


def unfollow_search(search: WorkSearch, *, by: User) -> None:
    Follow.objects.filter(search=search.write(), user=by).delete()


def end_follow(found: Follow, *, by: User) -> None:
    """A follow of one's own ends, whatever it is of; nothing happens to somebody else's. One statement."""
    Follow.objects.filter(pk=found.pk, user=by).delete()


@transaction.atomic
def keep(what: dict[str, Any], *, by: User) -> None:
    """One more follow, as long as the account has not as many as it may. Three statements."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", [FOLLOWS_LOCK, by.pk])
    own = Follow.objects.filter(user=by)
    many, most = (own.filter(search__isnull=False), MOST_SEARCHES) if "search" in what else (own, MOST_FOLLOWS)
    if many[:most].count() == most and not own.filter(**what).exists():
        things = "searches" if "search" in what else "things"
        raise FollowRefused(f"An account follows at most {most:,} {things}: end a follow that you do not need any more.")
    Follow.objects.bulk_create([Follow(**what, user=by)], ignore_conflicts=True)
