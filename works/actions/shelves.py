"""Keeping the shelves (works.models.shelf): for the works and authors that are owed it, or for everything.

What is on a shelf follows from the record alone, so paying a debt twice changes nothing, and paying in any order ends the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from works.actions.bulk import made_anew, use_more_memory
from works.models import Shelf
from works.signals import shelves_changed

WORKS_AT_ONCE, AUTHORS_AT_ONCE = 2_000, 1_000
SHELF_LOCK = 5_317_003  # advisory: one worker writes the shelves, so that their figures are added to by one at a time

# Where works stand. `{these}` narrows to some works.
PLACES_OF_WORKS = """
    SELECT 'topic' AS kind, link.topic_id AS subject, work.year, work.id AS work_id
    FROM works_worktopic link JOIN works_work work ON work.id = link.work_id WHERE work.merged_into_id IS NULL AND {these}
    UNION ALL
    SELECT 'source', work.source_id, work.year, work.id
    FROM works_work work WHERE work.source_id IS NOT NULL AND work.merged_into_id IS NULL AND {these}
    UNION ALL
    SELECT DISTINCT 'institution', affiliation.institution_id, work.year, work.id
    FROM works_work work JOIN works_authorship authorship ON authorship.work_id = work.id
    JOIN works_affiliation affiliation ON affiliation.authorship_id = authorship.id
    WHERE affiliation.institution_id IS NOT NULL AND work.merged_into_id IS NULL AND {these}
"""
# Where people stand. `{these}` narrows to some authors. An author holds at most one position of a work.
PLACES_OF_PEOPLE = """
    SELECT 'topic' AS kind, link.topic_id AS subject, authorship.author_id,
        count(*) AS works_count, min(authorship.year) AS first_year, max(authorship.year) AS last_year
    FROM works_authorship authorship JOIN works_worktopic link ON link.work_id = authorship.work_id WHERE {these} GROUP BY 2, 3
    UNION ALL
    SELECT 'source', work.source_id, authorship.author_id, count(*), min(authorship.year), max(authorship.year)
    FROM works_authorship authorship JOIN works_work work ON work.id = authorship.work_id
    WHERE work.source_id IS NOT NULL AND {these} GROUP BY 2, 3
    UNION ALL
    SELECT 'institution', institution_id, author_id, count(*), min(year), max(year) FROM (
        SELECT DISTINCT affiliation.institution_id, authorship.author_id, authorship.id, authorship.year
        FROM works_authorship authorship JOIN works_affiliation affiliation ON affiliation.authorship_id = authorship.id
        WHERE affiliation.institution_id IS NOT NULL AND {these}
    ) AS held GROUP BY 2, 3
"""
MAKE_SHELVES = "INSERT INTO works_shelf (kind, subject) SELECT DISTINCT kind, subject FROM ({places}) AS places ON CONFLICT DO NOTHING"
WORKS, PEOPLE = PLACES_OF_WORKS.format(these="work.id = ANY(%(ids)s)"), PLACES_OF_PEOPLE.format(these="authorship.author_id = ANY(%(ids)s)")
TAKE_WORKS = f"""
    WITH wanted AS MATERIALIZED (
        SELECT shelf.id AS shelf_id, places.year, places.work_id FROM ({WORKS}) AS places JOIN works_shelf shelf USING (kind, subject)
    ),
    gone AS (
        DELETE FROM works_shelvedwork stands WHERE work_id = ANY(%(ids)s) AND NOT EXISTS (
            SELECT FROM wanted WHERE (wanted.shelf_id, wanted.work_id) = (stands.shelf_id, stands.work_id)
                AND wanted.year IS NOT DISTINCT FROM stands.year
        ) RETURNING shelf_id, year
    )
    SELECT shelf_id, year, count(*) FROM gone GROUP BY 1, 2
"""
PUT_WORKS = f"""
    WITH come AS (
        INSERT INTO works_shelvedwork (shelf_id, work_id, year)
        SELECT shelf.id, places.work_id, places.year FROM ({WORKS}) AS places JOIN works_shelf shelf USING (kind, subject) ORDER BY 1, 2
        ON CONFLICT (work_id, shelf_id) DO NOTHING RETURNING shelf_id, year
    )
    SELECT shelf_id, year, count(*) FROM come GROUP BY 1, 2
"""
COUNT_WORKS = """
    UPDATE works_shelf shelf SET works_count = works_count + change.works
    FROM unnest(%(shelves)s::bigint[], %(works)s::integer[]) AS change (shelf, works) WHERE shelf.id = change.shelf
"""
COUNT_YEARS = """
    INSERT INTO works_shelfyear AS stands (shelf_id, year, works)
    SELECT shelf, year, works FROM unnest(%(shelves)s::bigint[], %(years)s::smallint[], %(works)s::integer[]) AS more (shelf, year, works)
    ORDER BY 1, 2 ON CONFLICT (shelf_id, year) DO UPDATE SET works = stands.works + excluded.works
