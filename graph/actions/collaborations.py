"""Collaborations, counted from the authorships: for the authors that are owed it, or for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from graph.actions.marks import mark_everything_stale, mark_slices_stale
from graph.models import (
    CLOSE_STRENGTH,
    PAIR_MAX_AUTHORS,
    STRENGTH_MAX_AUTHORS,
    STRENGTH_UNIT,
    StaleCollaboration,
)
from graph.signals import collaborations_counted
from works.actions.bulk import made_anew, use_more_memory
from works.models import Author
from works.names import SLUG_LENGTH

CLOSEST = 10
AUTHORS_AT_ONCE = 5000
FOLD_LOCK = 0x627A_0001  # advisory: one fold at a time, so that no two write the same pair

# A pair and its figures, from every joint work whose byline is short enough. `{these}` narrows one end to some authors; a pair
# with both ends among them is counted from its smaller id only.
PAIRS = """
    SELECT least(a.author_id, b.author_id) AS author_a_id, greatest(a.author_id, b.author_id) AS author_b_id,
           count(*)::integer AS works_count,
           sum(CASE WHEN w.authors_count BETWEEN 2 AND {strength_max} THEN {unit} / (w.authors_count - 1) ELSE 0 END)::bigint
               AS strength_units,
           min(w.year)::smallint AS first_year, max(w.year)::smallint AS last_year
    FROM works_authorship a
    JOIN works_work w ON w.id = a.work_id AND w.authors_count <= {pair_max}
    JOIN works_authorship b ON b.work_id = a.work_id
    WHERE {these}
    GROUP BY 1, 2
"""
FIGURES = "works_count, strength_units, first_year, last_year"
SETTINGS = {"strength_max": STRENGTH_MAX_AUTHORS, "unit": STRENGTH_UNIT, "pair_max": PAIR_MAX_AUTHORS}

RECOUNT = f"""
    WITH counted AS MATERIALIZED ({
    PAIRS.format(
        these="a.author_id = ANY(%(ids)s) AND b.author_id <> a.author_id AND (a.author_id < b.author_id OR b.author_id <> ALL(%(ids)s))",
        **SETTINGS,
    )
}),
    written AS (
        INSERT INTO graph_collaboration AS c (author_a_id, author_b_id, {FIGURES})
        SELECT author_a_id, author_b_id, {FIGURES} FROM counted ORDER BY 1, 2
        ON CONFLICT (author_a_id, author_b_id) DO UPDATE
        SET works_count = excluded.works_count, strength_units = excluded.strength_units,
            first_year = excluded.first_year, last_year = excluded.last_year
        WHERE (c.works_count, c.strength_units, c.first_year, c.last_year)
              IS DISTINCT FROM (excluded.works_count, excluded.strength_units, excluded.first_year, excluded.last_year)
        RETURNING c.author_a_id, c.author_b_id
    ),
    ceased AS (
        DELETE FROM graph_collaboration c
        WHERE (c.author_a_id = ANY(%(ids)s) OR c.author_b_id = ANY(%(ids)s))
          AND NOT EXISTS (SELECT FROM counted k WHERE k.author_a_id = c.author_a_id AND k.author_b_id = c.author_b_id)
        RETURNING c.author_a_id, c.author_b_id
    ),
    changed AS (SELECT * FROM written UNION ALL SELECT * FROM ceased)
    SELECT author_a_id FROM changed UNION SELECT author_b_id FROM changed
"""
COUNT_ALL = f"""
    INSERT INTO {{table}} (author_a_id, author_b_id, {FIGURES})
    {PAIRS.format(these="a.author_id < b.author_id", **SETTINGS)}
    ORDER BY 1, 2
