"""What is new about what somebody follows: works that imports brought, pages that were claimed, verification levels that changed.

    feed_items(user, *, since, until, limit) -> list[FeedItem]       of a period
    feed_page(user, *, before, size) -> (list[FeedItem], Place | None)

Nothing is stored for anybody: each reading asks, for each thing followed, for the newest few behind a place (LATERAL), so that its cost
grows with the follows and the size of the page, neither with the record nor with the number of followers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from profiles.loading.rows import rows
from profiles.models import Follow, User
from works.models import Author, Work
from works.models.finding import WorkSearch, last_imported

ON_A_PAGE = 30
OF_A_PERIOD = 50
CARD = ("public_id", "type", "title", "year", "notice", "authors_count", "card", "created_at")
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
LAST_ID = 2**63 - 1


class Kind(StrEnum):
    """What happened."""

    WORK = "work"
    CLAIM = "claim"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One thing that is new. `follows` are those of the account's follows that bring it, the oldest first; never empty.

    Of a WORK, `work` holds what a list shows; `at` is when the record first had it. Of a CLAIM or a LEVEL, `author` is whose page it is;
    a claim is dated when it was approved, a level at the end of the day on which it went from `levels[0]` to `levels[1]`.
    """

    kind: Kind
    at: datetime
    follows: tuple[Follow, ...]
    work: Work | None = None
    author: Author | None = None
    levels: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        """The same for the same thing whenever it is read, and for no other: "work:0123abcd", "level:0123abcd:2026-03-04"."""
        opaque = (self.work or self.author).public_id  # type: ignore[union-attr]  # one of both is there
        return f"{self.kind}:{opaque}" if self.kind is Kind.WORK else f"{self.kind}:{opaque}:{self.at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        assert self.work or self.author  # noqa: S101
        address = (self.work or self.author).get_absolute_url()  # type: ignore[union-attr]
        return f"{address}trust/" if self.kind is Kind.LEVEL else str(address)


class Place(NamedTuple):
    """Up to where a feed was read: works by their ids, the rest by date and, of one date, number."""

    work: int = LAST_ID
    at: datetime = FOREVER
    tie: int = LAST_ID

    def write(self) -> str:
        seconds = int(self.at.timestamp())
        return f"{self.work}-{seconds}.{self.at.microsecond:06}-{self.tie}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that `write` wrote; None where it is none."""
        found = re.fullmatch(r"(\d{1,19})-(\d{1,12})\.(\d{6})-(\d{1,19})", text, re.ASCII)
        if not found:
            return None
        work, seconds, microseconds, tie = (int(part) for part in found.groups())
        try:
            return cls(min(work, LAST_ID), datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds), min(tie, LAST_ID))
        except (OverflowError, OSError, ValueError):
            return None


START = Place()

# The account's follows. Those of pages whose owner blocks the account, or is blocked by it, bring nothing: the page may have become that
# person's after it was followed.
FOLLOWS = """
    follows AS MATERIALIZED (
        SELECT id, author_id, topic_id, institution_id FROM profiles_follow WHERE user_id = %(user)s AND search IS NULL AND (
            author_id IS NULL OR author_id NOT IN (
                SELECT p.author_id FROM profiles_profile p JOIN profiles_block b
                ON b.user_id = %(user)s AND b.blocked_id = p.user_id OR b.blocked_id = %(user)s AND b.user_id = p.user_id
            )
        )
    )
"""
# A work that is among the last so many of all is among the last so many of every follow that brings it: so all of these are named.
WORKS = f"""
    WITH {FOLLOWS},
    brought AS (
        SELECT f.id, newest.work_id FROM follows f CROSS JOIN LATERAL (
            SELECT a.work_id FROM works_authorship a WHERE a.author_id = f.author_id AND a.work_id < %(before)s
            ORDER BY a.work_id DESC LIMIT %(limit)s
        ) AS newest WHERE f.author_id IS NOT NULL
        UNION ALL
        SELECT f.id, newest.work_id FROM follows f CROSS JOIN LATERAL (
            SELECT t.work_id FROM works_worktopic t WHERE t.topic_id = f.topic_id AND t.work_id < %(before)s
            ORDER BY t.work_id DESC LIMIT %(limit)s
        ) AS newest WHERE f.topic_id IS NOT NULL
        UNION ALL
        SELECT f.id, newest.work_id FROM follows f JOIN works_shelf shelf ON shelf.kind = 'institution' AND shelf.subject = f.institution_id
        CROSS JOIN LATERAL (
            SELECT s.work_id FROM works_shelvedwork s WHERE s.shelf_id = shelf.id AND s.work_id < %(before)s
            ORDER BY s.work_id DESC LIMIT %(limit)s
        ) AS newest WHERE f.institution_id IS NOT NULL
    )
    SELECT work_id, array_agg(id) FROM brought GROUP BY work_id ORDER BY work_id DESC LIMIT %(limit)s
"""
# A day is told of when it is over: then its change is the whole day's.
NOTES = f"""
    WITH {FOLLOWS},
    noted AS (
        SELECT f.id AS follow, f.author_id, 'claim' AS kind, p.claimed_at AS at, p.id * 2 AS tie, NULL::int AS before, NULL::int AS after
        FROM follows f JOIN profiles_profile p ON p.author_id = f.author_id
        UNION ALL
        SELECT f.id, f.author_id, 'level', ending, changed.id * 2 + 1, changed.before, changed.after FROM follows f CROSS JOIN LATERAL (
            SELECT c.id, (c.day + 1)::timestamp AT TIME ZONE 'UTC' AS ending,
                (c.before->>'level')::int AS before, (c.after->>'level')::int AS after
            FROM profiles_trustchange c
            WHERE c.author_id = f.author_id AND c.before->>'level' <> c.after->>'level' AND c.day < (now() AT TIME ZONE 'UTC')::date
              AND c.day <= (%(at)s::timestamptz AT TIME ZONE 'UTC')::date
            ORDER BY c.day DESC LIMIT %(limit)s
        ) AS changed
    )
    SELECT follow, author_id, kind, at, tie, before, after FROM noted WHERE (at, tie) < (%(at)s, %(tie)s)
    ORDER BY at DESC, tie DESC LIMIT %(limit)s
"""


