"""The rows of a batch of reconciled works: ids, columns, cards; new rows by COPY, standing ones by comparison.

What hangs on a work that stood already (byline, topics, references) is taken away and written anew; a place whose name stays keeps its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from django.db import connection
from django.utils import timezone

from works.actions.attribution.owing import owe_blocks
from works.actions.imports.entities import (
    INSTITUTION,
    SOURCE,
    find_or_make,
    find_or_make_topics,
    fresh_public_ids,
    institution_entity,
    source_entity,
)
from works.actions.imports.people import People, place_people
from works.actions.imports.printed import institutions_at, with_lines_split
from works.actions.imports.staging import as_jsonb, copy_rows, insert_missing, reserve_ids, select, update_rows
from works.actions.shelves import owe_shelving
from works.actions.summaries import refresh_summaries
from works.importers.record import Identifier, ImportedAffiliation, ImportedWork
from works.matching import byline_hash
from works.names import fold, slugify, title_hash

CARD_AUTHORS = 20
CARD_TOPICS = 6

WORK_COLUMNS = {
    "id": "int8", "type": "text", "title": "text", "title_key": "text", "title_hash": "int8", "byline_hash": "int8", "abstract": "text",
    "abstract_from": "text", "year": "int2", "published_on": "date", "language": "text", "notice": "text", "source_id": "int8",
    "authors_count": "int4", "is_byline_cut": "bool", "card": "jsonb", "volume": "text", "issue": "text", "pages": "text",
    "publisher": "text",
}  # fmt: skip
AUTHORSHIP_COLUMNS = {
    "id": "int8", "work_id": "int8", "position": "int2", "author_id": "int8", "raw_name": "text", "name": "text", "orcid": "text",
    "orcid_asserted_by": "text", "matched_by": "text", "confidence": "float8", "evidence": "jsonb", "block": "text",
    "person_ids": "varchar[]", "year": "int2",
}  # fmt: skip

AFFILIATION_COLUMNS = {
    "authorship_id": "int8", "place": "int2", "raw": "text", "institution_id": "int8", "asserted_by": "text", "is_inferred": "bool",
}  # fmt: skip


class Saying(Protocol):
    """A registry record to be stored: works.actions.imports.batch.Fresh."""

    id: int | None
    content_hash: bytes
    past_hashes: list[bytes]
    payload: dict[str, Any]
    record: ImportedWork


def write_works(
    works: Mapping[int, ImportedWork],
    *,
    abstracts_from: Mapping[int, str],
    asserters: Mapping[int, Sequence[str]],
    orcid_asserters: Mapping[int, Sequence[str]],
    owners: Mapping[Identifier, int],
    sayings: Mapping[int, Sequence[Saying]],
    run_id: int | None,
) -> set[int]:
    """Write the works (by id; negative ones are new) and all that hangs on them. The ids of the authors whose works changed.

    `asserters`, `orcid_asserters`: for each place of a work's byline, who answers for its affiliations, and who for its ORCID iD.
    """
    existing = sorted(work for work in works if work > 0)
    made = sorted((work for work in works if work < 0), reverse=True)
    ids = dict(zip(made, reserve_ids("works_work", len(made)), strict=True)) | {work: work for work in existing}
    records = {ids[work]: record for work, record in works.items()}
    new_ids = [ids[work] for work in made]
    owned = {identifier: ids.get(work, work) for identifier, work in owners.items()}

    sources = find_or_make(SOURCE, [source_entity(record.source) for record in records.values() if record.source])
    topics = find_or_make_topics(topic for record in records.values() for topic in record.topics)
    records, inferred = with_lines_split(records)
    institutions = find_or_make(INSTITUTION, [institution_entity(one) for record in records.values() for one in named_institutions(record)])
    people = place_people(
        records,
        existing=existing,
        institutions={
            work: [institutions_at(author, institutions, inferred) for author in record.authors] for work, record in records.items()
        },
    )
    clear_works(existing)
    write_authors(people)

    rows = {
        work: (
            work,
            record.type,
            record.title,
            fold(record.title),
            title_hash(fold(record.title)),
            byline_hash([fold(author.name) for author in record.authors]),
            record.abstract,
            abstract_from,
            record.year,
            date.fromisoformat(record.published_on) if record.published_on else None,
            record.language,
            record.notice,
            sources[source_entity(record.source)[:3]] if record.source else None,
            len(record.authors),
            record.is_byline_cut,
            as_jsonb(card_of(work, record, people, topics, owned)),
            record.volume,
            record.issue,
            record.pages,
            record.publisher,
        )
        for (work, record), abstract_from in zip(records.items(), (abstracts_from[work] for work in works), strict=True)
    }
    write_new_works(new_ids, rows, records)
    update_rows("works_work", WORK_COLUMNS, (rows[work] for work in existing))

    drop_identifiers(existing, records)
    write_identifiers(records, owned)
    write_topics(records, topics)
    write_bylines(
        records,
        people,
        {ids[work]: its for work, its in asserters.items()},
        {ids[work]: its for work, its in orcid_asserters.items()},
    )
    write_references(records)
    write_records(sayings, ids, run_id)
    owe_blocks(people.unsettled)
    owe_shelving(work_ids=records)
    refresh_summaries(author_ids=people.touched)
    return people.touched


def named_institutions(record: ImportedWork) -> Iterable[ImportedAffiliation]:
    return (affiliation for author in record.authors for affiliation in author.affiliations if affiliation.name)


def card_of(
    work: int,
    record: ImportedWork,
    people: People,
    topics: Mapping[tuple[str, str], tuple[int, str, str]],
    owned: Mapping[Identifier, int],
) -> dict[str, Any]:
    """What a list shows of the work; the form is described at works.models.Work."""
    return {
        "authors": [
            {
                "name": people.hidden.get((place.author or 0, place.name_key), place.printed.name),
                "slug": people.slugs[place.author] if place.author else None,
            }
            for place in people.places[work][:CARD_AUTHORS]
        ],
        "topics": [
            {"label": label, "slug": f"{slugify(label)}-{opaque}"}
            for _, label, opaque in (topics[topic.scheme, topic.code] for topic in record.topics[:CARD_TOPICS])
        ],
        "identifiers": [list(identifier) for identifier in record.identifiers if owned[identifier] == work],
        "source": record.source.name if record.source else None,
    }


def clear_works(existing: list[int]) -> None:
    """Take away what hangs on works that stood already; foreign keys are checked at the end of the transaction, when it is back."""
    if not existing:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM works_affiliation WHERE authorship_id IN (SELECT id FROM works_authorship WHERE work_id = ANY(%s))", [existing]
        )
        for table in ("works_authorship", "works_worktopic", "works_reference"):
            cursor.execute(f"DELETE FROM {table} WHERE work_id = ANY(%s)", [existing])


def write_authors(people: People) -> None:
    """The new authors, and every identifier that a registry now ties to an author, new or known."""
    now = timezone.now()
    copy_rows(
        "works_author",
        {
            "id": "int8", "public_id": "text", "name": "text", "name_key": "text", "works_count": "int4", "topics_count": "int4",
            "summary": "jsonb", "created_at": "timestamptz",
        },
        ((*author, 0, 0, as_jsonb({}), now) for author in people.made),
    )  # fmt: skip
    tied = {
        (*identifier, place.author)
        for places in people.places.values()
        for place in places
        if place.author
        for identifier in place.identifiers
    }
    insert_missing(
        "works_authoridentifier", {"scheme": "text", "value": "text", "author_id": "int8"}, first_of_each(tied), key=("scheme", "value")
    )


def first_of_each(rows: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """One row for each (scheme, value): where two are given it, the one with the smaller id has it."""
    ordered = sorted(rows, reverse=True)
    return sorted({(scheme, value): (scheme, value, owner) for scheme, value, owner in ordered}.values())


def write_new_works(new_ids: Sequence[int], rows: Mapping[int, tuple[Any, ...]], records: Mapping[int, ImportedWork]) -> None:
    now = timezone.now()
    opaque = fresh_public_ids("works_work", [("work", records[work].registry, records[work].key) for work in new_ids])
    copy_rows(
        "works_work",
        WORK_COLUMNS | {"public_id": "text", "created_at": "timestamptz"},
        ((*rows[work], opaque_id, now) for work, opaque_id in zip(new_ids, opaque, strict=True)),
    )


def drop_identifiers(existing: Sequence[int], records: Mapping[int, ImportedWork]) -> None:
    """Identifiers that no registry record of the work gives any more: somebody corrected a mistake."""
    gone = [
        row
        for row, scheme, value, work in select(
            "SELECT id, scheme, value, work_id FROM works_workidentifier WHERE work_id = ANY(%s)", [list(existing)]
        )
        if (scheme, value) not in records[work].identifiers
    ]
    if gone:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM works_workidentifier WHERE id = ANY(%s)", [gone])


def write_identifiers(records: Mapping[int, ImportedWork], owners: Mapping[Identifier, int]) -> None:
    """Each identifier of the batch at the work that owns it; and the references that waited for one of them are tied to their work."""
    rows = sorted(
        {(*identifier, work) for work, record in records.items() for identifier in record.identifiers if owners[identifier] == work}
    )
    written = insert_missing("works_workidentifier", {"scheme": "text", "value": "text", "work_id": "int8"}, rows, key=("scheme", "value"))
    if written:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE works_reference reference SET cited_id = wanted.work
                FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS wanted (scheme, value, work)
                WHERE reference.cited_id IS NULL AND reference.scheme = wanted.scheme AND reference.value = wanted.value
                    AND reference.work_id <> wanted.work
                """,
                [list(column) for column in zip(*(row[1:] for row in written), strict=True)],
            )