"""
UNCOUNT_YEARS = """
    WITH less AS (SELECT * FROM unnest(%(shelves)s::bigint[], %(years)s::smallint[], %(works)s::integer[]) AS less (shelf, year, works)),
    emptied AS (
        DELETE FROM works_shelfyear stands USING less
        WHERE stands.shelf_id = less.shelf AND stands.year = less.year AND stands.works <= less.works
    )
    UPDATE works_shelfyear stands SET works = stands.works - less.works FROM less
    WHERE stands.shelf_id = less.shelf AND stands.year = less.year AND stands.works > less.works
"""
TAKE_PEOPLE = f"""
    WITH wanted AS MATERIALIZED (
        SELECT shelf.id AS shelf_id, places.author_id FROM ({PEOPLE}) AS places JOIN works_shelf shelf USING (kind, subject)
    ),
    gone AS (
        DELETE FROM works_shelvedperson stands WHERE author_id = ANY(%(ids)s) AND NOT EXISTS (
            SELECT FROM wanted WHERE (wanted.shelf_id, wanted.author_id) = (stands.shelf_id, stands.author_id)
        ) RETURNING shelf_id
    )
    SELECT shelf_id, count(*) FROM gone GROUP BY 1
"""
FIGURES = "works_count, first_year, last_year"
PUT_PEOPLE = f"""
    WITH come AS (
        INSERT INTO works_shelvedperson AS stands (shelf_id, author_id, {FIGURES})
        SELECT shelf.id, places.author_id, {FIGURES.replace("works_count", "places.works_count")}
        FROM ({PEOPLE}) AS places JOIN works_shelf shelf USING (kind, subject) ORDER BY 1, 2
        ON CONFLICT (author_id, shelf_id) DO UPDATE
        SET works_count = excluded.works_count, first_year = excluded.first_year, last_year = excluded.last_year
        WHERE (stands.works_count, stands.first_year, stands.last_year)
            IS DISTINCT FROM (excluded.works_count, excluded.first_year, excluded.last_year)
        RETURNING shelf_id, xmax = 0 AS is_new
    )
    SELECT shelf_id, count(*) FILTER (WHERE is_new) FROM come GROUP BY 1
"""
COUNT_PEOPLE = """
    UPDATE works_shelf shelf SET people_count = people_count + change.people
    FROM unnest(%(shelves)s::bigint[], %(people)s::integer[]) AS change (shelf, people) WHERE shelf.id = change.shelf
