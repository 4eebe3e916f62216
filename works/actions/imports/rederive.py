"""Works derived again from the registry records that stand: for when people moved records from work to work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import orjson
from django.db import connection

from works.actions.imports.batch import derive_works
from works.actions.imports.identity import known_owners
from works.actions.imports.staging import select
from works.importers.record import Identifier, ImportedWork, from_json


def rederive_works(*, work_ids: Collection[int]) -> set[int]:
    """Write these works, which have records, as those now tell; the ids of the authors whose works changed.

    An identifier stays with its work as long as a record of that work gives it; else it goes to the first of these works that is given it.
    The caller holds the record's lock. As many statements as a batch of an import.
    """
    sayings: dict[int, list[ImportedWork]] = defaultdict(list)
    for work, payload in select(
        "SELECT work_id, payload FROM works_registryrecord WHERE work_id = ANY(%s) ORDER BY work_id, registry, key", [sorted(work_ids)]
    ):
        sayings[work].append(from_json(orjson.loads(payload)))
    owners = owners_among({work: {one for record in says for one in record.identifiers} for work, says in sayings.items()})
    touched = derive_works(sayings, owners=owners, renewed={}, run_id=None)
    retie_references(work_ids=sayings)
    return touched


def owners_among(works: Mapping[int, Collection[Identifier]]) -> dict[Identifier, int]:
    """Which work each of the works' identifiers belongs to; one that changes hands is taken from its work here, to be written anew."""
    given: dict[Identifier, list[int]] = defaultdict(list)
    for work in sorted(works):
        for identifier in works[work]:
            given[identifier].append(work)
    owners = {}
    moved: list[Identifier] = []
    present = known_owners(given)
    for identifier, its in given.items():
        owner = present.get(identifier)
        owners[identifier] = owner if owner is not None and (owner not in works or owner in its) else its[0]
        if owner is not None and owner != owners[identifier]:
            moved.append(identifier)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM works_workidentifier its USING unnest(%s::text[], %s::text[]) AS moved (scheme, value)"
            " WHERE its.scheme = moved.scheme AND its.value = moved.value",
            [[scheme for scheme, _ in moved], [value for _, value in moved]],
        )
    return owners


def retie_references(*, work_ids: Collection[int]) -> None:
    """References to what an identifier of these works names lead to the work that has it now; to nothing, where that is the work itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE works_reference reference SET cited_id = NULLIF(its.work_id, reference.work_id)
            FROM works_workidentifier its
            WHERE its.work_id = ANY(%s) AND reference.scheme = its.scheme AND reference.value = its.value
                AND reference.cited_id IS DISTINCT FROM NULLIF(its.work_id, reference.work_id)
            """,
            [sorted(work_ids)],
        )
