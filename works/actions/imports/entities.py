"""Sources, institutions and topics of a batch: found by identifier or name, else made. A handful of queries, whatever the batch holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from works.actions.imports.staging import copy_rows, insert_missing, reserve_ids, select
from works.importers.record import Identifier, ImportedAffiliation, ImportedSource, ImportedTopic
from works.names import fold, public_id

Seed = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Where a kind of named thing lives: its table, the column that tells equal names apart, the table and column of its identifiers."""

    table: str
    qualifier: str
    identifier_table: str
    identifier_column: str


SOURCE = Kind(table="works_source", qualifier="kind", identifier_table="works_sourceidentifier", identifier_column="source_id")
INSTITUTION = Kind(
    table="works_institution", qualifier="country_code", identifier_table="works_institutionidentifier", identifier_column="institution_id"
)

# What entity_of() makes of a source or an affiliation: name, qualifier, identifiers, further columns.
Entity = tuple[str, str, tuple[Identifier, ...], Mapping[str, str]]


def fresh_public_ids(table: str, seeds: Sequence[Seed]) -> list[str]:
    """A public id for each seed, none of which stands in `table` or twice in the answer. One query, and one more for each collision."""
    chosen: list[str] = [public_id(*seed) for seed in seeds]
    settled: set[str] = set()
    salt = 0
    pending = list(range(len(seeds)))
    while pending:
        taken = {row[0] for row in select(f"SELECT public_id FROM {table} WHERE public_id = ANY(%s)", [[chosen[at] for at in pending]])}
        again = []
        for at in pending:
            if chosen[at] in taken or chosen[at] in settled:
                again.append(at)
            else:
                settled.add(chosen[at])
        salt += 1
        for at in again:
            chosen[at] = public_id(*seeds[at], "again", salt)
        pending = again
    return chosen


def source_entity(source: ImportedSource) -> Entity:
    return source.name, source.kind, source.identifiers, {}


def institution_entity(affiliation: ImportedAffiliation) -> Entity:
    return affiliation.name, affiliation.country, affiliation.identifiers, {"kind": affiliation.kind[:32]}


def find_or_make(kind: Kind, entities: Iterable[Entity]) -> dict[tuple[str, str, tuple[Identifier, ...]], int]:
    """The id of each entity, keyed by (name, qualifier, identifiers).

    An identifier decides. Without one that is known, an equal folded name with an equal qualifier does, unless both have an
    identifier of one scheme and they differ: then they are two things of one name. Five queries at most.
    """
    wanted = {(name, qualifier, identifiers): extra for name, qualifier, identifiers, extra in entities}
    if not wanted:
        return {}
    by_identifier, by_name, schemes = known_entities(kind, wanted)
    found: dict[tuple[str, str, tuple[Identifier, ...]], int] = {}
    made: list[tuple[int, tuple[str, str, tuple[Identifier, ...]]]] = []
    ids = iter(reserve_ids(kind.table, len(wanted)))
    for entity in wanted:
        name, qualifier, identifiers = entity
        match = next((by_identifier[identifier] for identifier in identifiers if identifier in by_identifier), None)
        if match is None:
            namesakes = by_name.get((fold(name), qualifier), [])
            match = next((one for one in namesakes if all(schemes[one].get(scheme, value) == value for scheme, value in identifiers)), None)
        if match is None:
            match = next(ids)
            made.append((match, entity))
            by_name.setdefault((fold(name), qualifier), []).append(match)
        schemes.setdefault(match, {}).update(dict(identifiers))
        for identifier in identifiers:
            by_identifier.setdefault(identifier, match)
        found[entity] = match

    seeds: list[Seed] = [(kind.table, fold(name), qualifier, *map(":".join, identifiers)) for _, (name, qualifier, identifiers) in made]
    extras = sorted({column for extra in wanted.values() for column in extra})
    copy_rows(
        kind.table,
        {"id": "int8", "public_id": "text", "name": "text", "name_key": "text", kind.qualifier: "text", **dict.fromkeys(extras, "text")},
        (
            (entity_id, opaque, entity[0], fold(entity[0]), entity[1], *(wanted[entity][column] for column in extras))
            for (entity_id, entity), opaque in zip(made, fresh_public_ids(kind.table, seeds), strict=True)
        ),
    )
    insert_missing(
        kind.identifier_table,
        {"scheme": "text", "value": "text", kind.identifier_column: "int8"},
        sorted({(*identifier, by_identifier[identifier]) for entity in wanted for identifier in entity[2]}),
        key=("scheme", "value"),
    )
    return found


def known_entities(
    kind: Kind, wanted: Iterable[tuple[str, str, tuple[Identifier, ...]]]
) -> tuple[dict[Identifier, int], dict[tuple[str, str], list[int]], dict[int, dict[str, str]]]:
    """Those that stand in the record already: by identifier, by (folded name, qualifier), and the identifiers of each. Three queries."""
    identifiers = sorted({identifier for _, _, its in wanted for identifier in its})
    by_identifier = {
        (scheme, value): entity
        for scheme, value, entity in select(
            f"SELECT scheme, value, {kind.identifier_column} FROM {kind.identifier_table}"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value)",
            [[scheme for scheme, _ in identifiers], [value for _, value in identifiers]],
        )
    }
    by_name: dict[tuple[str, str], list[int]] = {}
    for entity, name_key, qualifier in select(
        f"SELECT id, name_key, {kind.qualifier} FROM {kind.table} WHERE name_key = ANY(%s) ORDER BY id",
        [sorted({fold(name) for name, _, _ in wanted})],
    ):
        by_name.setdefault((name_key, qualifier), []).append(entity)
    namesakes = [entity for entities in by_name.values() for entity in entities]
    schemes: dict[int, dict[str, str]] = {entity: {} for entity in (*namesakes, *by_identifier.values())}
    for entity, scheme, value in select(
        f"SELECT {kind.identifier_column}, scheme, value FROM {kind.identifier_table} WHERE {kind.identifier_column} = ANY(%s)", [namesakes]
    ):
        schemes[entity][scheme] = value
    return by_identifier, by_name, schemes


def find_or_make_topics(topics: Iterable[ImportedTopic]) -> dict[tuple[str, str], tuple[int, str, str]]:
    """(id, label, public id) of each topic, keyed by (scheme, code). Four queries."""
    labels = {(topic.scheme, topic.code): topic.label for topic in topics}
    keys = sorted(labels)
    if not keys:
        return {}
    known = """
        SELECT scheme, code, id, label, public_id FROM works_topic
        JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, code) USING (scheme, code)
    """
    columns = [[scheme for scheme, _ in keys], [code for _, code in keys]]
    found = {(scheme, code): (topic, label, opaque) for scheme, code, topic, label, opaque in select(known, columns)}
    missing = [key for key in keys if key not in found]
    if missing:
        opaque_ids = fresh_public_ids("works_topic", [("topic", *key) for key in missing])
        ids = reserve_ids("works_topic", len(missing))
        made = [
            (topic, opaque, scheme, code, labels[scheme, code])
            for topic, opaque, (scheme, code) in zip(ids, opaque_ids, missing, strict=True)
        ]
        copy_rows("works_topic", {"id": "int8", "public_id": "text", "scheme": "text", "code": "text", "label": "text"}, made)
        found |= {(scheme, code): (topic, label, opaque) for topic, opaque, scheme, code, label in made}
    return found
