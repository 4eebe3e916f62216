"""Trust, computed from rows and stored with its lines: for the authors that are owed it, or for everybody."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Collection, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from profiles.actions.trust.marks import mark_all
from profiles.actions.trust.spreading import Standing, spread
from profiles.actions.trust.vouchings import refresh_vouchings
from profiles.loading import Page, load_pages
from profiles.models import StaleTrust, Trust
from profiles.signals import trust_computed
from profiles.trust.explain import Row, explain, not_counted
from profiles.trust.levels import home_of, next_change, own_level
from profiles.trust.score import FORMULA, Inputs, Record, Result, backings, score

# Authors whose collaborations are still to be counted wait for that: their trust would have to be computed twice.
READY = "NOT EXISTS (SELECT FROM graph_stalecollaboration later WHERE later.author_id = owed.author_id)"
POP = f"""
    DELETE FROM profiles_staletrust WHERE author_id IN (
        SELECT owed.author_id FROM profiles_staletrust owed WHERE {READY}
        ORDER BY owed.marked_at, owed.author_id LIMIT %s FOR UPDATE OF owed SKIP LOCKED
    )
    RETURNING author_id, causes
"""
COLUMNS = {
    "author_id": "bigint",
    "micropoints": "integer",
    "score": "smallint",
    "level": "smallint",
    "own_level": "smallint",
    "band": "text",
    "institution": "text",
    "institution_name": "text",
    "lines": "jsonb",
    "not_counted": "jsonb",
    "changes_on": "date",
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
# A day's changes are one row: what stood before the first of them stays, what stands after the last replaces what stood before it.
MOST_NAMED = 30  # people and works that a page names for each institution; all of them count
REMEMBER = """
    INSERT INTO profiles_trustchange AS known (author_id, day, before, after, causes)
    SELECT author_id, day, before, after, causes
    FROM jsonb_to_recordset(%s::jsonb) AS row(author_id bigint, day date, before jsonb, after jsonb, causes text[])
    ORDER BY author_id
    ON CONFLICT (author_id, day) DO UPDATE SET after = excluded.after, causes = known.causes || (
        SELECT coalesce(array_agg(cause), '{}') FROM unnest(excluded.causes) cause WHERE cause <> ALL(known.causes)
    )
