"""What people said of byline positions, brought into an import: a place that was decided is fixed, a person that was ruled out stays out.

Answers follow their place when a newer copy of the byline has it elsewhere; where it is not found, they are kept without a position and
need a look. Nothing here gives a decision another meaning: only people do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import connection

from works.actions.imports.staging import select
from works.matching import same_words


class BylinePlace(Protocol):
    """works.actions.imports.people.Place, as far as decisions are concerned."""

    work: int
    position: int
    name_key: str
    author: int | None
    matched_by: str
    is_decided: bool
    ruled_out: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One answer as it stands."""

    id: int
    position: int | None
    decided_position: int
    name_key: str
    author: int
    is_mine: bool


def fix_decided_places(places: Mapping[int, Sequence[BylinePlace]], existing: Sequence[int]) -> None:
    """Give the decided places of standing works their authors, note who is ruled out where, and let the answers follow their places.

    One query; two more statements where an answer's place has moved.
    """
    decided: dict[int, list[Standing]] = defaultdict(list)
    for work, row, position, decided_position, name_key, author, answer in select(
        """
        SELECT work_id, id, position, decided_position, name_key, author_id, answer
        FROM works_authorshipdecision WHERE work_id = ANY(%s) ORDER BY id
        """,
        [list(existing)],
    ):
        standing = Standing(
            id=row, position=position, decided_position=decided_position, name_key=name_key, author=author, is_mine=answer == "mine"
        )
        decided[work].append(standing)
    moved: dict[int, int | None] = {}
    for work, answers in decided.items():
        for standing in answers:
            place = find_place(standing, places[work])
            if place is not None and contradicts(standing, place, places[work]):
                place = None
            if place is not None:
                apply(standing, place)
            position = place.position if place is not None else None
            if position != standing.position:
                moved[standing.id] = position
    if moved:
        move_answers(moved)


def contradicts(standing: Standing, place: BylinePlace, byline: Sequence[BylinePlace]) -> bool:
    """Whether answers that were about two places would meet in one: then a person must look."""
    if not standing.is_mine:
        return standing.author in place.ruled_out or place.author == standing.author
    return place.is_decided or standing.author in place.ruled_out or any(its.author == standing.author for its in byline)


def find_place(standing: Standing, byline: Sequence[BylinePlace]) -> BylinePlace | None:
    """The place that an answer was about: where it stood, if the name is there still; else the only place with the name; else none."""
    at = standing.position or standing.decided_position
    here = byline[at - 1] if at <= len(byline) else None
    if here is not None and here.name_key == standing.name_key:
        return here
    named = [place for place in byline if place.name_key == standing.name_key]
    if named:
        return named[0] if len(named) == 1 else None
    if here is not None and same_words(here.name_key, standing.name_key):
        return here
    alike = [place for place in byline if same_words(place.name_key, standing.name_key)]
    return alike[0] if len(alike) == 1 else None


def apply(standing: Standing, place: BylinePlace) -> None:
    if standing.is_mine:
        place.author, place.matched_by, place.is_decided = standing.author, "decided", True
    else:
        place.ruled_out |= {standing.author}


def move_answers(moved: Mapping[int, int | None]) -> None:
    """Write where the answers stand now: first nowhere, since two may change places."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE works_authorshipdecision SET position = NULL WHERE id = ANY(%s)", [list(moved)])
        cursor.execute(
            """
            UPDATE works_authorshipdecision decision SET position = wanted.position
            FROM unnest(%s::bigint[], %s::int[]) AS wanted (id, position)
            WHERE decision.id = wanted.id AND wanted.position IS NOT NULL
            """,
            [list(moved), list(moved.values())],
        )