def write_topics(records: Mapping[int, ImportedWork], topics: Mapping[tuple[str, str], tuple[int, str, str]]) -> None:
    copy_rows(
        "works_worktopic",
        {"work_id": "int8", "topic_id": "int8", "place": "int2"},
        (
            (work, topics[topic.scheme, topic.code][0], place)
            for work, record in records.items()
            for place, topic in enumerate(record.topics, start=1)
        ),
    )


def write_bylines(
    records: Mapping[int, ImportedWork],
    people: People,
    asserters: Mapping[int, Sequence[str]],
    orcid_asserters: Mapping[int, Sequence[str]],
) -> None:
    """The authorships with their affiliations."""
    places = [place for work in records for place in people.places[work]]
    fresh = iter(reserve_ids("works_authorship", sum(place.authorship is None for place in places)))
    for place in places:
        if place.authorship is None:
            place.authorship = next(fresh)
    copy_rows(
        "works_authorship",
        AUTHORSHIP_COLUMNS,
        (
            (
                place.authorship,
                place.work,
                place.position,
                place.author,
                place.printed.raw_name,
                place.printed.name,
                dict(place.printed.identifiers).get("orcid", ""),
                orcid_asserters[place.work][place.position - 1],
                place.matched_by,
                place.confidence,
                as_jsonb(dict(place.evidence)),
                place.block,
                sorted(f"{scheme}:{value}" for scheme, value in place.identifiers if scheme != "orcid"),
                records[place.work].year,
            )
            for place in places
        ),
    )
    copy_rows(
        "works_affiliation",
        AFFILIATION_COLUMNS,
        (
            (
                place.authorship,
                at,
                affiliation.raw or affiliation.name,
                institution,
                affiliation.asserted_by or asserters[place.work][place.position - 1],
                institution is not None and not affiliation.name,
            )
            for place in places
            for at, (affiliation, institution) in enumerate(zip(place.printed.affiliations, place.institutions, strict=True), start=1)
        ),
    )


