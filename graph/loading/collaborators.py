"""Whom an author has written with, strongest tie first, from a place on, each with the newest joint work. One bounded query a page."""

from __future__ import annotations

from dataclasses import dataclass

from graph.loading.rows import ask
from graph.models import PAIR_MAX_AUTHORS, STRENGTH_UNIT
from works.names import slugify

Place = tuple[int, int, int]  # strength in units, joint works, the other author's id: where a list goes on

HALF = """
    (SELECT {other}_id AS other, works_count, strength_units, first_year, last_year FROM graph_collaboration
    WHERE {own}_id = %(author)s {after} ORDER BY strength_units DESC, works_count DESC, {other}_id LIMIT %(most)s)
"""
# The first condition is the range of the index; the second takes what stands before the place off its beginning.
AFTER = """
    AND strength_units <= %(strength)s
    AND (strength_units < %(strength)s OR works_count < %(works)s OR works_count = %(works)s AND {other}_id > %(last)s)
"""
# The year of the last joint work is known, so only the author's works of that year are looked at.
NEWEST = """
    SELECT work.public_id, work.title FROM works_authorship own
    JOIN works_authorship theirs ON theirs.work_id = own.work_id AND theirs.author_id = tie.other
    JOIN works_work work ON work.id = own.work_id
    WHERE own.author_id = %(author)s AND {of_year} AND work.authors_count <= %(pairs)s ORDER BY own.work_id DESC LIMIT 1
"""
PAGE = """
    SELECT tie.*, person.public_id, person.name, person.is_claimed, newest.public_id, newest.title
    FROM (SELECT * FROM ({one} UNION ALL {two}) AS both_halves
        ORDER BY strength_units DESC, works_count DESC, other LIMIT %(most)s) AS tie
    JOIN works_author person ON person.id = tie.other AND NOT person.is_suppressed
    LEFT JOIN LATERAL (({dated}) UNION ALL ({undated}) LIMIT 1) AS newest ON true
    ORDER BY strength_units DESC, works_count DESC, other
"""


@dataclass(frozen=True, slots=True)
class Collaborator:
    """Somebody with joint works; `newest_id` and `newest_title` are of the latest, "" where the count is behind the record."""

    place: Place
    public_id: str
    name: str
    is_claimed: bool
    works_count: int
    first_year: int | None
    last_year: int | None
    newest_id: str
    newest_title: str

    @property
    def slug(self) -> str:
        return f"{slugify(self.name)}-{self.public_id}"

    @property
    def strength(self) -> float:
        return self.place[0] / STRENGTH_UNIT


def load_collaborators(author_id: int, after: Place | None, most: int) -> tuple[list[Collaborator], Place | None]:
    """The `most` collaborators that follow the place `after` (None: from the beginning), and the place where the next page begins.

    One query: at most 2 × (most + 1) rows of the two indexes of ties, and for each of `most` ties the author's works of one year.
    """
    given = {"author": author_id, "most": most + 1, "pairs": PAIR_MAX_AUTHORS}
    if after:
        given |= dict(zip(("strength", "works", "last"), after, strict=True))
    rows = ask(statement(is_continued=bool(after)), **given)
    found = [
        Collaborator((units, works, other), public_id, name, is_claimed, works, first, last, newest or "", title or "")
        for other, works, units, first, last, public_id, name, is_claimed, newest, title in rows
    ]
    return found[:most], found[most - 1].place if len(found) > most else None


def statement(*, is_continued: bool) -> str:
    one, two = (
        HALF.format(own=own, other=other, after=AFTER.format(other=other) if is_continued else "")
        for own, other in (("author_a", "author_b"), ("author_b", "author_a"))
    )
    dated = NEWEST.format(of_year="own.year = tie.last_year")
    undated = NEWEST.format(of_year="tie.last_year IS NULL AND own.year IS NULL")
    return PAGE.format(one=one, two=two, dated=dated, undated=undated)
