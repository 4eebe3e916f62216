"""What a search gives back, and what finding people has in common with finding works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from works.names import fold
from works.search import deletions, distance_allowed, nearest, words_of

LOOKED_AT = 2_000  # candidates for one search; the best known or the newest, or all there are
FOUND_AT_MOST = 1_000  # of which so many can be paged through
LAST_CHARACTER = "\U0010ffff"  # after every word with the same beginning

NEAREST, NEAREST_EACH, NEAREST_FOR = 8, 4, 8

Mended = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Ids, best first; whether there may be more than were looked at; and the words that were found in place of misspelt ones."""

    ids: tuple[int, ...] = ()
    is_capped: bool = False
    mended: Mended = ()


def near_words(words: Sequence[str], column: str, *, limit: int) -> dict[str, list[str]]:
    """What each of the words may have been meant for, were it misspelt. One query."""
    wanted = [(word, left) for word in words if distance_allowed(word) for left in deletions(word)]
    if not wanted:
        return {}
    candidates: dict[str, dict[str, int]] = {}
    for word, other in select(
        f"""
        SELECT DISTINCT wanted.word, near.word FROM unnest(%s::text[], %s::text[]) AS wanted (word, "left")
        CROSS JOIN LATERAL (
            SELECT w.word FROM works_worddeletion d JOIN works_word w ON w.id = d.word_id
            WHERE d."left" = wanted."left" COLLATE "C" AND ({column}) LIMIT 300
        ) AS near
        """,
        [[word for word, _ in wanted], [left for _, left in wanted]],
    ):
        candidates.setdefault(word, {})[other] = 0
    near = {word: nearest(word, others, limit=limit) for word, others in candidates.items()}
    return {word: others for word, others in near.items() if others}


def nearest_words(text: str) -> list[str]:
    """Words of the record for what somebody typed in vain: those of `text` that it has, or the nearest spellings of those that it has not;
    at most eight. Two queries."""
    words = words_of(fold(text))[:NEAREST_FOR]
    known = {word for (word,) in select("SELECT word FROM works_word WHERE word = ANY(%s)", [words])}
    near = near_words([word for word in words if word not in known], "TRUE", limit=NEAREST_EACH)
    found = [other for word in words for other in ([word] if word in known else near.get(word, []))]
    return [] if found == words[:1] else list(dict.fromkeys(found))[:NEAREST]


def select(statement: str, parameters: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
