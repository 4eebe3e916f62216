"""Every row of the record and of what people hold of it, to be compared."""

from __future__ import annotations

import orjson

from works.actions.imports.staging import select

TABLES = (
    "works_work", "works_workidentifier", "works_worktopic", "works_reference", "works_registryrecord", "works_authorship",
    "works_affiliation", "works_author", "works_authoridentifier", "works_authorname", "works_authorshipdecision", "works_correction",
    "profiles_follow", "profiles_claim", "profiles_evidence",
)  # fmt: skip


def tables(*, but: frozenset[tuple[str, int]] = frozenset()) -> dict[str, dict[int, dict]]:
    """Table, id, row: all columns, but for when somebody last asked for an abstract."""
    return {
        table: {
            row_id: orjson.loads(row)
            for row_id, row in select(f"SELECT id, to_jsonb({table}) - 'abstract_sought_at' - 'updated_at' FROM {table} ORDER BY id", [])
            if (table, row_id) not in but
        }
        for table in TABLES
    }


def differing(before: dict, after: dict) -> list[str]:
    """What is not the same, in a form that a failing test can show."""
    return [
        f"{table} {row_id}: {before[table].get(row_id)} -> {after[table].get(row_id)}"
        for table in before
        for row_id in sorted(before[table].keys() | after[table].keys())
        if before[table].get(row_id) != after[table].get(row_id)
    ]
