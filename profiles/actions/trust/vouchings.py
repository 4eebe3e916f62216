"""Who lifts whom: derived from the works that people confirmed as theirs, and written where it differs."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from profiles.trust.score import JOINT_WORK_MAX_AUTHORS, JOINT_WORK_UNIT

# A work is confirmed where whoever holds the page answered, with that account, that this byline position is theirs. The deposit year is the
# year of the day that registries give; of a work without any, the year in which it came into the record.
REFRESH = f"""
    WITH confirmed AS (
        SELECT p.author_id AS voucher, d.work_id, min(d.decided_at) AS at
        FROM profiles_profile p
        JOIN works_authorshipdecision d
            ON d.author_id = p.author_id AND d.answer = 'mine' AND d.role = 'owner' AND d.decided_by = p.user_id
        JOIN works_authorship s ON s.author_id = p.author_id AND s.work_id = d.work_id AND s.position = d.position
        WHERE p.author_id = ANY(%(authors)s)
        GROUP BY 1, 2
    ),
    shared AS MATERIALIZED (
        SELECT c.voucher, s.author_id AS author, c.work_id, c.at, s.position, {2 * JOINT_WORK_UNIT} / w.authors_count AS units,
            coalesce(extract(year FROM w.published_on), w.year, extract(year FROM w.created_at))::smallint AS year
        FROM confirmed c
        JOIN works_work w ON w.id = c.work_id AND w.authors_count BETWEEN 2 AND {JOINT_WORK_MAX_AUTHORS}
        JOIN works_authorship s ON s.work_id = c.work_id AND s.author_id <> c.voucher
    ),
    firsts AS (
        SELECT DISTINCT ON (voucher, author) voucher, author, year, at, work_id, position
        FROM shared ORDER BY voucher, author, at, work_id
    ),
    placed AS (
        SELECT voucher, author, year, row_number() OVER (PARTITION BY voucher, year ORDER BY at, work_id, position) AS place FROM firsts
    ),
    sums AS (
        SELECT voucher, author, array_agg(work_id ORDER BY work_id) AS works, least(sum(units), {JOINT_WORK_UNIT})::bigint AS units
        FROM shared GROUP BY 1, 2
    ),
    due AS MATERIALIZED (SELECT * FROM sums JOIN placed USING (voucher, author)),
    gone AS (
        DELETE FROM profiles_vouching v
        WHERE v.voucher_id = ANY(%(authors)s)
          AND NOT EXISTS (SELECT FROM due WHERE due.voucher = v.voucher_id AND due.author = v.author_id)
        RETURNING v.voucher_id, v.author_id
    ),
    written AS (
        INSERT INTO profiles_vouching AS v (voucher_id, author_id, works, units, year, place)
        SELECT voucher, author, works, units, year, place FROM due ORDER BY 1, 2
        ON CONFLICT (voucher_id, author_id) DO UPDATE
        SET works = excluded.works, units = excluded.units, year = excluded.year, place = excluded.place
        WHERE (v.works, v.units, v.year, v.place) IS DISTINCT FROM (excluded.works, excluded.units, excluded.year, excluded.place)
        RETURNING v.voucher_id, v.author_id
    )
    SELECT voucher_id, author_id FROM gone UNION SELECT voucher_id, author_id FROM written
"""


def refresh_vouchings(*, author_ids: Collection[int]) -> list[tuple[int, int]]:
    """Derive anew for whom these authors vouch, and return the pairs (voucher, author) that are others than before. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, {"authors": list(author_ids)})
        changed: list[tuple[int, int]] = cursor.fetchall()
    return changed
