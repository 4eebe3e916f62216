"""Organisations as registries list them, taken into the record: a fixed number of statements for any number of them.

ROR's word counts most: what OpenAlex says of an organisation's name, place and state stands only until ROR tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.utils import timezone

from works.actions.imports.batch import Tally
from works.actions.imports.entities import INSTITUTION, find_or_make
from works.actions.imports.locks import lock_record
from works.actions.imports.staging import Row, copy_rows, insert_missing, select, stage_rows, update_rows
from works.actions.summaries import refresh_summaries
from works.importers.record import Identifier, ImportedInstitution, content_hash, to_json
from works.names import fold

LEADING = "ror"
# Of these an organisation has one; ROR lists several funder ids and ISNIs for some.
ONE_PER_INSTITUTION = ("ror", "grid", "openalex", "wikidata")
COLUMNS = {"id": "int8", "name": "text", "name_key": "text", "country_code": "text", "kind": "text", "city": "text", "status": "text"}
Name = tuple[str, str]


def take_in_institutions(records: Sequence[ImportedInstitution]) -> Tally:
    """Write the organisations, their names, identifiers and relations. The authors whose pages now show another name of their
    institution stand in `Tally.author_ids`."""
    tally = Tally()
    lock_record()
    wanted = {(record.registry, record.key): record for record in records}
    hashes = {name: content_hash(to_json(record)) for name, record in wanted.items()}
    standing = known(list(wanted))
    fresh = [name for name in wanted if name not in standing or standing[name][1] != hashes[name]]
    tally.unchanged = len(records) - len(fresh)
    tally.changed = sum(name in standing for name in fresh)
    tally.new = len(fresh) - tally.changed
    if not fresh:
        return tally
    ids = place_institutions([wanted[name] for name in fresh], {name: standing[name][0] for name in fresh if name in standing})
    write_columns([wanted[name] for name in fresh], ids, tally)
    write_lists([wanted[name] for name in fresh], ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM works_institutionrecord USING unnest(%s::text[], %s::text[]) AS gone (registry, key)"
            " WHERE works_institutionrecord.registry = gone.registry AND works_institutionrecord.key = gone.key",
            [[registry for registry, _ in fresh], [key for _, key in fresh]],
        )
    copy_rows(
        "works_institutionrecord",
        {"registry": "text", "key": "text", "institution_id": "int8", "content_hash": "bytea", "retrieved_at": "timestamptz"},
        ((*name, ids[name], hashes[name], timezone.now()) for name in fresh),
    )
    refresh_summaries(author_ids=tally.author_ids)
    return tally


def known(names: Sequence[Name]) -> dict[Name, tuple[int, bytes]]:
    """The institution and content hash of each record that stands. One query."""
    return {
        (registry, key): (institution, bytes(digest))
        for registry, key, institution, digest in select(
            "SELECT registry, key, institution_id, content_hash FROM works_institutionrecord"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (registry, key) USING (registry, key)",
            [[registry for registry, _ in names], [key for _, key in names]],
        )
    }


def place_institutions(records: Sequence[ImportedInstitution], standing: dict[Name, int]) -> dict[Name, int]:
    """The institution of each record: the one that it had, else one that an identifier or its name finds, else a new one."""
    open_ones = {(record.registry, record.key): record for record in records if (record.registry, record.key) not in standing}
    entities = {name: (record.name, record.country, telling(record), {"kind": record.kind}) for name, record in open_ones.items()}
    found = find_or_make(INSTITUTION, entities.values())
    ids = standing | {name: found[entity[:3]] for name, entity in entities.items()}
    insert_missing(
        "works_institutionidentifier",
        {"scheme": "text", "value": "text", "institution_id": "int8"},
        sorted({(*pair, ids[record.registry, record.key]) for record in reversed(records) for pair in record.identifiers}),
        key=("scheme", "value"),
    )
    return ids


def telling(record: ImportedInstitution) -> tuple[Identifier, ...]:
    """The first identifier of each scheme that tells organisations apart."""
    first: dict[str, str] = {}
    for scheme, value in record.identifiers:
        first.setdefault(scheme, value)
    return tuple((scheme, first[scheme]) for scheme in ONE_PER_INSTITUTION if scheme in first)


def write_columns(records: Sequence[ImportedInstitution], ids: dict[Name, int], tally: Tally) -> None:
    """Name, place and state: ROR's, or another registry's where ROR does not know the institution. Notes whose page shows another name."""
    led = {
        institution
        for (institution,) in select(
            "SELECT DISTINCT institution_id FROM works_institutionrecord WHERE registry = %s AND institution_id = ANY(%s)",
            [LEADING, sorted(ids.values())],
        )
    }
    chosen: dict[int, ImportedInstitution] = {}
    for record in records:
        institution = ids[record.registry, record.key]
        if record.registry == LEADING or (institution not in led and institution not in chosen):
            chosen[institution] = record
    names: dict[int, str] = dict(select("SELECT id, name FROM works_institution WHERE id = ANY(%s)", [sorted(chosen)]))
    renamed = sorted(institution for institution, record in chosen.items() if names[institution] != record.name)
    update_rows(
        "works_institution",
        COLUMNS,
        (
            (institution, record.name, fold(record.name), record.country, record.kind, record.city, record.status)
            for institution, record in sorted(chosen.items())
        ),
    )
    if renamed:
        tally.author_ids |= {
            author
            for (author,) in select(
                "SELECT DISTINCT authorship.author_id FROM works_affiliation affiliation"
                " JOIN works_authorship authorship ON authorship.id = affiliation.authorship_id"
                " WHERE affiliation.institution_id = ANY(%s) AND authorship.author_id IS NOT NULL",
                [renamed],
            )
        }


def write_lists(records: Sequence[ImportedInstitution], ids: dict[Name, int]) -> None:
    """Names and relations of each registry, in place of what it said before; rows that stay are left alone."""
    named = {
        (ids[record.registry, record.key], record.registry, kind, name, fold(name)) for record in records for kind, name in record.names
    }
    related = {(ids[record.registry, record.key], record.registry, *relation) for record in records for relation in record.relations}
    told = sorted({(ids[record.registry, record.key], record.registry) for record in records})
    replace_rows(
        "works_institutionname",
        {"institution_id": "int8", "registry": "text", "kind": "text", "name": "text", "name_key": "text"},
        {(row[0], row[1], row[2], row[4]): row for row in sorted(named, reverse=True)}.values(),
        told,
        key=("institution_id", "registry", "kind", "name_key"),
    )
    replace_rows(
        "works_institutionrelation",
        {"institution_id": "int8", "registry": "text", "kind": "text", "scheme": "text", "value": "text"},
        related,
        told,
        key=("institution_id", "registry", "kind", "scheme", "value"),
    )


def replace_rows(table: str, columns: dict[str, str], rows: Iterable[Row], told: Sequence[tuple[int, str]], *, key: Sequence[str]) -> None:
    """Make `rows` all that `table` holds for these institutions and registries. Three statements."""
    staged = stage_rows(f"staged_{table}", columns, rows)
    same = " AND ".join(f"standing.{column} = staged.{column}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} standing USING unnest(%s::bigint[], %s::text[]) AS told (institution_id, registry)"
            " WHERE standing.institution_id = told.institution_id AND standing.registry = told.registry"
            f" AND NOT EXISTS (SELECT 1 FROM {staged} staged WHERE {same})",
            [[institution for institution, _ in told], [registry for _, registry in told]],
        )
        names = ", ".join(columns)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staged} ON CONFLICT ({', '.join(key)}) DO NOTHING")