"""


def owe_shelving(*, work_ids: Collection[int] = (), author_ids: Collection[int] = ()) -> None:
    """Note, in the caller's transaction, that the shelves owe these works and authors a look. At most two statements.

    A mark that stands already is locked, so that who pays meanwhile passes it by and comes back when this transaction has ended.
    """
    for name, ids in (("work", work_ids), ("author", author_ids)):
        if ids:
            run(
                f"INSERT INTO works_unshelved{name} ({name}_id) SELECT id FROM works_{name} WHERE id = ANY(%s) ORDER BY id"
                f" ON CONFLICT ({name}_id) DO UPDATE SET {name}_id = excluded.{name}_id",
                [sorted(ids)],
            )


def shelve(*, works: int = WORKS_AT_ONCE, authors: int = AUTHORS_AT_ONCE) -> int:
    """Put what is owed on its shelves: so many works, then so many authors; how many were owed.

    At most fourteen statements; their cost grows with these works' topics and affiliations and with these authors' works. 0 means that
    nothing is owed, or that another worker is at it.
    """
    return shelve_works(at_most=works) + shelve_people(at_most=authors)


def shelve_works(*, at_most: int = WORKS_AT_ONCE) -> int:
    """The works that are owed. What differs is written, and the figures of the shelves follow from what was written."""
    with transaction.atomic():
        ids = owed("work", at_most)
        if not ids:
            return 0
        given = {"ids": ids}
        run(MAKE_SHELVES.format(places=WORKS), given)
        taken, put = run(TAKE_WORKS, given), run(PUT_WORKS, given)
        change: Counter[int] = Counter()
        for rows, sign in ((taken, -1), (put, 1)):
            for shelf, _, works in rows:
                change[shelf] += sign * works
        run(COUNT_WORKS, {"shelves": list(change), "works": list(change.values())})
        for statement, rows in ((COUNT_YEARS, put), (UNCOUNT_YEARS, taken)):
            dated = [row for row in rows if row[1] is not None]
            if dated:
                run(statement, dict(zip(("shelves", "years", "works"), map(list, zip(*dated, strict=True)), strict=True)))
        tell({shelf for shelf, *_ in (*taken, *put)})
        return len(ids)


def shelve_people(*, at_most: int = AUTHORS_AT_ONCE) -> int:
    """The authors that are owed, as `shelve_works`."""
    with transaction.atomic():
        ids = owed("author", at_most)
        if not ids:
            return 0
        given = {"ids": ids}
        run(MAKE_SHELVES.format(places=PEOPLE), given)
        change: Counter[int] = Counter()
        for shelf, people in run(TAKE_PEOPLE, given):
            change[shelf] -= people
        for shelf, people in run(PUT_PEOPLE, given):
            change[shelf] += people
        run(COUNT_PEOPLE, {"shelves": list(change), "people": list(change.values())})
        tell(change)
        return len(ids)


def tell(changed: Collection[int]) -> None:
    if changed:
        shelves_changed.send(sender=Shelf, shelf_ids=sorted(changed))


def owed(name: str, at_most: int) -> list[int]:
    """Take the marks of up to so many works or authors, unless another worker is at it; what is being changed right now stays marked."""
    if not run("SELECT pg_try_advisory_xact_lock(%s)", [SHELF_LOCK])[0][0]:
        return []
    table = f"works_unshelved{name}"
    return [
        row
        for (row,) in run(
            f"DELETE FROM {table} WHERE {name}_id IN (SELECT {name}_id FROM {table} ORDER BY {name}_id LIMIT %s FOR UPDATE SKIP LOCKED)"
            f" RETURNING {name}_id",
            [at_most],
        )
    ]


def rebuild_shelves() -> int:
    """Throw the shelves away and fill them anew from the record; how many places works have on them. Addresses stay."""
    places, people = PLACES_OF_WORKS.format(these="TRUE"), PLACES_OF_PEOPLE.format(these="TRUE")
    with transaction.atomic():
        run("SELECT pg_advisory_xact_lock(%s)", [SHELF_LOCK])
        use_more_memory()
        run("SET CONSTRAINTS ALL IMMEDIATE")  # no table is emptied while checks of its rows are put off
        run("TRUNCATE works_shelf, works_shelfyear, works_shelvedwork, works_shelvedperson, works_unshelvedwork, works_unshelvedauthor")
        run(MAKE_SHELVES.format(places=places))
        with made_anew("works_shelvedwork", "works_shelvedperson") as [of_works, of_people]:
            run(
                f"INSERT INTO {of_works.name} (shelf_id, work_id, year) SELECT shelf.id, places.work_id, places.year"
                f" FROM ({places}) AS places JOIN works_shelf shelf USING (kind, subject) ORDER BY 1, 3 DESC NULLS LAST, 2 DESC"
            )
            run(
                f"INSERT INTO {of_people.name} (shelf_id, author_id, {FIGURES}) SELECT shelf.id, places.author_id, places.works_count,"
                " places.first_year, places.last_year"
                f" FROM ({people}) AS places JOIN works_shelf shelf USING (kind, subject)"
                " WHERE places.author_id IS NOT NULL ORDER BY 1, 3 DESC, 2"
            )
            run(
                "INSERT INTO works_shelfyear (shelf_id, year, works)"
                f" SELECT shelf_id, year, count(*) FROM {of_works.name} WHERE year IS NOT NULL GROUP BY 1, 2"
            )
            run(
                "UPDATE works_shelf shelf SET works_count = counted.works"
                f" FROM (SELECT shelf_id, count(*) AS works FROM {of_works.name} GROUP BY 1) AS counted WHERE shelf.id = counted.shelf_id"
            )
            run(
                "UPDATE works_shelf shelf SET people_count = counted.people"
                f" FROM (SELECT shelf_id, count(*) AS people FROM {of_people.name} GROUP BY 1) AS counted WHERE shelf.id = counted.shelf_id"
            )
        [(count,)] = run("SELECT coalesce(sum(works_count), 0) FROM works_shelf")
        tell(Shelf.objects.values_list("pk", flat=True))
    run("ANALYZE works_shelf, works_shelfyear, works_shelvedwork, works_shelvedperson")
    return int(count)


def lead_from(*, kind: str, former: dict[int, int]) -> None:
    """Let the addresses of subjects (by id) that become part of others lead to those; called before their rows go. Two statements."""
    given = {"kind": kind, "old": list(former), "new": list(former.values())}
    told = "unnest(%(old)s::bigint[], %(new)s::bigint[]) AS told (old, new)"
    run(f"UPDATE works_formerid SET subject = told.new FROM {told} WHERE kind = %(kind)s AND subject = told.old", given)
    run(
        f"INSERT INTO works_formerid (public_id, kind, subject) SELECT gone.public_id, %(kind)s, told.new FROM {told}"
        f" JOIN works_{kind} gone ON gone.id = told.old ON CONFLICT (public_id) DO UPDATE SET subject = excluded.subject",
        given,
    )


def run(statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """The rows of a statement, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
