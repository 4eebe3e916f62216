"""The rows that the lines of a dump become, a batch at a time: one COPY for each table."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from works.actions.imports.rows import CARD_AUTHORS, CARD_TOPICS
from works.actions.imports.staging import as_jsonb, copy_rows, reserve_ids, select
from works.actions.shelves import owe_shelving
from works.matching import byline_hash
from works.names import fold, parse_name, slugify, title_hash

Line = dict[str, Any]


def ids_of(table: str, public_ids: Collection[str]) -> dict[str, int]:
    """The rows that these public ids name. A name that nothing has is a KeyError for whoever looks it up. One query."""
    return dict(select(f"SELECT public_id, id FROM works_{table} WHERE public_id = ANY(%s)", [sorted(set(public_ids))]))


def write_identifiers(of: str, rows: list[tuple[int, Line]]) -> None:
    copy_rows(
        f"works_{of}identifier",
        {"scheme": "text", "value": "text", f"{of}_id": "int8"},
        ((scheme, value, key) for key, line in rows for scheme, value in line["identifiers"]),
    )


def numbered(table: str, batch: list[Line]) -> list[tuple[int, Line]]:
    return list(zip(reserve_ids(f"works_{table}", len(batch)), batch, strict=True))


def write_sources(batch: list[Line]) -> None:
    rows = numbered("source", batch)
    copy_rows(
        "works_source",
        {"id": "int8", "public_id": "text", "name": "text", "name_key": "text", "kind": "text"},
        ((key, line["id"], line["name"], fold(line["name"]), line["kind"]) for key, line in rows),
    )
    write_identifiers("source", rows)


def write_topics(batch: list[Line]) -> None:
    copy_rows(
        "works_topic",
        {"id": "int8", "public_id": "text", "scheme": "text", "code": "text", "label": "text"},
        ((key, line["id"], line["scheme"], line["code"], line["label"]) for key, line in numbered("topic", batch)),
    )


def write_institutions(batch: list[Line]) -> None:
    rows = numbered("institution", batch)
    copy_rows(
        "works_institution",
        {
            "id": "int8", "public_id": "text", "name": "text", "name_key": "text", "country_code": "text", "city": "text", "kind": "text",
            "status": "text",
        },
        (
            (key, line["id"], line["name"], fold(line["name"]), line["country_code"], line["city"], line["kind"], line["status"])
            for key, line in rows
        ),
    )  # fmt: skip
    write_identifiers("institution", rows)
    copy_rows(
        "works_institutionname",
        {"institution_id": "int8", "registry": "text", "kind": "text", "name": "text", "name_key": "text"},
        ((key, registry, kind, name, fold(name)) for key, line in rows for registry, kind, name in line["names"]),
    )
    copy_rows(
        "works_institutionrelation",
        {"institution_id": "int8", "registry": "text", "kind": "text", "scheme": "text", "value": "text"},
        ((key, *relation) for key, line in rows for relation in line["relations"]),
    )


AUTHOR_COLUMNS = {
    "id": "int8", "public_id": "text", "name": "text", "name_key": "text", "other_keys": "text", "works_count": "int4",
    "topics_count": "int4", "summary": "jsonb", "created_at": "timestamptz", "merged_into_id": "int8",
}  # fmt: skip


def write_authors(batch: list[Line]) -> None:
    rows = numbered("author", batch)
    copy_rows(
        "works_author",
        AUTHOR_COLUMNS,
        (
            (
                key, line["id"], line["name"], fold(line["name"]), "\n".join(map(fold, line["other_names"])), 0, 0, as_jsonb({}),
                datetime.fromisoformat(line["recorded_at"]), None,
            )
            for key, line in rows
        ),
    )  # fmt: skip
    write_identifiers("author", rows)
    copy_rows(
        "works_authorname",
        {"author_id": "int8", "name": "text", "name_key": "text", "is_public": "bool", "is_of_record": "bool"},
        ((key, name, fold(name), True, False) for key, line in rows for name in line["other_names"]),
    )


WORK_COLUMNS = {
    "id": "int8", "public_id": "text", "type": "text", "title": "text", "title_key": "text", "title_hash": "int8", "byline_hash": "int8",
    "abstract": "text", "abstract_from": "text", "year": "int2", "published_on": "date", "language": "text", "notice": "text",
    "source_id": "int8", "volume": "text", "issue": "text", "pages": "text", "publisher": "text", "authors_count": "int4",
    "is_byline_cut": "bool", "card": "jsonb", "created_at": "timestamptz", "merged_into_id": "int8",
}  # fmt: skip


def write_works(batch: list[Line]) -> None:
    sources = ids_of("source", [line["source"] for line in batch if line["source"]])
    topics = ids_of("topic", [topic for line in batch for topic in line["topics"]])
    places = [place for line in batch for place in line["authorships"]]
    authors = ids_of("author", [place["author"] for place in places if place["author"]])
    institutions = ids_of("institution", [one["institution"] for place in places for one in place["affiliations"] if one["institution"]])
    cards = cards_of(batch)
    rows = numbered("work", batch)
    copy_rows(
        "works_work",
        WORK_COLUMNS,
        (
            (
                key, line["id"], line["type"], line["title"], fold(line["title"]), title_hash(fold(line["title"])),
                byline_hash([fold(place["name"]) for place in line["authorships"]]), line["abstract"], line["abstract_from"], line["year"],
                date.fromisoformat(line["published_on"]) if line["published_on"] else None, line["language"], line["notice"],
                sources[line["source"]] if line["source"] else None, line["volume"], line["issue"], line["pages"], line["publisher"],
                line["authors_count"], line["is_byline_cut"], as_jsonb(cards[line["id"]]), datetime.fromisoformat(line["recorded_at"]),
                None,
            )
            for key, line in rows
        ),
    )  # fmt: skip
    write_identifiers("work", rows)
    copy_rows(
        "works_worktopic",
        {"work_id": "int8", "topic_id": "int8", "place": "int2"},
        ((key, topics[topic], place) for key, line in rows for place, topic in enumerate(line["topics"], 1)),
    )
    write_bylines(rows, authors, institutions)
    owe_shelving(work_ids=[key for key, _ in rows])


def cards_of(batch: list[Line]) -> dict[str, Line]:
    """What lists show of each work; the form is described at works.models.Work. Three queries."""
    first = {line["id"]: line["authorships"][:CARD_AUTHORS] for line in batch}
    slugs = {
        public_id: f"{slugify(name)}-{public_id}"
        for public_id, name in select(
            "SELECT public_id, name FROM works_author WHERE public_id = ANY(%s)",
            [sorted({place["author"] for its in first.values() for place in its if place["author"]})],
        )
    }
    labels = dict(
        select(
            "SELECT public_id, label FROM works_topic WHERE public_id = ANY(%s)",
            [sorted({topic for line in batch for topic in line["topics"][:CARD_TOPICS]})],
        )
    )
    names = dict(
        select(
            "SELECT public_id, name FROM works_source WHERE public_id = ANY(%s)",
            [sorted({line["source"] for line in batch if line["source"]})],
        )
    )
    return {
        line["id"]: {
            "authors": [
                {"name": place["name"], "slug": slugs[place["author"]] if place["author"] else None} for place in first[line["id"]]
            ],
            "topics": [{"label": labels[one], "slug": f"{slugify(labels[one])}-{one}"} for one in line["topics"][:CARD_TOPICS]],
            "identifiers": line["identifiers"],
            "source": names[line["source"]] if line["source"] else None,
        }
        for line in batch
    }


AUTHORSHIP_COLUMNS = {
    "id": "int8", "work_id": "int8", "position": "int2", "author_id": "int8", "raw_name": "text", "name": "text", "orcid": "text",
    "orcid_asserted_by": "text", "matched_by": "text", "confidence": "float8", "block": "text", "year": "int2",
}  # fmt: skip


def write_bylines(rows: list[tuple[int, Line]], authors: dict[str, int], institutions: dict[str, int]) -> None:
    places = [(work, line["year"], place) for work, line in rows for place in line["authorships"]]
    keys = reserve_ids("works_authorship", len(places))
    copy_rows(
        "works_authorship",
        AUTHORSHIP_COLUMNS,
        (
            (
                key, work, place["position"], authors[place["author"]] if place["author"] else None, place["name"], place["name"],
                place["orcid"], place["orcid_asserted_by"], place["matched_by"], place["confidence"],
                parse_name(place["name"]).block if place["author"] else "", year,
            )
            for key, (work, year, place) in zip(keys, places, strict=True)
        ),
    )  # fmt: skip
    copy_rows(
        "works_affiliation",
        {"authorship_id": "int8", "place": "int2", "raw": "text", "institution_id": "int8", "asserted_by": "text", "is_inferred": "bool"},
        (
            (
                key, one["place"], one["raw"], institutions[one["institution"]] if one["institution"] else None, one["asserted_by"],
                one["is_inferred"],
            )
            for key, (_, _, place) in zip(keys, places, strict=True)
            for one in place["affiliations"]
        ),
    )  # fmt: skip


def write_references(batch: list[Line]) -> None:
    named = {line["work"] for line in batch} | {cited for line in batch for *_, cited in line["references"] if cited}
    works = ids_of("work", named)
    copy_rows(
        "works_reference",
        {"work_id": "int8", "scheme": "text", "value": "text", "cited_id": "int8"},
        (
            (works[line["work"]], scheme, value, works[cited] if cited else None)
            for line in batch
            for scheme, value, cited in line["references"]
        ),
    )


def write_notices(batch: list[Line]) -> None:
    columns = ("registry", "key", "kind", "scheme", "value", "notice_scheme", "notice_value", "title")
    copy_rows(
        "works_notice",
        dict.fromkeys(columns, "text") | {"published_on": "date"},
        ((*(line[name] for name in columns), date.fromisoformat(line["published_on"]) if line["published_on"] else None) for line in batch),
    )


def write_redirects(batch: list[Line]) -> None:
    """Rows that are nothing but an address which leads on."""
    for kind in ("author", "work"):
        its = [line for line in batch if line["kind"] == kind]
        stays = {opaque: (key, shown) for opaque, key, shown in target_rows(kind, its)}
        made = [(key, line["id"], *stays[line["to"]]) for key, line in numbered(kind, its)]
        if kind == "author":
            copy_rows(
                "works_author",
                AUTHOR_COLUMNS,
                ((key, opaque, name, fold(name), "", 0, 0, as_jsonb({}), moment, to) for key, opaque, to, (name, moment) in made),
            )
        else:
            columns = ["id", "public_id", "type", "title", "title_key", "title_hash", "abstract", "abstract_from", "language", "notice"]
            columns += ["authors_count", "is_byline_cut", "card", "created_at", "merged_into_id"]
            copy_rows(
                "works_work",
                {name: WORK_COLUMNS[name] for name in columns},
                (
                    (key, opaque, "other", title, fold(title), title_hash(fold(title)), "", "", "", "", 0, False, as_jsonb({}), moment, to)
                    for key, opaque, to, (title, moment) in made
                ),
            )
    for kind in ("topic", "institution", "source"):
        its = [line for line in batch if line["kind"] == kind]
        subjects = ids_of(kind, [line["to"] for line in its])
        copy_rows(
            "works_formerid",
            {"public_id": "text", "kind": "text", "subject": "int8"},
            ((line["id"], kind, subjects[line["to"]]) for line in its),
        )


def target_rows(kind: str, batch: list[Line]) -> list[tuple[str, int, tuple[str, datetime]]]:
    column = "name" if kind == "author" else "title"
    wanted = [sorted({line["to"] for line in batch})]
    found = select(f"SELECT public_id, id, {column}, created_at FROM works_{kind} WHERE public_id = ANY(%s)", wanted)
    return [(opaque, key, (shown, moment)) for opaque, key, shown, moment in found]


WRITERS = {
    "sources": write_sources,
    "topics": write_topics,
    "institutions": write_institutions,
    "authors": write_authors,
    "works": write_works,
    "references": write_references,
    "notices": write_notices,
    "redirects": write_redirects,
}
