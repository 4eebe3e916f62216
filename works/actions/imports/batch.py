"""Take a batch of parsed records into the record of works: a fixed number of statements for any number of records.

The caller holds a transaction. From the first look to the last row the batch holds one lock that every import takes, so that what
was found missing is still missing when it is written, two imports of one work make one work, and the outcome follows from the
order of the records alone. Parsing, which costs more, goes on beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson

from works.actions.imports.identity import (
    distinguishing_identifiers,
    facts_of,
    kin_of,
    known_kin,
    known_namesakes,
    known_owners,
)
from works.actions.imports.locks import lock_record
from works.actions.imports.notices import is_notice, with_notices, write_notices
from works.actions.imports.reconcile import abstract_registry, affiliation_asserters, orcid_asserters, reconcile
from works.actions.imports.rows import write_works
from works.actions.imports.staging import select
from works.actions.proposals import ProposedPair, propose_merges
from works.importers.record import Identifier, ImportedWork, Rejection, content_hash, from_json, to_json
from works.matching import ONE_PER_WORK, contradicts

PAST_HASHES = 10
IDENTIFIERS_THAT_LINK = ("doi", "arxiv", "pmid", "pmcid", "openalex", "acl")


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of the records of a batch. Each is new, changed, unchanged or merged (a further record of a work that stood already)."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    merged: int = 0
    reservations: list[Rejection] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    author_ids: set[int] = field(default_factory=set)

    def add(self, other: Tally) -> None:
        """Count in what became of further records of the batch."""
        for name in ("new", "changed", "unchanged", "merged"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reservations += other.reservations
        self.rejections += other.rejections
        self.author_ids |= other.author_ids


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
    lock_record()
    said = select_fresh(records, tally)
    if not said:
        return tally
    fresh = [saying for saying in said if saying.work or not is_notice(saying.record)]
    noticed = take_in_notices(said, tally)
    touched, owners = resolve_works(fresh, tally)
    touched |= {work: [] for work in noticed if work not in touched}
    if not touched:
        return tally
    existing = sorted(work for work in touched if work > 0)
    sayings = {work: [saying.record for saying in its] for work, its in touched.items()}
    for work, record in other_records(existing, fresh):
        sayings[work].append(record)
    tally.author_ids = derive_works(sayings, owners=owners, renewed=touched, run_id=run_id)
    return tally


def derive_works(
    sayings: Mapping[int, Sequence[ImportedWork]],
    *,
    owners: dict[Identifier, int],
    renewed: Mapping[int, Sequence[Fresh]],
    run_id: int | None,
) -> set[int]:
    """Write the works that these records, all there are of each, tell of; the ids of the authors whose works changed.

    `renewed`: the records among them that are to be stored with it.
    """
    works = with_notices({work: reconcile(says) for work, says in sayings.items()})
    claim_unowned(works, owners)
    return write_works(
        works,
        abstracts_from={work: abstract_registry(says) for work, says in sayings.items()},
        asserters={work: affiliation_asserters(says) for work, says in sayings.items()},
        orcid_asserters={work: orcid_asserters(says) for work, says in sayings.items()},
        owners=owners,
        sayings=renewed,
        run_id=run_id,
    )


def take_in_notices(said: Sequence[Fresh], tally: Tally) -> list[int]:
    """Keep what the records say of works, and tally those that are notices only; the works that have to be derived again for it."""
    outcome, noticed = write_notices([saying.record for saying in said])
    for saying in said:
        if not saying.work and is_notice(saying.record):
            became = outcome[saying.record.registry, saying.record.key]
            setattr(tally, became, getattr(tally, became) + 1)
    return noticed


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


def resolve_works(fresh: Sequence[Fresh], tally: Tally) -> tuple[dict[int, list[Fresh]], dict[Identifier, int]]:
    """Give each record its work: the one it had, else the one that an identifier names, else one that either record says is the same,
    else the one with its title, byline and year, else a new one (a negative number until it is written). Returns the records by work,
    and which work each identifier belongs to. Nothing links to a work that has another arXiv id, PubMed id or the like: then the two are
    two works. Four queries.
    """
    own = {identifier for saying in fresh for identifier in saying.record.identifiers}
    owners = known_owners(own | {identifier for saying in fresh for identifier in kin_of(saying.record)})
    kin = known_kin({identifier for saying in fresh if saying.work is None for identifier in saying.record.identifiers})
    distinct = distinguishing_identifiers(set(owners.values()) | set(kin.values()))
    facts_by_saying = [facts_of(saying.record) for saying in fresh]
    namesakes = known_namesakes([facts for facts, saying in zip(facts_by_saying, fresh, strict=True) if saying.work is None])
    by_work: dict[int, list[Fresh]] = defaultdict(list)
    made = 0
    for saying, facts in zip(fresh, facts_by_saying, strict=True):
        record = saying.record
        work = saying.work
        if work is None:
            linked = (owners[one] for one in record.identifiers if one in owners and one[0] in IDENTIFIERS_THAT_LINK)
            related = chain(
                (owners[one] for one in kin_of(record) if one in owners), (kin[one] for one in record.identifiers if one in kin)
            )
            named = (other for other in chain(linked, related) if not contradicts(facts.identifiers, distinct[other]))
            work = next(chain(named, namesakes.of(facts)), None)
            if work is None:
                made += 1
                work = -made
                tally.new += 1
            else:
                tally.merged += 1
        by_work[work].append(saying)
        distinct[work] |= {identifier for identifier in facts.identifiers if identifier[0] in ONE_PER_WORK}
        namesakes.add(facts, work)
        for identifier in kin_of(record):
            kin.setdefault(identifier, work)
        for identifier in record.identifiers:
            if owners.setdefault(identifier, work) != work:
                tally.reservations.append(conflict(saying, identifier))
    propose_related(by_work, owners, distinct)
    return by_work, owners


def propose_related(
    by_work: Mapping[int, Sequence[Fresh]], owners: Mapping[Identifier, int], distinct: Mapping[int, set[Identifier]]
) -> None:
    """Two works that stood already, of which a record now says that they are one, are proposed for a merge. At most one query."""
    pairs = {
        (work, other): saying.record.registry
        for work, its in by_work.items()
        for saying in its
        for identifier in kin_of(saying.record)
        if (other := owners.get(identifier, work)) != work and min(work, other) > 0 and not contradicts(distinct[work], distinct[other])
    }
    propose_merges(
        works=[
            ProposedPair(
                one=one,
                other=other,
                score=0.9,
                reasons=[{"says": f"{registry} says that they are states of one work", "feature": "relation", "value": 1}],
            )
            for (one, other), registry in pairs.items()
        ]
    )


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
