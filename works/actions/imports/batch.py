"""Take a batch of parsed records into the record of works: a fixed number of statements for any number of records.

The caller holds a transaction. From the first look to the last row the batch holds one lock that every import takes, so that what
was found missing is still missing when it is written, two imports of one work make one work, and the outcome follows from the
order of the records alone. Parsing, which costs more, goes on beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection

from works.actions.imports.reconcile import abstract_registry, reconcile
from works.actions.imports.rows import write_works
from works.actions.imports.staging import select
from works.importers.record import Identifier, ImportedWork, Rejection, content_hash, from_json, to_json
from works.matching import ONE_PER_WORK, WorkFacts, same_work
from works.names import fold, title_hash

IMPORT_LOCK = 5_317_001
PAST_HASHES = 10
IDENTIFIERS_THAT_LINK = ("doi", "arxiv", "pmid", "pmcid", "openalex")


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of the records of a batch. Each is new, changed, unchanged or merged (a further record of a work that stood already)."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    merged: int = 0
    reservations: list[Rejection] = field(default_factory=list)
    author_ids: set[int] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Standing:
    """One registry record as it stands, or as this batch will leave it."""

    content_hash: bytes
    updated: str
    version: str
    past_hashes: list[bytes] = field(default_factory=list)
    id: int | None = None
    work: int | None = None
    record: ImportedWork | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    place: str = ""

    def is_superseded_by(self, record: ImportedWork, digest: bytes) -> bool:
        """Whether `record` says something else, and is not an older copy that comes again."""
        if digest == self.content_hash or digest in self.past_hashes:
            return False
        if record.updated and self.updated and record.updated != self.updated:
            return record.updated > self.updated
        return version_number(record.version) >= version_number(self.version)


def version_number(version: str) -> int:
    """2 for "v2"; 0 where there is none."""
    digits = version.lstrip("v")
    return int(digits) if digits.isdecimal() else 0


def take_in(records: Sequence[tuple[str, ImportedWork]], *, run_id: int | None) -> Tally:
    """Write the records (each with its place in the file) and all that follows from them; what became of each.

    The authors whose works changed stand in `Tally.author_ids`; announcing them is the caller's.
    """
    tally = Tally()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
    fresh = select_fresh(records, tally)
    if not fresh:
        return tally
    owners = resolve_works(fresh, tally)
    touched = defaultdict(list)
    for standing in fresh:
        assert standing.work is not None
        touched[standing.work].append(standing)
    existing = sorted(work for work in touched if work > 0)
    sayings = {work: [standing.record for standing in standings if standing.record] for work, standings in touched.items()}
    for work, record in other_records(existing, fresh):
        sayings[work].append(record)
    works = {work: reconcile(says) for work, says in sayings.items()}
    abstracts_from = {work: abstract_registry(says) for work, says in sayings.items()}
    tally.author_ids = write_works(works, abstracts_from=abstracts_from, owners=owners, standings=touched, run_id=run_id)
    return tally


def select_fresh(records: Sequence[tuple[str, ImportedWork]], tally: Tally) -> list[Standing]:
    """The records that say something new, the last copy of each, in their order; the others are tallied. One query."""
    standing = {
        (registry, key): Standing(id=id, work=work, content_hash=bytes(digest), past_hashes=[bytes(past) for past in pasts],
                                  updated=updated or "", version=version or "")
        for registry, key, id, work, digest, pasts, updated, version in select(
            """
            SELECT registry, key, id, work_id, content_hash, past_hashes, payload->>'updated', payload->>'version'
            FROM works_registryrecord JOIN unnest(%s::text[], %s::text[]) AS wanted (registry, key) USING (registry, key)
            """,
            [[record.registry for _, record in records], [record.key for _, record in records]],
        )
    }  # fmt: skip
    fresh: dict[tuple[str, str], Standing] = {}
    for place, record in records:
        payload = to_json(record)
        digest = content_hash(payload)
        before = standing.get((record.registry, record.key))
        if before and not before.is_superseded_by(record, digest):
            tally.unchanged += 1
            continue
        if before:
            tally.changed += 1
        after = Standing(
            content_hash=digest,
            updated=record.updated,
            version=record.version,
            past_hashes=[*before.past_hashes, before.content_hash][-PAST_HASHES:] if before else [],
            id=before and before.id,
            work=before and before.work,
            record=record,
            payload=payload,
            place=place,
        )
        standing[record.registry, record.key] = fresh[record.registry, record.key] = after
    return list(fresh.values())


def facts_of(record: ImportedWork) -> WorkFacts:
    return WorkFacts(
        title_key=fold(record.title),
        byline=tuple(fold(author.name) for author in record.authors),
        year=record.year,
        identifiers=frozenset(identifier for identifier in record.identifiers if identifier[0] in ONE_PER_WORK),
    )


def resolve_works(fresh: Sequence[Standing], tally: Tally) -> dict[Identifier, int]:
    """Give each record its work: the one it had, else the one that an identifier names, else the one with its title, byline and year,
    else a new one (a negative number until it is written). Returns which work each identifier of the batch belongs to. Three queries.
    """
    owners = known_owners(fresh)
    namesakes = known_namesakes(fresh)
    made = 0
    for standing in fresh:
        record = standing.record
        assert record is not None
        facts = facts_of(record)
        named = [owners[identifier] for identifier in record.identifiers if identifier in owners and identifier[0] in IDENTIFIERS_THAT_LINK]
        if standing.work is None:
            alike = (work for other, work in namesakes[facts.title_key] if same_work(facts, other))
            standing.work = named[0] if named else next(alike, None)
            if standing.work is None:
                made += 1
                standing.work = -made
                tally.new += 1
            else:
                tally.merged += 1
        for identifier in record.identifiers:
            if owners.setdefault(identifier, standing.work) != standing.work:
                tally.reservations.append(
                    Rejection(
                        place=standing.place,
                        key=record.key,
                        reason=f"its {identifier[0]} {identifier[1][:100]} already names another work; the identifier stays there",
                        is_reservation=True,
                    )
                )
        namesakes[facts.title_key].append((facts, standing.work))
    return owners


def known_owners(fresh: Iterable[Standing]) -> dict[Identifier, int]:
    """The works that the batch's identifiers name already. One query."""
    identifiers = sorted({identifier for standing in fresh if standing.record for identifier in standing.record.identifiers})
    return {
        (scheme, value): work
        for scheme, value, work in select(
            "SELECT scheme, value, work_id FROM works_workidentifier"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value)",
            [[scheme for scheme, _ in identifiers], [value for _, value in identifiers]],
        )
    }