def feed_items(user: User, *, since: datetime, until: datetime, limit: int = OF_A_PERIOD) -> list[FeedItem]:
    """What is new about what `user` follows, from `since` to before `until`, newest first, at most `limit`. Six queries for each thirty.

    An import dates a work a moment before others see it: whoever reads period after period ends each some minutes ago.
    """
    found: list[FeedItem] = []
    for item in read_on(user, START):
        if item.at < since or len(found) == limit:
            break
        if item.at < until:
            found.append(item)
    return found


def feed_page(user: User, *, before: Place = START, size: int = ON_A_PAGE) -> tuple[list[FeedItem], Place | None]:
    """The `size` items behind a place, newest first, and the place where the next page begins; None at the end.

    Six queries, however much is followed: the searches, works by follows, works by searches (where there are such), notes, the works'
    cards, and the follows that are named.
    """
    found = merged(user, before, size + 1)
    shown = found[:size]
    return named(shown), shown[-1].place if len(found) > size else None


def read_on(user: User, place: Place | None) -> Iterator[FeedItem]:
    while place is not None:
        items, place = feed_page(user, before=place)
        yield from items


class Found(NamedTuple):
    """An item before its follows are loaded, and the place behind it."""

    kind: Kind
    at: datetime
    follows: list[int]
    subject: Any
    levels: tuple[int, int] | None
    place: Place


def merged(user: User, before: Place, limit: int) -> list[Found]:
    """Both streams as one, latest first. Each is in an order of its own, and a place says where in each of them one is; so nothing is
    left out or comes twice, though a work's date and its number need not agree.
    """
    works, notes = works_before(user, before, limit), notes_before(user, before, limit)
    found: list[Found] = []
    place = before
    while len(found) < limit and (works or notes):
        if not notes or (works and works[0][0].created_at >= notes[0][0]):
            work, follows = works.pop(0)
            place = place._replace(work=work.pk)
            found.append(Found(Kind.WORK, work.created_at, follows, work, None, place))
        else:
            at, tie, kind, author, follow, levels = notes.pop(0)
            place = place._replace(at=at, tie=tie)
            found.append(Found(Kind(kind), at, [follow], author, levels, place))
    return found


def works_before(user: User, before: Place, limit: int) -> list[tuple[Work, list[int]]]:
    """The works that were imported last among those that any follow brings, each once, with all follows that bring it. Three queries,
    four where searches are followed."""
    brought: dict[int, list[int]] = {}
    for work, follows in rows(WORKS, {"user": user.pk, "before": before.work, "limit": limit}):
        brought.setdefault(work, []).extend(follows)
    searches = list(Follow.objects.filter(user=user, search__isnull=False).values_list("pk", "search"))
    asked = [WorkSearch.read(search or "") for _, search in searches]
    for place, work in last_imported(asked, before=before.work, limit=limit):
        brought.setdefault(work, []).append(searches[place][0])
    cards = Work.objects.standing().only(*CARD).in_bulk(sorted(brought, reverse=True)[:limit])
    return [(cards[work], sorted(brought[work])) for work in sorted(cards, reverse=True)]


def notes_before(user: User, before: Place, limit: int) -> list[tuple[datetime, int, str, Author, int, tuple[int, int] | None]]:
    """Claims and changed levels, latest first. Two queries."""
    found = rows(NOTES, {"user": user.pk, "at": before.at, "tie": before.tie, "limit": limit})
    authors = Author.objects.filter(is_suppressed=False).only("public_id", "name").in_bulk([row[1] for row in found])
    return [
        (at, tie, kind, authors[author], follow, None if kind == Kind.CLAIM else (low, high))
        for follow, author, kind, at, tie, low, high in found
        if author in authors
    ]


def named(found: list[Found]) -> list[FeedItem]:
    """The items with the follows that bring them; without what a follow brought that has ended meanwhile. One query."""
    known = Follow.objects.with_names().in_bulk({follow for one in found for follow in one.follows})
    items = []
    for one in found:
        if follows := tuple(known[follow] for follow in one.follows if follow in known):
            work, author = (one.subject, None) if one.kind is Kind.WORK else (None, one.subject)
            items.append(FeedItem(kind=one.kind, at=one.at, follows=follows, work=work, author=author, levels=one.levels))
    return items
