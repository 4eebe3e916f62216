"""Who depends on what has just been computed: at most two hops, ever.

| what changed about an author | who is computed again |
|---|---|
| a work was confirmed, by somebody of level 3 or more | its team, and whom members of level 3 lift |
| the level crossed 3 | co-authors |
| the level crossed 4, or the institution of somebody of level 4 changed | co-authors, and whom co-authors of level 3 lift |
| the level of their own, without others' word, crossed 4; or that person's institution changed | whom they attested or vouched for |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from profiles.actions.trust.marks import MARK
from profiles.models import StaleTrust
from profiles.trust.levels import VOUCHES, VOUCHING_LEVEL

COAUTHORS = """
    SELECT author_b_id AS id FROM graph_collaboration WHERE author_a_id = ANY(%(authors)s) AND strength_units > 0
    UNION SELECT author_a_id FROM graph_collaboration WHERE author_b_id = ANY(%(authors)s) AND strength_units > 0
    UNION SELECT author_id FROM profiles_vouching WHERE voucher_id = ANY(%(authors)s)
"""
LIFTED_BY_LEVEL_3 = """
    SELECT v.author_id FROM profiles_vouching v JOIN profiles_trust t ON t.author_id = v.voucher_id AND t.level = 3
    WHERE v.voucher_id = ANY(%(authors)s)
"""
SPOKEN_FOR = """
    SELECT e.author_id FROM profiles_evidence e
    JOIN profiles_profile speaker ON speaker.user_id = e.given_by_id
    WHERE speaker.author_id = ANY(%(authors)s) AND e.kind = ANY(%(vouches)s) AND e.status = 'proved'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What others depend on. Nobody's, before the first computation, is the default."""

    level: int = 0
    own_level: int = 0
    institution: str = ""


@dataclass(slots=True)
class Reach:
    """Authors whose co-authors are concerned; of these, those whose level-3 co-authors' people are too; and whose word changed."""

    near: set[int] = field(default_factory=set)
    far: set[int] = field(default_factory=set)
    spoken: set[int] = field(default_factory=set)

    def add(self, author_id: int, before: Standing, after: Standing) -> None:
        has_moved = before.institution != after.institution
        highest = max(before.level, after.level)
        if (before.level >= 4) != (after.level >= 4) or (has_moved and highest >= 4):
            self.far.add(author_id)
        if author_id in self.far or (before.level >= 3) != (after.level >= 3) or (has_moved and highest >= 3):
            self.near.add(author_id)
        own = (before.own_level >= VOUCHING_LEVEL, after.own_level >= VOUCHING_LEVEL)
        if own[0] != own[1] or (has_moved and any(own)):
            self.spoken.add(author_id)


def spread(*, standings: dict[int, tuple[Standing, Standing]], vouchings: Iterable[tuple[int, int]]) -> int:
    """Mark whoever depends on what changed, and return how many; `standings` are the authors' before and after.

    No statement where nothing changed that anybody else depends on, which is nearly always; else at most six.
    """
    reach = Reach()
    for author_id, (before, after) in standings.items():
        reach.add(author_id, before, after)
    lifted = {author_id for voucher_id, author_id in vouchings if verified(voucher_id, standings, 3)}
    beyond = {author_id for voucher_id, author_id in vouchings if verified(voucher_id, standings, 4)}
    owed = ids(COAUTHORS, reach.near) | ids(SPOKEN_FOR, reach.spoken)
    owed |= lifted | ids(LIFTED_BY_LEVEL_3, ids(COAUTHORS, reach.far) | beyond)
    if lifted or beyond:
        mark(lifted, StaleTrust.Cause.CONFIRMATION)
    if owed - lifted:
        mark(owed - lifted, StaleTrust.Cause.COLLEAGUE)
    return len(owed)


def verified(author_id: int, standings: dict[int, tuple[Standing, Standing]], least: int) -> bool:
    return max(standing.level for standing in standings[author_id]) >= least


def ids(query: str, author_ids: set[int]) -> set[int]:
    if not author_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(query, {"authors": sorted(author_ids), "vouches": sorted(str(kind) for kind in VOUCHES)})
        return {author_id for (author_id,) in cursor.fetchall()}


def mark(author_ids: set[int], cause: StaleTrust.Cause) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MARK, {"authors": sorted(author_ids), "causes": [cause]})