def known_namesakes(fresh: Iterable[Standing]) -> defaultdict[str, list[tuple[WorkFacts, int]]]:
    """The works that have one of the batch's titles, with what tells them apart, by folded title; oldest first. One query."""
    titles = {fold(standing.record.title) for standing in fresh if standing.record and standing.work is None}
    namesakes: defaultdict[str, list[tuple[WorkFacts, int]]] = defaultdict(list)
    for work, title_key, year, names, schemes, values in select(
        """
        SELECT work.id, work.title_key, work.year, byline.names, ids.schemes, ids.values FROM works_work work
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(name ORDER BY position), '{}') AS names FROM works_authorship WHERE work_id = work.id
        ) AS byline
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(scheme), '{}') AS schemes, coalesce(array_agg(value), '{}') AS values
            FROM works_workidentifier WHERE work_id = work.id AND scheme = ANY(%s)
        ) AS ids
        WHERE work.title_hash = ANY(%s) ORDER BY work.id
        """,
        [sorted(ONE_PER_WORK), sorted(title_hash(title) for title in titles)],
    ):
        facts = WorkFacts(
            title_key=title_key,
            byline=tuple(fold(name) for name in names),
            year=year,
            identifiers=frozenset(zip(schemes, values, strict=True)),
        )
        namesakes[title_key].append((facts, work))
    return namesakes


def other_records(existing: Sequence[int], fresh: Iterable[Standing]) -> list[tuple[int, ImportedWork]]:
    """What other registries, whose records are not in this batch, say of the works that stood already. One query."""
    renewed = {standing.id for standing in fresh}
    return [
        (work, from_json(orjson.loads(payload)))
        for id, work, payload in select(
            "SELECT id, work_id, payload FROM works_registryrecord WHERE work_id = ANY(%s) ORDER BY registry, key", [list(existing)]
        )
        if id not in renewed
    ]