"""
# What Neighbourhood.closest says of each; the slug is works.names.slugify's, read from the folded name.
CLOSE = f"""
    jsonb_build_object(
        'name', o.name,
        'slug', CASE
            WHEN o.name_key = '' THEN 'unnamed'
            WHEN length(o.name_key) <= {SLUG_LENGTH} THEN replace(o.name_key, ' ', '-')
            ELSE coalesce(
                substring(replace(o.name_key, ' ', '-') || '-' FROM '^(.{{{{1,{SLUG_LENGTH}}}}})-'), left(o.name_key, {SLUG_LENGTH})
            )
        END || '-' || o.public_id,
        'works', r.works_count,
        'strength', trim_scale(round(r.strength_units::numeric / {STRENGTH_UNIT}, 4)),
        'first_year', r.first_year,
        'last_year', r.last_year
    )
"""
# Each author's collaborators in order of strength: the ten strongest, and how many there are in all. `{these}` narrows to some authors,
# `{table}` holds the pairs.
WRITE_NEIGHBOURHOODS = f"""
    WITH ends AS (
        SELECT author_a_id AS id, author_b_id AS other, {FIGURES} FROM {{table}} WHERE author_a_id {{these}}
        UNION ALL
        SELECT author_b_id, author_a_id, {FIGURES} FROM {{table}} WHERE author_b_id {{these}}
    ),
    ranked AS (
        SELECT *, count(*) OVER each AS collaborators, count(*) FILTER (WHERE strength_units >= {CLOSE_STRENGTH}) OVER each AS close,
               row_number() OVER (PARTITION BY id ORDER BY strength_units DESC, works_count DESC, other) AS place
        FROM ends WINDOW each AS (PARTITION BY id)
    ),
    listed AS (
        SELECT r.id, max(r.collaborators)::integer AS collaborators, max(r.close)::integer AS close,
               jsonb_agg({CLOSE} ORDER BY r.place) AS closest
        FROM ranked r JOIN works_author o ON o.id = r.other
        WHERE r.place <= {CLOSEST}
        GROUP BY r.id
    )
    INSERT INTO graph_neighbourhood AS n (author_id, collaborators_count, close_count, closest)
    SELECT a.id, coalesce(l.collaborators, 0), coalesce(l.close, 0), coalesce(l.closest, '[]')
    FROM works_author a LEFT JOIN listed l ON l.id = a.id
    WHERE a.id {{these}}
    ORDER BY a.id
    ON CONFLICT (author_id) DO UPDATE
    SET collaborators_count = excluded.collaborators_count, close_count = excluded.close_count, closest = excluded.closest
    WHERE (n.collaborators_count, n.close_count, n.closest)
          IS DISTINCT FROM (excluded.collaborators_count, excluded.close_count, excluded.closest)
"""
WRITE_SOME = WRITE_NEIGHBOURHOODS.format(these="= ANY(%(ids)s)", table="graph_collaboration")
# Whose list of the closest calls one of these authors by a name that they do not bear any more.
STILL_CALL = """
    WITH ends AS (
        SELECT author_a_id AS id, author_b_id AS other FROM graph_collaboration WHERE author_a_id = ANY(%(ids)s)
        UNION ALL
        SELECT author_b_id, author_a_id FROM graph_collaboration WHERE author_b_id = ANY(%(ids)s)
    )
    SELECT DISTINCT ends.other FROM ends JOIN works_author a ON a.id = ends.id JOIN graph_neighbourhood n ON n.author_id = ends.other
    CROSS JOIN LATERAL jsonb_array_elements(n.closest) AS shown
    WHERE right(shown ->> 'slug', length(a.public_id) + 1) = '-' || a.public_id AND shown ->> 'name' <> a.name
"""
# Only marks that are still as they were read: a mark renewed meanwhile, or about to be (locked), stays owed.
PAY = """
    DELETE FROM graph_stalecollaboration WHERE author_id IN (
        SELECT s.author_id FROM graph_stalecollaboration s
        JOIN unnest(%(ids)s::bigint[], %(marks)s::timestamptz[]) AS seen(id, mark) ON seen.id = s.author_id AND seen.mark = s.marked_at
        FOR UPDATE OF s SKIP LOCKED
    )
