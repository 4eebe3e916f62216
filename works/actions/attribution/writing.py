"""What settling changes, written set by set: authors made, places given, cards and summaries renewed, empty authors redirected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from works.actions.imports.entities import fresh_public_ids
from works.actions.imports.staging import as_jsonb, copy_rows, reserve_ids, select, stage_rows
from works.actions.summaries import refresh_summaries
from works.models import Author
from works.names import fold, slugify
from works.signals import authors_redirected


@dataclass(slots=True, kw_only=True, eq=False)
class NewAuthor:
    """A person whom no author stands for yet. The public id follows from the place where they first stood."""

    name: str
    work: int
    position: int
    id: int = 0


@dataclass(slots=True, kw_only=True)
class Change:
    """One byline position that gets another author, reason, confidence or evidence."""

    place: int
    work: int
    before: int | None
    author: int | None
    maker: NewAuthor | None
    reason: str
    confidence: float
    evidence: Mapping[str, Any]

    @property
    def moves(self) -> bool:
        return self.author != self.before


def write_changes(changes: Sequence[Change], made: Sequence[NewAuthor], names: Mapping[int, str], emptied: Mapping[int, int]) -> set[int]:
    """About fifteen statements, however much changes. The authors whose works are others now, or whose name is."""
    make_authors(made)
    for change in changes:
        if change.maker:
            change.author = change.maker.id
    give_places(changes)
    renamed = rename(names)
    redirect(emptied)
    moved = [change for change in changes if change.moves]
    touched = {author for change in moved for author in (change.before, change.author) if author} | renamed
    refresh_slugs(works_of(renamed) | {change.work for change in moved})
    refresh_summaries(author_ids=touched)
    return touched


def make_authors(made: Sequence[NewAuthor]) -> None:
    """New rows, without works yet."""
    if not made:
        return
    keys = dict(select("SELECT id, public_id FROM works_work WHERE id = ANY(%s)", [sorted({one.work for one in made})]))
    opaque = fresh_public_ids("works_author", [("author", keys[one.work], one.position) for one in made])
    now = timezone.now()
    for one, number in zip(made, reserve_ids("works_author", len(made)), strict=True):
        one.id = number
    copy_rows(
        "works_author",
        {
            "id": "int8", "public_id": "text", "name": "text", "name_key": "text", "works_count": "int4", "topics_count": "int4",
            "summary": "jsonb", "created_at": "timestamptz",
        },
        ((one.id, its, one.name, fold(one.name), 0, 0, as_jsonb({}), now) for one, its in zip(made, opaque, strict=True)),
    )  # fmt: skip


def give_places(changes: Sequence[Change]) -> None:
    """The places' new authors and reasons; at first to nobody where they move, since two of one byline may change places."""
    if not changes:
        return
    staged = stage_rows(
        "staged_settled_places",
        {"id": "int8", "author_id": "int8", "matched_by": "text", "confidence": "float8", "evidence": "jsonb"},
        ((one.place, one.author, one.reason, one.confidence, as_jsonb(dict(one.evidence))) for one in changes),
    )
    with connection.cursor() as cursor:
        if moving := [one.place for one in changes if one.moves]:
            cursor.execute("UPDATE works_authorship SET author_id = NULL WHERE id = ANY(%s)", [moving])
        cursor.execute(
            f"""
            UPDATE works_authorship place
            SET author_id = its.author_id, matched_by = its.matched_by, confidence = its.confidence, evidence = its.evidence
            FROM {staged} its WHERE its.id = place.id
            """
        )


def rename(names: Mapping[int, str]) -> set[int]:
    """Let authors go by the fullest name that is printed for them, where nobody claimed the page; who they are. One statement."""
    if not names:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE works_author author SET name = wanted.name, name_key = wanted.name_key
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (id, name, name_key)
            WHERE author.id = wanted.id AND author.name <> wanted.name AND NOT author.is_claimed AND author.other_keys = ''
            RETURNING author.id
            """,
            [list(names), list(names.values()), [fold(name) for name in names.values()]],
        )
        return {row[0] for row in cursor.fetchall()}


def redirect(emptied: Mapping[int, int]) -> None:
    """Authors that have no place any more lead to the one who has theirs; so do the identifiers. Two statements, and an announcement."""
    if not emptied:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE works_author author SET merged_into_id = wanted.target
            FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (id, target)
            WHERE author.id = wanted.id AND NOT author.is_claimed
                AND NOT EXISTS (SELECT FROM works_authorship place WHERE place.author_id = author.id)
            RETURNING author.id, author.merged_into_id
            """,
            [list(emptied), list(emptied.values())],
        )
        gone = cursor.fetchall()
        cursor.execute(
            """
            UPDATE works_authoridentifier its SET author_id = wanted.target
            FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (id, target) WHERE its.author_id = wanted.id
            """,
            [[row[0] for row in gone], [row[1] for row in gone]],
        )
        cursor.execute(
            """
            UPDATE works_author author SET merged_into_id = wanted.target
            FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (id, target) WHERE author.merged_into_id = wanted.id
            """,
            [[row[0] for row in gone], [row[1] for row in gone]],
        )
    if gone:
        authors_redirected.send(sender=Author, redirects=dict(gone))


def works_of(authors: Collection[int]) -> set[int]:
    return (
        {row[0] for row in select("SELECT work_id FROM works_authorship WHERE author_id = ANY(%s)", [sorted(authors)])}
        if authors
        else set()
    )


def refresh_slugs(works: Collection[int]) -> None:
    """The addresses of authors on the cards of these works; what is shown there as a name stays. Two statements."""
    cards: dict[int, list[dict[str, Any]]] = {}
    changed: set[int] = set()
    for work, authors, position, name, opaque in select(
        """
        SELECT work.id, work.card->'authors', place.position, author.name, author.public_id
        FROM works_work work
        JOIN works_authorship place ON place.work_id = work.id AND place.position <= jsonb_array_length(work.card->'authors')
        LEFT JOIN works_author author ON author.id = place.author_id
        WHERE work.id = ANY(%s)
        """,
        [sorted(works)],
    ):
        card = cards.setdefault(work, orjson.loads(authors))
        slug = f"{slugify(name)}-{opaque}" if opaque else None
        if card[position - 1]["slug"] != slug:
            card[position - 1]["slug"] = slug
            changed.add(work)
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE works_work SET card = card || jsonb_build_object('authors', wanted.byline)
                FROM unnest(%s::bigint[], %s::jsonb[]) AS wanted (work, byline) WHERE works_work.id = wanted.work
                """,
                [sorted(changed), [orjson.dumps(cards[work]).decode() for work in sorted(changed)]],
            )