def write_references(records: Mapping[int, ImportedWork]) -> None:
    """The references, each tied to the work it cites where that is in the record."""
    references = sorted({reference for record in records.values() for reference in record.references})
    cited = {
        (scheme, value): work
        for scheme, value, work in select(
            "SELECT scheme, value, work_id FROM works_workidentifier"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value)",
            [[scheme for scheme, _ in references], [value for _, value in references]],
        )
    }
    copy_rows(
        "works_reference",
        {"work_id": "int8", "scheme": "text", "value": "text", "cited_id": "int8"},
        (
            (work, *reference, cited.get(reference))
            for work, record in records.items()
            for reference in record.references
            if cited.get(reference) != work
        ),
    )


def write_records(sayings: Mapping[int, Sequence[Saying]], ids: Mapping[int, int], run_id: int | None) -> None:
    """What the registries said, as they said it."""
    now = timezone.now()
    rows = [
        (
            saying.id, saying.record.registry, saying.record.key, ids[work], saying.content_hash, saying.past_hashes,
            as_jsonb(saying.payload), run_id, now,
        )
        for work, its in sayings.items()
        for saying in its
    ]  # fmt: skip
    columns = {
        "id": "int8", "registry": "text", "key": "text", "work_id": "int8", "content_hash": "bytea", "past_hashes": "bytea[]",
        "payload": "jsonb", "run_id": "int8", "retrieved_at": "timestamptz",
    }  # fmt: skip
    copy_rows("works_registryrecord", dict(list(columns.items())[1:]), (row[1:] for row in rows if row[0] is None))
    update_rows("works_registryrecord", columns, (row for row in rows if row[0] is not None))