"""


@transaction.atomic
def compute_stale(*, limit: int = 500) -> int:
    """Compute the trust of up to `limit` authors that are owed it, oldest first, and return of how many.

    Any number of workers may do this at once: each takes marks that no other holds, and a mark is gone only together with the effect.
    Authors whose collaborations are still owed a count wait. 0 means that nothing can be paid now. A fixed number of statements, whatever
    the limit, and a few more where something changed on which others depend.
    """
    with connection.cursor() as cursor:
        cursor.execute(POP, [limit])
        causes: dict[int, list[str]] = dict(cursor.fetchall())
    if causes:
        compute_trust(author_ids=causes, causes=causes)
    return len(causes)


@transaction.atomic
def compute_trust(*, author_ids: Collection[int], causes: dict[int, list[str]] | None = None) -> int:
    """Compute these authors' trust from rows, write where the inputs are others than last time, and return how many were written.

    Whoever depends on what changed is marked. Two runs for one author at once may store the older view: the marks of `compute_stale`
    keep them apart, so call this directly only where nothing else runs.
    """
    now = timezone.now()
    vouchings = refresh_vouchings(author_ids=author_ids)
    pages = load_pages(author_ids, on=now.date())
    stored = {trust.pk: trust for trust in Trust.objects.filter(pk__in=pages).defer("not_counted")}
    rows: list[dict[str, Any]] = []
    for author_id, page in sorted(pages.items()):
        result = score(page.inputs)
        digest = hash_of(page.inputs, result)
        if author_id not in stored or stored[author_id].input_hash != digest:
            rows.append(row_of(author_id, page, result) | {"input_hash": digest, "computed_at": now})
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(STORE, [orjson.dumps(rows).decode()])
        remember(rows, stored, causes or {}, now)
    standings = {author_id: (standing_of(trust), standing_of(trust)) for author_id, trust in stored.items()}
    for row in rows:
        before = standings.get(row["author_id"], (Standing(), Standing()))[0]
        after = Standing(level=row["level"], own_level=row["own_level"], institution=row["institution"])
        standings[row["author_id"]] = before, after
    spread(standings=standings, vouchings=vouchings)
    if rows:
        trust_computed.send(sender=Trust, author_ids=[row["author_id"] for row in rows])
    return len(rows)


def rebuild_trust(*, limit: int = 500, processes: int = 1) -> int:
    """Compute everybody's trust anew and return how many computations that took: those whose level others depend on bring a few more.

    What changes meanwhile is computed after its change, since everybody is marked first and the marks are paid like any others.
    Authors whose collaborations are being counted stay marked for the sweep. More than one process only outside a transaction.
    """
    mark_all()
    if processes == 1:
        return pay_all(limit)
    connection.close()  # each process makes a connection of its own
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        return sum(pool.map(pay_all, [limit] * processes))


def pay_all(limit: int) -> int:
    computed = 0
    while paid := compute_stale(limit=limit):
        computed += paid
    return computed


def row_of(author_id: int, page: Page, result: Result) -> dict[str, Any]:
    inputs = page.inputs
    home = home_of(inputs.evidence, on=inputs.on)
    return {
        "author_id": author_id,
        "micropoints": result.micropoints,
        "score": result.score,
        "level": result.level,
        "own_level": own_level(inputs.evidence, registry_works=inputs.record.works, on=inputs.on, is_suspended=inputs.is_suspended),
        "band": result.band,
        "institution": home,
        "institution_name": page.institutions.get(home, ""),
        "lines": lines_of(page, result),
        "not_counted": not_counted(inputs, result),
        "changes_on": next_change(inputs.evidence, on=inputs.on),
        "formula": FORMULA,
    }


def standing_of(trust: Trust) -> Standing:
    return Standing(level=trust.level, own_level=trust.own_level, institution=trust.institution)


def remember(rows: Iterable[dict[str, Any]], stored: dict[int, Trust], causes: dict[int, list[str]], now: datetime) -> None:
    """Keep what changed on a page that had a figure before: what it was, what it is, and why. One statement."""
    changes = []
    for row in rows:
        if row["author_id"] not in stored:
            continue
        trust = stored[row["author_id"]]
        before = memory(trust.micropoints, trust.level, trust.band, trust.formula, trust.lines)
        after = memory(row["micropoints"], row["level"], row["band"], row["formula"], row["lines"])
        if points_of(before) != points_of(after):
            told = causes.get(trust.pk) or [StaleTrust.Cause.REBUILD]
            changes.append({"author_id": trust.pk, "day": now.date(), "before": before, "after": after, "causes": told})
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER, [orjson.dumps(changes).decode()])


def points_of(memory: dict[str, Any]) -> tuple[Any, ...]:
    """What must differ for a change to be one: words alone do not."""
    return memory["level"], memory["band"], {key: micropoints for key, (micropoints, _) in memory["lines"].items()}


def memory(micropoints: int, level: int, band: str, formula: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """What history keeps of a result."""
    return {
        "micropoints": micropoints,
        "level": level,
        "band": band,
        "formula": formula,
        "lines": {line["key"]: [line["micropoints"], line["fact"]] for line in lines},
    }


def lines_of(page: Page, result: Result) -> list[dict[str, Any]]:
    """The explanation as Trust.lines holds it."""
    lines = [values_of(row) for row in explain(page.inputs, result)]
    for line in lines:
        if line["key"] == "network":
            line["institutions"] = [
                {
                    "name": backing.name,
                    "vouchers": backing.vouchers,
                    "works": backing.works,
                    "micropoints": backing.micropoints,
                    "people": sorted(page.people[person] for person in backing.people)[:MOST_NAMED],
                    "titles": sorted(page.titles[work] for work in backing.works)[:MOST_NAMED],
                }
                for backing in backings(page.inputs.vouchers)
            ]
    return lines


def hash_of(inputs: Inputs, result: Result) -> str:
    """128 bits that change with the formula, the facts and the level; not with the day, which matters only through the level."""
    facts = {
        "formula": FORMULA,
        "level": result.level,
        "is_suspended": inputs.is_suspended,
        "changes_on": next_change(inputs.evidence, on=inputs.on),
        "record": values_of(inputs.record),
        "evidence": sorted(repr(item) for item in inputs.evidence if item.is_live(on=inputs.on)),
        "vouchers": sorted(repr(replace(voucher, joint_works=tuple(sorted(voucher.joint_works, key=repr)))) for voucher in inputs.vouchers),
        "findings": sorted(map(repr, (*inputs.findings, *inputs.ceilings))),
    }
    return hashlib.blake2b(orjson.dumps(facts, default=sorted, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def values_of(item: Row | Record) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}
