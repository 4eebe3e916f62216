"""Corrections, retractions and their like: kept beside the works they are about, and applied whichever of the two comes first.

A record that corrects or retracts another is no work of a researcher: it makes no work, and its authors get nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection

from works.actions.imports.staging import copy_rows, select
from works.importers.record import Identifier, ImportedWork

# What a record may say of another's work, and the same said from the work's side.
KINDS = frozenset({"corrects", "retracts", "withdraws", "questions"})
SAID_BY_THE_WORK = {
    "is-corrected-by": "corrects",
    "is-retracted-by": "retracts",
    "is-withdrawn-by": "withdraws",
    "is-questioned-by": "questions",
}
COLUMNS = {
    "registry": "text", "key": "text", "kind": "text", "scheme": "text", "value": "text", "notice_scheme": "text", "notice_value": "text",
    "title": "text", "published_on": "date",
}  # fmt: skip
Row = tuple[Any, ...]


def is_notice(record: ImportedWork) -> bool:
    return any(kind in KINDS for kind, *_ in record.relations)


def rows_of(record: ImportedWork) -> set[Row]:
    """What the record says of works, its own among them."""
    if not record.relations:
        return set()
    own: Identifier = record.identifiers[0] if record.identifiers else (record.registry, record.key)
    published_on = date.fromisoformat(record.published_on) if record.published_on else None
    rows: set[Row] = set()
    for kind, scheme, value in record.relations:
        if kind in KINDS:
            rows.add((record.registry, record.key, kind, scheme, value, *own, record.title, published_on))
        elif kind in SAID_BY_THE_WORK:
            rows.add((record.registry, record.key, SAID_BY_THE_WORK[kind], *own, scheme, value, "", None))
    return rows


def write_notices(records: Sequence[ImportedWork]) -> tuple[dict[tuple[str, str], str], list[int]]:
    """Write what these records say of works, in place of what they said before; three queries, one more where something changed.

    Returns what became of each notice among them ("new", "changed" or "unchanged", by registry and key), and the works of the record that
    are now retracted or withdrawn by other notices than before: the caller derives them again.
    """
    wanted = {row for record in records for row in rows_of(record)}
    standing: dict[Row, int] = {
        row: number
        for number, *row_values in select(
            f"SELECT id, {', '.join(COLUMNS)} FROM works_notice"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (registry, key) USING (registry, key)",
            [[record.registry for record in records], [record.key for record in records]],
        )
        for row in [tuple(row_values)]
    }
    gone, fresh = standing.keys() - wanted, sorted(wanted - standing.keys(), key=repr)
    outcome = {}
    for record in records:
        name = (record.registry, record.key)
        before = any(row[:2] == name for row in standing) if standing else False
        is_changed = any(row[:2] == name for row in (*gone, *fresh))
        outcome[name] = "new" if not before else "changed" if is_changed else "unchanged"
    if gone:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM works_notice WHERE id = ANY(%s)", [sorted(standing[row] for row in gone)])
    copy_rows("works_notice", COLUMNS, fresh)
    return outcome, works_named({row[3:5] for row in (*gone, *fresh) if row[2] in {"retracts", "withdraws"}})


def works_named(identifiers: Iterable[Identifier]) -> list[int]:
    """The works of the record that these identifiers name. One query where there are any."""
    pairs = sorted(set(identifiers))
    if not pairs:
        return []
    return [
        work
        for (work,) in select(
            "SELECT DISTINCT work_id FROM works_workidentifier"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value) ORDER BY 1",
            [[scheme for scheme, _ in pairs], [value for _, value in pairs]],
        )
    ]


def with_notices(works: Mapping[int, ImportedWork]) -> dict[int, ImportedWork]:
    """The works, those marked that a notice retracts or withdraws; a retraction outweighs a withdrawal. One query."""
    named: dict[Identifier, list[int]] = {}
    for work, record in works.items():
        for identifier in record.identifiers:
            named.setdefault(identifier, []).append(work)
    marks: dict[int, set[str]] = {}
    for kind, scheme, value in select(
        "SELECT DISTINCT kind, scheme, value FROM works_notice"
        " JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value) WHERE kind IN ('retracts', 'withdraws')",
        [[scheme for scheme, _ in named], [value for _, value in named]],
    ):
        for work in named[scheme, value]:
            marks.setdefault(work, set()).add(kind)
    marked = dict(works)
    for work, kinds in marks.items():
        notice = "retracted" if "retracts" in kinds or works[work].notice == "retracted" else "withdrawn"
        marked[work] = replace(works[work], notice=notice)
    return marked