"""


def mark_collaborations_stale(*, author_ids: Iterable[int]) -> None:
    """Note, in the caller's transaction, that these authors' collaborations must be counted again. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO graph_stalecollaboration (author_id, marked_at)
            SELECT DISTINCT id, clock_timestamp() FROM unnest(%s::bigint[]) AS id ORDER BY id
            ON CONFLICT (author_id) DO UPDATE SET marked_at = excluded.marked_at
            """,
            [list(author_ids)],
        )


def is_counting_owed(*, since: timedelta = timedelta()) -> bool:
    """Whether an author waits for a count, and has waited for at least `since`. One query on an index."""
    oldest = StaleCollaboration.objects.aggregate(oldest=Min("marked_at"))["oldest"]
    return oldest is not None and oldest <= timezone.now() - since


@transaction.atomic
def count_collaborations(*, limit: int = 1000) -> int:
    """Count the pairs of up to `limit` authors that are owed it, oldest first, and return for how many the debt is paid.

    Every pair with an end among them is counted anew from the works of at most PAIR_MAX_AUTHORS byline positions; only what differs
    is written. Then follow the figures of both ends of every changed pair and of whoever lists one of these authors under a former name,
    the marks on slices that show one of them, and the signal `collaborations_counted`. Thirteen statements and what the receivers add,
    whatever the limit; their cost grows with these authors' pairs.

    0 means that nothing is owed, that another process is counting, or that what is owed is being changed right now: the sweep
    comes back to it. Delivered twice, the second count finds nothing to write.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        marks: dict[int, datetime] = dict(StaleCollaboration.objects.order_by("marked_at", "author_id").values_list()[:limit])
        if not marks:
            return 0
        stale = sorted(marks)
        cursor.execute(RECOUNT, {"ids": stale})
        changed = [author_id for (author_id,) in cursor.fetchall()]
        cursor.execute(STILL_CALL, {"ids": stale})
        counted = sorted({*stale, *changed})
        refresh_neighbourhoods(author_ids=sorted({*counted, *(author_id for (author_id,) in cursor.fetchall())}))
        mark_slices_stale(author_ids=stale, changed=changed)
        collaborations_counted.send(sender=None, author_ids=counted)
        # Last, since an importer that marks one of these authors again waits for this row: nothing after it may wait for the importer.
        cursor.execute(PAY, {"ids": stale, "marks": [marks[author_id] for author_id in stale]})
        paid: int = cursor.rowcount
    return paid


def refresh_neighbourhoods(*, author_ids: list[int]) -> None:
    """Write the figures of these authors' neighbourhoods where they differ. One statement, which reads every pair of theirs."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE_SOME, {"ids": author_ids})


@transaction.atomic
def rebuild_graph() -> int:
    """Count every pair of the record at once, put what is found in the place of what stood there, and return how many pairs there are.

    Pages keep what they show meanwhile: neighbourhoods are rewritten where they differ, slices are marked stale, not thrown away.
    Waits for a fold that is under way, and keeps others out.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK])
        marks: dict[int, datetime] = dict(StaleCollaboration.objects.values_list())
        use_more_memory()
        with made_anew("graph_collaboration") as [anew]:
            cursor.execute(COUNT_ALL.format(table=anew.name))
            pairs: int = cursor.rowcount
            anew.index()
            write = WRITE_NEIGHBOURHOODS.format(these="BETWEEN %(first)s AND %(last)s", table=anew.name)
            authors = list(Author.objects.order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(authors), AUTHORS_AT_ONCE):
                some = authors[start : start + AUTHORS_AT_ONCE]
                cursor.execute(write, {"first": some[0], "last": some[-1]})
                collaborations_counted.send(sender=None, author_ids=some)
            mark_everything_stale()
            cursor.execute(PAY, {"ids": list(marks), "marks": list(marks.values())})
    return pairs
