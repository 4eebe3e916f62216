"""The byline of a work as rows and as its card, changed by people's decisions rather than by an import."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection

from works.actions.imports.entities import fresh_public_ids
from works.actions.imports.rows import CARD_AUTHORS
from works.actions.imports.staging import select
from works.models import Author, Authorship
from works.names import fold, slugify


def refresh_card_bylines(*, work_ids: Collection[int]) -> None:
    """Write the authors of these works' cards again from their authorships, as an import would; only cards that differ. Two statements.

    A printed name that its owner hides is shown as the present one.
    """
    bylines: dict[int, list[dict[str, Any]]] = {}
    cards: dict[int, dict[str, Any]] = {}
    for work, card, name, author_name, opaque, hidden in select(
        f"""
        SELECT work.id, work.card, place.name, author.name, author.public_id,
            ARRAY(SELECT other.name_key FROM works_authorname other WHERE other.author_id = author.id AND NOT other.is_public)
        FROM works_work work
        LEFT JOIN works_authorship place ON place.work_id = work.id AND place.position <= {CARD_AUTHORS}
        LEFT JOIN works_author author ON author.id = place.author_id
        WHERE work.id = ANY(%s) ORDER BY work.id, place.position
        """,
        [sorted(work_ids)],
    ):
        cards[work] = orjson.loads(card)
        byline = bylines.setdefault(work, [])
        if name is not None:
            shown = author_name if hidden and fold(name) in hidden else name
            byline.append({"name": shown, "slug": f"{slugify(author_name)}-{opaque}" if opaque else None})
    changed = sorted(work for work in cards if cards[work].get("authors") != bylines[work])
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE works_work SET card = card || jsonb_build_object('authors', wanted.byline)
                FROM unnest(%s::bigint[], %s::jsonb[]) AS wanted (work, byline) WHERE works_work.id = wanted.work
                """,
                [changed, [orjson.dumps(bylines[work]).decode() for work in changed]],
            )


def refresh_other_keys(*, author_ids: Collection[int]) -> None:
    """The names by which the search knows these authors besides their own, from their rows; as works.actions.names writes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE works_author author SET other_keys = wanted.keys FROM (
                SELECT author.id, coalesce(string_agg(other.name_key, E'\n' ORDER BY other.name_key COLLATE "C"), '') AS keys
                FROM works_author author LEFT JOIN works_authorname other ON other.author_id = author.id
                WHERE author.id = ANY(%s) GROUP BY author.id
            ) AS wanted WHERE wanted.id = author.id AND author.other_keys <> wanted.keys
            """,
            [sorted(author_ids)],
        )


def make_authors(places: Sequence[tuple[str, str]]) -> list[Author]:
    """A new author for each (seed, name); the seed makes the public id. Two statements and one for the look at the ids."""
    ids = fresh_public_ids("works_author", [("author", seed) for seed, _ in places])
    return Author.objects.bulk_create(
        Author(public_id=opaque, name=name, name_key=fold(name)) for opaque, (_, name) in zip(ids, places, strict=True)
    )


def reattribute(given: Mapping[int, tuple[int | None, str]]) -> None:
    """Give authorships (by id) their author and the reason; at first to nobody, since two of one byline may change places.

    An ORCID iD goes with its place where nothing else ties it to who stood there before. Four statements.
    """
    ids = sorted(given)
    before = dict(Authorship.objects.filter(pk__in=ids).values_list("pk", "author_id"))
    Authorship.objects.filter(pk__in=[row for row in ids if before.get(row) != given[row][0]]).update(author=None)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE works_authorship SET author_id = wanted.author, matched_by = wanted.reason
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS wanted (id, author, reason) WHERE works_authorship.id = wanted.id
            """,
            [ids, [given[row][0] for row in ids], [given[row][1] for row in ids]],
        )
    moved = [(row, before[row], given[row][0]) for row in ids if before.get(row) and given[row][0] not in {None, before[row]}]
    if moved:
        move_orcids(moved)


def move_orcids(moved: Sequence[tuple[int, int | None, int | None]]) -> None:
    """`moved`: authorship, from whom, to whom."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE works_authoridentifier its SET author_id = moved.target
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS moved (place, source, target)
            JOIN works_authorship place ON place.id = moved.place
            WHERE its.scheme = 'orcid' AND its.value = place.orcid AND its.author_id = moved.source
                AND NOT EXISTS (SELECT FROM works_authorship other WHERE other.author_id = moved.source AND other.orcid = its.value)
            """,
            [list(column) for column in zip(*moved, strict=True)],
        )
