"""The rows that a merge changes: read before and after, compared, written to the journal, and put back.

Rows travel as Postgres' own JSON of them, so that every column comes back as it was, whatever columns a table will have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from django.db import connection

from works.actions.imports.staging import select
from works.models import MovedRow

Key = tuple[str, int]
Row = dict[str, Any]
Rows = dict[Key, Row]

# What follows from other rows is counted again, not kept: it may have changed for other reasons meanwhile.
COUNTED = ("works_count", "topics_count", "first_year", "last_year", "summary", "other_keys", "name_search", "is_claimed")
AUTHOR_ROWS = {
    "works_author": ("id = ANY(%(authors)s) OR merged_into_id = ANY(%(authors)s)", ("merged_into_id",)),
    "works_authorship": ("author_id = ANY(%(authors)s)", ("author_id", "matched_by")),
    "works_authoridentifier": ("author_id = ANY(%(authors)s)", ()),
    "works_authorname": ("author_id = ANY(%(authors)s)", ()),
    "works_authorshipdecision": ("author_id = ANY(%(authors)s)", ()),
    "works_correction": ("author_id = ANY(%(authors)s)", ()),
    "works_mergeproposal": ("author_a_id = ANY(%(authors)s) OR author_b_id = ANY(%(authors)s)", ()),
}
PLACES = "SELECT id FROM works_authorship WHERE work_id = ANY(%(works)s)"
WORK_ROWS = {
    "works_work": ("id = ANY(%(works)s) OR merged_into_id = ANY(%(works)s)", ()),
    "works_authorship": ("work_id = ANY(%(works)s)", ()),
    "works_affiliation": (f"authorship_id IN ({PLACES})", ()),
    "works_workidentifier": ("work_id = ANY(%(works)s)", ()),
    "works_worktopic": ("work_id = ANY(%(works)s)", ()),
    "works_reference": ("work_id = ANY(%(works)s) OR cited_id = ANY(%(works)s)", ()),
    "works_registryrecord": ("work_id = ANY(%(works)s)", ("work_id",)),
    "works_authorshipdecision": ("work_id = ANY(%(works)s) OR author_id = ANY(%(authors)s)", ()),
    "works_correction": ("work_id = ANY(%(works)s) OR author_id = ANY(%(authors)s)", ()),
    "works_mergeproposal": (
        "work_a_id = ANY(%(works)s) OR work_b_id = ANY(%(works)s) OR author_a_id = ANY(%(authors)s) OR author_b_id = ANY(%(authors)s)",
        (),
    ),
    "works_author": ("id = ANY(%(authors)s) OR merged_into_id = ANY(%(authors)s)", ("merged_into_id",)),
    "works_authoridentifier": ("author_id = ANY(%(authors)s)", ()),
    "works_authorname": ("author_id = ANY(%(authors)s)", ()),
}
# Of these, too, much else follows or points at them: their columns are written, the rows stay.
KEPT = ("works_work", "works_author", "works_registryrecord")
NOT_KEPT_COLUMNS = ("title_search", "abstract_sought_at", *COUNTED)


def read_rows(tables: Mapping[str, tuple[str, tuple[str, ...]]], *, authors: Collection[int] = (), works: Collection[int] = ()) -> Rows:
    """All rows of these parties, table by table: one query each."""
    given = {"authors": sorted(authors), "works": sorted(works)}
    found: Rows = {}
    with connection.cursor() as cursor:
        for table, (condition, columns) in tables.items():
            row = (
                f"jsonb_build_object({', '.join(f'{name!r}, {name}' for name in columns)})"
                if columns
                else f"to_jsonb({table}) - 'id' - '{{{','.join(NOT_KEPT_COLUMNS)}}}'::text[]"
            )
            cursor.execute(f"SELECT id, {row} FROM {table} WHERE {condition}", given)
            for row_id, value in cursor.fetchall():
                found[table, row_id] = orjson.loads(value)
    return found


def newest_ids(tables: Iterable[str]) -> dict[str, int]:
    """The greatest id of each table: what is greater, this transaction has made. One query."""
    parts = " UNION ALL ".join(f"SELECT '{table}', coalesce(max(id), 0) FROM {table}" for table in tables)
    return dict(select(parts, []))


def differences(before: Rows, after: Rows, newest: Mapping[str, int]) -> list[tuple[Key, Row | None, Row | None]]:
    """What changed: of a row that stays the columns that differ, of others the whole row."""
    changed: list[tuple[Key, Row | None, Row | None]] = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was is None:
            if key[1] > newest[key[0]]:  # else it was not looked at before
                changed.append((key, None, now))
        elif now is None:
            changed.append((key, was, None))
        elif columns := [name for name in was if was[name] != now[name]]:
            changed.append((key, {name: was[name] for name in columns}, {name: now[name] for name in columns}))
    return changed


def journal(merge_id: int, changed: Iterable[tuple[Key, Row | None, Row | None]]) -> None:
    """Write what changed to the journal of a merge."""
    MovedRow.objects.bulk_create(
        (MovedRow(merge_id=merge_id, table=table, row_id=row_id, before=before, after=after) for (table, row_id), before, after in changed),
        batch_size=1000,
    )


def rows_now(keys: Iterable[Key]) -> Rows:
    """These rows as they stand, whole. One query a table."""
    ids: dict[str, list[int]] = defaultdict(list)
    for table, row_id in keys:
        ids[table].append(row_id)
    found: Rows = {}
    for table, wanted in ids.items():
        for row_id, value in select(f"SELECT id, to_jsonb({table}) FROM {table} WHERE id = ANY(%s)", [wanted]):
            found[table, row_id] = orjson.loads(value)
    return found


def columns_of(table: str) -> list[str]:
    """The columns of a table that are written and not generated."""
    return [
        name
        for (name,) in select(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
            " ORDER BY attnum",
            [table],
        )
    ]


def delete_rows(keys: Iterable[Key]) -> None:
    ids: dict[str, list[int]] = defaultdict(list)
    for table, row_id in keys:
        ids[table].append(row_id)
    with connection.cursor() as cursor:
        for table, wanted in ids.items():
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [wanted])


def insert_rows(rows: Mapping[Key, Row], *, unless_taken: bool = False) -> None:
    """Whole rows, under their ids; foreign keys are checked when the transaction ends. `unless_taken`: those whose place is free."""
    by_table: dict[str, list[Row]] = defaultdict(list)
    for (table, row_id), row in rows.items():
        by_table[table].append({**row, "id": row_id})
    with connection.cursor() as cursor:
        for table, values in by_table.items():
            names = ", ".join(columns_of(table))
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
                f"{' ON CONFLICT DO NOTHING' if unless_taken else ''}",
                [orjson.dumps(values).decode()],
            )


def update_columns(rows: Mapping[Key, Row]) -> None:
    """Some columns of rows that stand; one statement for each table and set of columns."""
    groups: dict[tuple[str, tuple[str, ...]], list[Row]] = defaultdict(list)
    for (table, row_id), row in rows.items():
        groups[table, tuple(sorted(row))].append({**row, "id": row_id})
    with connection.cursor() as cursor:
        for (table, names), values in groups.items():
            assignments = ", ".join(f"{name} = given.{name}" for name in names)
            cursor.execute(
                f"UPDATE {table} SET {assignments} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS given"
                f" WHERE {table}.id = given.id",
                [orjson.dumps(values).decode()],
            )


def put_back(rows: Mapping[Key, Row]) -> None:
    """Columns of rows that stand, where two may change places under a unique constraint: taken out, changed, put in again."""
    update_columns({key: row for key, row in rows.items() if key[0] in KEPT})
    others = {key: row for key, row in rows.items() if key[0] not in KEPT}
    whole = {key: {**now, **others[key]} for key, now in rows_now(others).items()}
    delete_rows(whole)
    insert_rows(whole)
