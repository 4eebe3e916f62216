"""Read the printed affiliations that stand in the record again: after ROR was imported, more of them name an institution."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from works.actions.imports.locks import lock_record
from works.actions.imports.printed import institutions_in
from works.actions.imports.staging import copy_rows, select
from works.actions.shelves import owe_shelving
from works.actions.summaries import refresh_summaries
from works.models import Affiliation
from works.signals import authorships_changed

LINES_AT_ONCE = 5_000


def match_affiliations(*, on_batch: Callable[[int, int], None] | None = None) -> tuple[int, int]:
    """Give every affiliation without an institution those that its line names. (lines read, lines that name one).

    Goes from batch to batch, each a transaction of its own, and calls `on_batch` with both figures after each; to be repeated at any time.
    """
    read = matched = last = 0
    while True:
        with transaction.atomic():
            lock_record()
            rows = select(
                "SELECT id, authorship_id, raw FROM works_affiliation WHERE institution_id IS NULL AND id > %s ORDER BY id LIMIT %s",
                [last, LINES_AT_ONCE],
            )
            if not rows:
                return read, matched
            found = institutions_in({raw for _, _, raw in rows})
            named = [(row, authorship, raw, found[raw]) for row, authorship, raw in rows if raw in found]
            write(named)
        read, matched, last = read + len(rows), matched + len(named), rows[-1][0]
        if on_batch:
            on_batch(read, matched)


def write(named: list[tuple[int, int, str, tuple[int, ...]]]) -> None:
    """The first institution into the row itself, further ones into rows behind the authorship's last place."""
    if not named:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE works_affiliation SET institution_id = told.institution, is_inferred = true"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS told (id, institution) WHERE works_affiliation.id = told.id",
            [[row for row, *_ in named], [institutions[0] for *_, institutions in named]],
        )
    authorships = sorted({authorship for _, authorship, *_ in named})
    places: dict[int, int] = {}
    asserters: dict[int, str] = {}
    for authorship, place, asserter in select(
        "SELECT authorship_id, max(place), max(asserted_by) FROM works_affiliation WHERE authorship_id = ANY(%s) GROUP BY 1", [authorships]
    ):
        places[authorship], asserters[authorship] = place, asserter
    further = []
    for _, authorship, raw, institutions in named:
        for institution in institutions[1:]:
            places[authorship] += 1
            further.append((authorship, places[authorship], raw, institution, asserters[authorship], True))
    copy_rows(
        "works_affiliation",
        {
            "authorship_id": "int8", "place": "int2", "raw": "text", "institution_id": "int8", "asserted_by": "text", "is_inferred": "bool",
        },
        further,
    )  # fmt: skip
    authors = [
        author
        for (author,) in select(
            "SELECT DISTINCT author_id FROM works_authorship WHERE id = ANY(%s) AND author_id IS NOT NULL", [authorships]
        )
    ]
    refresh_summaries(author_ids=authors)
    owe_shelving(work_ids=[work for (work,) in select("SELECT DISTINCT work_id FROM works_authorship WHERE id = ANY(%s)", [authorships])])
    authorships_changed.send(sender=Affiliation, author_ids=sorted(authors))
