"""The weekly look at the whole graph, which fills the private queue of staff. No score ever reads it. For workers only: it needs scipy."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from profiles.models import ModerationEntry
from profiles.moderation import graph_of, rings, steps_from, sybilrank
from profiles.trust.levels import VOUCHES

MOST_ENTRIES = 200
# Claimed pages that get less than this share of what the middle claimed page gets stand out.
LITTLE = 0.1
FAR_STEPS = 4
MANY_AT_ONCE = 5  # accounts of co-authors made within a week of each other
EDGES_AT_ONCE = 100_000

EDGES = "SELECT author_a_id, author_b_id, strength_units::float8 FROM graph_collaboration WHERE strength_units > 0"
VERIFIED = "SELECT author_id FROM profiles_trust WHERE level >= 4"
CLAIMED = """
    SELECT p.author_id, coalesce(t.level, 0), u.date_joined,
        (SELECT count(*) FROM graph_collaboration c
         JOIN profiles_profile q ON q.author_id = CASE WHEN c.author_a_id = p.author_id THEN c.author_b_id ELSE c.author_a_id END
         JOIN profiles_user v ON v.id = q.user_id
         WHERE (c.author_a_id = p.author_id OR c.author_b_id = p.author_id)
           AND v.date_joined BETWEEN u.date_joined - interval '7 days' AND u.date_joined + interval '7 days')
    FROM profiles_profile p JOIN profiles_user u ON u.id = p.user_id LEFT JOIN profiles_trust t ON t.author_id = p.author_id
    ORDER BY p.author_id
"""
GIVEN = """
    SELECT giver.author_id, e.author_id FROM profiles_evidence e JOIN profiles_profile giver ON giver.user_id = e.given_by_id
    WHERE e.status = 'proved' AND e.kind = ANY(%s)
"""
STORE = """
    INSERT INTO profiles_moderationentry AS known (author_id, found_at, rank, reasons, outcome)
    SELECT author_id, %s, rank, reasons, '' FROM unnest(%s::bigint[], %s::integer[], %s::jsonb[]) AS row(author_id, rank, reasons)
    ON CONFLICT (author_id) DO UPDATE SET found_at = excluded.found_at, rank = excluded.rank, reasons = excluded.reasons
"""


def look_at_graph() -> int:
    """Rank the claimed pages by how much trust reaches them from verified people, write those that stand out, and return how many.

    Entries that the run does not find again and nobody has looked at are taken away. Reads every collaboration once.
    """
    scores, steps, order = walk()
    reasons: dict[int, list[str]] = defaultdict(list)
    for ring in rings(select(GIVEN, [sorted(str(kind) for kind in VOUCHES)])):
        for author_id in ring:
            reasons[author_id].append(f"Stands in a ring of {len(ring)} people who vouched for one another.")
    claimed = select(CLAIMED)
    known = [scores[order[author_id]] for author_id, *_ in claimed if author_id in order]
    middle = float(np.median(known)) if known else 0.0
    ranked = []
    for author_id, level, _, at_once in claimed:
        got = float(scores[order[author_id]]) if author_id in order else 0.0
        ranked.append((got, author_id))
        if level < 4 and middle and got < LITTLE * middle:
            reasons[author_id] += far_away(got / middle, float(steps[order[author_id]]) if author_id in order else np.inf)
            if at_once >= MANY_AT_ONCE:
                reasons[author_id].append(f"{at_once} co-authors made their accounts within a week of this one.")
    places = {author_id: place for place, (_, author_id) in enumerate(sorted(ranked), 1)}
    found = sorted(reasons, key=lambda author_id: (-len(reasons[author_id]), places.get(author_id, len(places) + 1), author_id))
    return store(found[:MOST_ENTRIES], reasons)


def walk() -> tuple[Any, Any, dict[int, int]]:
    """What reaches each author with a collaboration, how many steps the nearest verified person is away, and each author's number."""
    a, b, weights = edges()
    authors, numbers = np.unique(np.concatenate([a, b]), return_inverse=True)
    order = {int(author_id): number for number, author_id in enumerate(authors)}
    graph = graph_of(numbers[: len(a)], numbers[len(a) :], weights, len(authors))
    seeds = [order[author_id] for (author_id,) in select(VERIFIED) if author_id in order]
    return sybilrank(graph, seeds), steps_from(graph, seeds), order


def edges() -> tuple[Any, Any, Any]:
    """Every collaboration as three arrays, read in pieces."""
    pieces = [np.empty((0, 3))]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DECLARE every_collaboration NO SCROLL CURSOR FOR {EDGES}")
        while rows := fetch(cursor):
            pieces.append(np.array(rows, dtype=np.float64))
        cursor.execute("CLOSE every_collaboration")
    table = np.concatenate(pieces)
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2]


def fetch(cursor: Any) -> list[tuple[Any, ...]]:
    cursor.execute(f"FETCH {EDGES_AT_ONCE} FROM every_collaboration")
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def far_away(share: float, steps: float) -> list[str]:
    """Why a page stands out, in sentences."""
    found = [f"Trust from verified people reaches it at {share:.1%} of what the middle claimed page gets."]
    if not np.isfinite(steps):
        found.append("No chain of joint works leads from a verified person to it.")
    elif steps >= FAR_STEPS:
        found.append(f"The nearest verified person is {steps:.0f} co-authorships away.")
    return found


@transaction.atomic
def store(author_ids: list[int], reasons: dict[int, list[str]]) -> int:
    ModerationEntry.objects.filter(outcome="").exclude(pk__in=author_ids).delete()
    with connection.cursor() as cursor:
        ranks = list(range(1, len(author_ids) + 1))
        cursor.execute(STORE, [timezone.now(), author_ids, ranks, [Jsonb(reasons[author_id]) for author_id in author_ids]])
    return len(author_ids)


def select(query: str, given: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
