"""What stands beside a topic, an institution or a source: read from its newest works, however many there are in all."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from works.models.shelf import Shelf
from works.names import slugify

LOOKED_AT = 200  # works, the newest
SHOWN = 10  # of each kind
FIND = """
    WITH newest AS MATERIALIZED (
        SELECT work_id FROM works_shelvedwork WHERE shelf_id = %(shelf)s ORDER BY year DESC NULLS LAST, work_id DESC LIMIT %(works)s
    ),
    counted AS (
        SELECT stands.shelf_id, count(*) AS works FROM newest JOIN works_shelvedwork stands ON stands.work_id = newest.work_id
        WHERE stands.shelf_id <> %(shelf)s GROUP BY 1
    ),
    ranked AS (
        SELECT shelf.kind, shelf.subject, counted.works,
            row_number() OVER (PARTITION BY shelf.kind ORDER BY counted.works DESC, shelf.works_count, shelf.id) AS place
        FROM counted JOIN works_shelf shelf ON shelf.id = counted.shelf_id
    )
    SELECT ranked.kind, coalesce(topic.label, institution.name, source.name),
        coalesce(topic.public_id, institution.public_id, source.public_id), ranked.works
    FROM ranked
    LEFT JOIN works_topic topic ON ranked.kind = 'topic' AND topic.id = ranked.subject
    LEFT JOIN works_institution institution ON ranked.kind = 'institution' AND institution.id = ranked.subject
    LEFT JOIN works_source source ON ranked.kind = 'source' AND source.id = ranked.subject
    WHERE ranked.place <= %(shown)s ORDER BY ranked.kind, ranked.place
"""


class Neighbour(NamedTuple):
    """A topic, institution or source that has `works` of the looked-at works too."""

    kind: str
    name: str
    href: str
    works: int


def neighbours_of(shelf: Shelf) -> dict[str, list[Neighbour]]:
    """By kind, those with most of the shelf's newest LOOKED_AT works, the rarer first of two alike. One query; it reads the places of
    those works and no others."""
    found: dict[str, list[Neighbour]] = {kind: [] for kind in Shelf.Kind.values}
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"shelf": shelf.pk, "works": LOOKED_AT, "shown": SHOWN})
        for kind, name, public_id, works in cursor.fetchall():
            if name is not None:  # the shelf of what a registry united with another, until the works are moved
                found[kind].append(Neighbour(kind, name, f"/{kind}s/{slugify(name)}-{public_id}/", works))
    return found
