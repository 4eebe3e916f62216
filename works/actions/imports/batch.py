"""Take a batch of parsed records into the record of works: a fixed number of statements for any number of records.

The caller holds a transaction. From the first look to the last row the batch holds one lock that every import takes, so that what
was found missing is still missing when it is written, two imports of one work make one work, and the outcome follows from the
order of the records alone. Parsing, which costs more, goes on beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson
from django.db import connection

from works.actions.imports.reconcile import abstract_registry, affiliation_asserters, reconcile
from works.actions.imports.rows import write_works
from works.actions.imports.staging import select
from works.importers.record import Identifier, ImportedWork, Rejection, content_hash, from_json, to_json
from works.matching import ONE_PER_WORK, WorkFacts, contradicts, same_work
from works.names import fold, title_hash

IMPORT_LOCK = 5_317_001
PAST_HASHES = 10
IDENTIFIERS_THAT_LINK = ("doi", "arxiv", "pmid", "pmcid", "openalex")
# Of the works of one title ("Introduction") the oldest are looked at: what one record reads stays bounded.
NAMESAKES_OF_A_TITLE = 50


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
    """One registry record as it stands. `id` and `work` are None where it does not yet."""

    id: int | None
    work: int | None
    content_hash: bytes
    past_hashes: list[bytes]
    updated: str
    version: str

    def is_superseded_by(self, record: ImportedWork, digest: bytes) -> bool:
        """Whether `record` says something else, and is not an older copy that comes again."""
        if digest == self.content_hash or digest in self.past_hashes:
            return False
        if record.updated and self.updated and record.updated != self.updated:
            return record.updated > self.updated
        return version_number(record.version) >= version_number(self.version)


@dataclass(slots=True, kw_only=True)
class Fresh(Standing):
    """One registry record as this batch will leave it."""

    record: ImportedWork
    payload: dict[str, Any]
    place: str


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
    touched, owners = resolve_works(fresh, tally)
    existing = sorted(work for work in touched if work > 0)
    sayings = {work: [saying.record for saying in its] for work, its in touched.items()}
    for work, record in other_records(existing, fresh):
        sayings[work].append(record)
    works = {work: reconcile(says) for work, says in sayings.items()}
    claim_unowned(works, owners)
    abstracts_from = {work: abstract_registry(says) for work, says in sayings.items()}
    asserters = {work: affiliation_asserters(says) for work, says in sayings.items()}
    tally.author_ids = write_works(works, abstracts_from=abstracts_from, asserters=asserters, owners=owners, sayings=touched, run_id=run_id)
    return tally


def select_fresh(records: Sequence[tuple[str, ImportedWork]], tally: Tally) -> list[Fresh]:
    """The records that say something new, the last copy of each, in their order; the others are tallied. One query."""
    standing: dict[tuple[str, str], Standing] = {
        (registry, key): Standing(
            id=row,
            work=work,
            content_hash=bytes(digest),
            past_hashes=[bytes(past) for past in pasts],
            updated=updated or "",
            version=version or "",
        )
        for registry, key, row, work, digest, pasts, updated, version in select(
            """
            SELECT registry, key, id, work_id, content_hash, past_hashes, payload->>'updated', payload->>'version'
            FROM works_registryrecord JOIN unnest(%s::text[], %s::text[]) AS wanted (registry, key) USING (registry, key)
            """,
            [[record.registry for _, record in records], [record.key for _, record in records]],
        )
    }
    fresh: dict[tuple[str, str], Fresh] = {}
    for place, record in records:
        payload = to_json(record)
        digest = content_hash(payload)
        before = standing.get((record.registry, record.key))
        if before and not before.is_superseded_by(record, digest):
            tally.unchanged += 1
            continue
        if before:
            tally.changed += 1
        after = Fresh(
            content_hash=digest,
            updated=record.updated,
            version=record.version,
            past_hashes=[*before.past_hashes, before.content_hash][-PAST_HASHES:] if before else [],
            id=before.id if before else None,
            work=before.work if before else None,
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


def resolve_works(fresh: Sequence[Fresh], tally: Tally) -> tuple[dict[int, list[Fresh]], dict[Identifier, int]]:
    """Give each record its work: the one it had, else the one that an identifier names, else the one with its title, byline and year,
    else a new one (a negative number until it is written). Returns the records by work, and which work each identifier belongs to.
    An identifier links nothing to a work that has another arXiv id, PubMed id or OpenAlex id: then the two are two works. Three queries.
    """
    owners = known_owners({identifier for saying in fresh for identifier in saying.record.identifiers})
    distinct = distinguishing_identifiers(set(owners.values()))
    namesakes = known_namesakes(fresh)
    by_work: dict[int, list[Fresh]] = defaultdict(list)
    made = 0
    for saying in fresh:
        record = saying.record
        facts = facts_of(record)
        work = saying.work
        if work is None:
            linked = (owners[one] for one in record.identifiers if one in owners and one[0] in IDENTIFIERS_THAT_LINK)
            named = (other for other in linked if not contradicts(facts.identifiers, distinct[other]))
            alike = (other for theirs, other in namesakes[facts.title_key] if same_work(facts, theirs))
            work = next(chain(named, alike), None)
            if work is None:
                made += 1
                work = -made
                tally.new += 1
            else:
                tally.merged += 1
        by_work[work].append(saying)
        distinct[work] |= facts.identifiers
        namesakes[facts.title_key].append((facts, work))
        for identifier in record.identifiers:
            if owners.setdefault(identifier, work) != work:
                tally.reservations.append(conflict(saying, identifier))
    return by_work, owners


def conflict(saying: Fresh, identifier: Identifier) -> Rejection:
    scheme, value = identifier
    return Rejection(
        place=saying.place,
        key=saying.record.key,
        reason=f"its {scheme} {value[:100]} already names another work; the identifier stays there",
        is_reservation=True,
    )


def claim_unowned(works: Mapping[int, ImportedWork], owners: dict[Identifier, int]) -> None:
    """Note who owns the identifiers that records outside this batch give; what nobody owns any more comes to the work. One query."""
    unknown = {identifier: work for work, record in works.items() for identifier in record.identifiers if identifier not in owners}
    owners.update(unknown | known_owners(unknown))


def distinguishing_identifiers(works: Collection[int]) -> defaultdict[int, set[Identifier]]:
    """The identifiers of these works of which a work has one only. One query."""
    found: defaultdict[int, set[Identifier]] = defaultdict(set)
    for work, scheme, value in select(
        "SELECT work_id, scheme, value FROM works_workidentifier WHERE work_id = ANY(%s) AND scheme = ANY(%s)",
        [sorted(works), sorted(ONE_PER_WORK)],
    ):
        found[work].add((scheme, value))
    return found


def known_owners(identifiers: Collection[Identifier]) -> dict[Identifier, int]:
    """The works that these identifiers name already. One query."""
    identifiers = sorted(identifiers)
    return {
        (scheme, value): work
        for scheme, value, work in select(
            "SELECT scheme, value, work_id FROM works_workidentifier"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value)",
            [[scheme for scheme, _ in identifiers], [value for _, value in identifiers]],
        )
    }


def known_namesakes(fresh: Iterable[Fresh]) -> defaultdict[str, list[tuple[WorkFacts, int]]]:
    """Works that have one of the batch's titles, with what tells them apart, by folded title; the oldest of each. One query."""
    titles = {fold(saying.record.title) for saying in fresh if saying.work is None}
    namesakes: defaultdict[str, list[tuple[WorkFacts, int]]] = defaultdict(list)
    for work, title_key, year, names, schemes, values in select(
        """
        SELECT work.id, work.title_key, work.year, byline.names, ids.schemes, ids.values
        FROM unnest(%s::bigint[]) AS wanted (title_hash)
        CROSS JOIN LATERAL (
            SELECT id, title_key, year FROM works_work WHERE title_hash = wanted.title_hash ORDER BY id LIMIT %s
        ) AS work
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(name ORDER BY position), '{}') AS names FROM works_authorship WHERE work_id = work.id
        ) AS byline
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(scheme), '{}') AS schemes, coalesce(array_agg(value), '{}') AS values
            FROM works_workidentifier WHERE work_id = work.id AND scheme = ANY(%s)
        ) AS ids
        ORDER BY work.id
        """,
        [sorted(title_hash(title) for title in titles), NAMESAKES_OF_A_TITLE, sorted(ONE_PER_WORK)],
    ):
        facts = WorkFacts(
            title_key=title_key,
            byline=tuple(fold(name) for name in names),
            year=year,
            identifiers=frozenset(zip(schemes, values, strict=True)),
        )
        namesakes[title_key].append((facts, work))
    return namesakes


def other_records(existing: Sequence[int], fresh: Iterable[Fresh]) -> list[tuple[int, ImportedWork]]:
    """What other registries, whose records are not in this batch, say of the works that stood already. One query."""
    renewed = {saying.id for saying in fresh}
    return [
        (work, from_json(orjson.loads(payload)))
        for row, work, payload in select(
            "SELECT id, work_id, payload FROM works_registryrecord WHERE work_id = ANY(%s) ORDER BY registry, key", [list(existing)]
        )
        if row not in renewed
    ]
