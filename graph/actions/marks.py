"""Marking as stale what the pages show of something that changed: everything within two hops of it."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.utils import timezone

from graph.models import BUILT

# Around the authors whose works changed and those whose ties did: they and their collaborators, since a slice shows the ties among these
# too; their works, and the works that cite one of these or are cited by one.
NEAR_PEOPLE = """
    SELECT unnest(%(ids)s::bigint[]) AS id
    UNION SELECT unnest(%(changed)s::bigint[])
    UNION SELECT author_b_id FROM graph_collaboration WHERE author_a_id = ANY(%(ids)s)
    UNION SELECT author_a_id FROM graph_collaboration WHERE author_b_id = ANY(%(ids)s)
"""
THEIR_WORKS = "SELECT DISTINCT work_id FROM works_authorship WHERE author_id = ANY(%(ids)s) OR author_id = ANY(%(changed)s)"
# What stands under a topic or an institution: its people and its works, and the ties among these.
NEAR_SUBJECT = """
    SELECT s.{key} AS id FROM {table} s JOIN works_shelf h ON h.kind = '{kind}' AND h.subject = s.{key}
    JOIN works_shelvedperson p ON p.shelf_id = h.id WHERE p.author_id = ANY(%(ids)s) OR p.author_id = ANY(%(changed)s)
    UNION SELECT s.{key} FROM {table} s JOIN works_shelf h ON h.kind = '{kind}' AND h.subject = s.{key}
          JOIN works_shelvedwork o ON o.shelf_id = h.id JOIN ({works}) w ON w.work_id = o.work_id
"""
ON_SHELVES = """
    SELECT s.{key} AS id FROM {table} s JOIN works_shelf h ON h.kind = '{kind}' AND h.subject = s.{key} WHERE h.id = ANY(%(shelves)s)
"""
SUBJECTS = ("topic", "institution")
NEAR = {
    "person": NEAR_PEOPLE,
    "similar": NEAR_PEOPLE,
    "work": f"""
        SELECT s.work_id AS id FROM graph_workslice s JOIN ({THEIR_WORKS}) w USING (work_id)
        UNION SELECT s.work_id FROM graph_workslice s JOIN works_reference r ON r.work_id = s.work_id
              JOIN ({THEIR_WORKS}) w ON w.work_id = r.cited_id
        UNION SELECT s.work_id FROM graph_workslice s JOIN works_reference r ON r.cited_id = s.work_id
              JOIN ({THEIR_WORKS}) w ON w.work_id = r.work_id
    """,
    **{kind: NEAR_SUBJECT.replace("{kind}", kind).replace("{works}", THEIR_WORKS) for kind in SUBJECTS},
}
# A build that is under way compares `stale_at` with what it saw at its start, so while a slice is owed every mark is a new one.
MARK = """
    WITH near AS ({near}),
    held AS (SELECT s.{key} FROM {table} s JOIN near ON near.id = s.{key} ORDER BY s.{key} FOR UPDATE OF s)
    UPDATE {table} s
    SET error = '',
        stale_at = CASE WHEN s.stale_at IS NULL OR s.requested_at IS NOT NULL THEN clock_timestamp() ELSE s.stale_at END
    FROM held WHERE s.{key} = held.{key}
"""


def mark_slices_stale(*, author_ids: Collection[int], changed: Collection[int] = ()) -> None:
    """Mark what is built around these authors, whose works changed, and around those whose ties did. One statement a kind."""
    for kind, near in NEAR.items():
        mark(kind, near, ids=list(author_ids), changed=list(changed))


def mark_subjects_stale(*, shelf_ids: Collection[int]) -> None:
    """Mark the slices of the topics and institutions whose shelves changed. One statement a kind."""
    for kind in SUBJECTS:
        mark(kind, ON_SHELVES.replace("{kind}", kind), shelves=list(shelf_ids))


def mark(kind: str, near: str, **given: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BUILT[kind].of_table(MARK.replace("{near}", near)), given)


def mark_everything_stale() -> None:
    """After the whole graph was counted anew. One statement a kind."""
    for model in BUILT.values():
        model.rows().update(stale_at=timezone.now(), error="")
