"""Trust, computed from rows: for the authors that are owed it, or for everybody."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from profiles.loading import load_inputs
from profiles.models import StaleTrust, Trust
from profiles.signals import trust_computed
from profiles.trust.explain import Row, explain, not_counted
from profiles.trust.score import FORMULA, Inputs, Record, Result, backings, score

# A mark that stands already is written again, which takes its row's lock: a worker that would pay it now, and could not see what this
# transaction has changed, passes it over until the change is committed.
MARK = """
    INSERT INTO profiles_staletrust AS owed (author_id, marked_at)
    SELECT id, clock_timestamp() FROM works_author WHERE id = ANY(%s) ORDER BY id
    ON CONFLICT (author_id) DO UPDATE SET marked_at = least(owed.marked_at, excluded.marked_at)
"""
MARK_ALL = """
    INSERT INTO profiles_staletrust AS owed (author_id, marked_at)
    SELECT id, clock_timestamp() FROM works_author ORDER BY id
    ON CONFLICT (author_id) DO UPDATE SET marked_at = owed.marked_at
"""
# Authors whose collaborations are still to be counted wait for that: their trust would have to be computed twice.
READY = "NOT EXISTS (SELECT FROM graph_stalecollaboration later WHERE later.author_id = owed.author_id)"
POP = f"""
    DELETE FROM profiles_staletrust WHERE author_id IN (
        SELECT owed.author_id FROM profiles_staletrust owed WHERE {READY}
        ORDER BY owed.marked_at, owed.author_id LIMIT %s FOR UPDATE OF owed SKIP LOCKED
    )
    RETURNING author_id
"""
COLUMNS = {
    "author_id": "bigint",
    "micropoints": "integer",
    "score": "smallint",
    "level": "smallint",
    "band": "text",
    "lines": "jsonb",
    "not_counted": "jsonb",
    "formula": "text",
    "input_hash": "text",
    "computed_at": "timestamptz",
}
# One JSON document for all rows: an array for each column would have every quote of every explanation escaped on its way.
STORE = f"""
    INSERT INTO profiles_trust ({", ".join(COLUMNS)})
    SELECT {", ".join(COLUMNS)} FROM jsonb_to_recordset(%s::jsonb) AS row({", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())})
    ORDER BY author_id
    ON CONFLICT (author_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "author_id")}
"""


def mark_trust_stale(*, author_ids: Iterable[int]) -> None:
    """Note, in the caller's transaction, that these authors' trust must be computed again. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [list(author_ids)])


def is_trust_owed(*, since: timedelta = timedelta()) -> bool:
    """Whether an author waits for trust, and has waited for at least `since`. One query on an index."""
    oldest = StaleTrust.objects.aggregate(oldest=Min("marked_at"))["oldest"]
    return oldest is not None and oldest <= timezone.now() - since


@transaction.atomic
def compute_stale(*, limit: int = 500) -> int:
    """Compute the trust of up to `limit` authors that are owed it, oldest first, and return of how many.

    Any number of workers may do this at once: each takes marks that no other holds, and a mark is gone only together with the effect.
    Authors whose collaborations are still owed a count wait. 0 means that nothing can be paid now. Eight statements, whatever the limit.
    """
    with connection.cursor() as cursor:
        cursor.execute(POP, [limit])
        author_ids = [author_id for (author_id,) in cursor.fetchall()]
    if author_ids:
        compute_trust(author_ids=author_ids)
    return len(author_ids)


@transaction.atomic
def compute_trust(*, author_ids: Collection[int]) -> int:
    """Compute these authors' trust from rows, write where the inputs are others than last time, and return how many were written.

    Seven statements for any number of authors. Two runs for one author at once may store the older view: the marks of `compute_stale`
    keep them apart, so call this directly only where nothing else runs.
    """
    now = timezone.now()
    inputs = load_inputs(author_ids, on=now.date())
    stored = dict(Trust.objects.filter(pk__in=inputs).values_list("pk", "input_hash"))
    rows: list[dict[str, Any]] = []
    for author_id, page in sorted(inputs.items()):
        result = score(page)
        digest = hash_of(page, result)
        if stored.get(author_id) != digest:
            rows.append(
                {
                    "author_id": author_id,
                    "micropoints": result.micropoints,
                    "score": result.score,
                    "level": result.level,
                    "band": result.band,
                    "lines": lines_of(page, result),
                    "not_counted": not_counted(page, result),
                    "formula": FORMULA,
                    "input_hash": digest,
                    "computed_at": now,
                }
            )
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(STORE, [orjson.dumps(rows).decode()])
        trust_computed.send(sender=Trust, author_ids=[row["author_id"] for row in rows])
    return len(rows)


def rebuild_trust(*, limit: int = 500) -> int:
    """Compute everybody's trust anew and return of how many authors.

    What changes meanwhile is computed after its change, since everybody is marked first and the marks are paid like any others.
    Authors whose collaborations are being counted stay marked for the sweep.
    """
    with connection.cursor() as cursor:
        cursor.execute(MARK_ALL)
    computed = 0
    while paid := compute_stale(limit=limit):
        computed += paid
    return computed


def lines_of(inputs: Inputs, result: Result) -> list[dict[str, Any]]:
    """The explanation as Trust.lines holds it."""
    lines = [values_of(row) for row in explain(inputs, result)]
    for line in lines:
        if line["key"] == "network":
            line["institutions"] = [
                {"name": backing.name, "vouchers": backing.vouchers, "works": backing.works, "micropoints": backing.micropoints}
                for backing in backings(inputs.vouchers)
            ]
    return lines


def hash_of(inputs: Inputs, result: Result) -> str:
    """128 bits that change with the formula, the facts and the level; not with the day, which matters only through the level."""
    facts = {
        "formula": FORMULA,
        "level": result.level,
        "is_suspended": inputs.is_suspended,
        "record": values_of(inputs.record),
        "evidence": sorted(repr(item) for item in inputs.evidence if item.is_live(on=inputs.on)),
        "vouchers": sorted(repr(replace(voucher, joint_works=tuple(sorted(voucher.joint_works, key=repr)))) for voucher in inputs.vouchers),
        "findings": sorted(map(repr, inputs.findings)),
    }
    return hashlib.blake2b(orjson.dumps(facts, default=sorted, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def values_of(item: Row | Record) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}
