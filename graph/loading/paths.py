"""How two people are connected: ties become paths, and paths get names, dated works and addresses. Pages use it too; networkx is loaded
with the first search of a process.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from graph.loading.rows import ask
from graph.models import PAIR_MAX_AUTHORS, STRENGTH_UNIT
from graph.pairs import in_address
from works.mathematics import to_plain
from works.models import Author
from works.remembered import keep, recall

if TYPE_CHECKING:
    from graph.paths import Found, Limits

REMEMBERED_SECONDS = 600
WORKS_SHOWN = 3  # of each tie, the newest
ATTEMPTS = 3

# Each half is read from the end of an index; see graph.loading.person.
TIES = """
    SELECT asked.id, tie.other, tie.strength_units
    FROM unnest(%(people)s::bigint[]) AS asked (id)
    CROSS JOIN LATERAL (
        SELECT other, strength_units, works_count FROM (
            (SELECT author_b_id AS other, strength_units, works_count FROM graph_collaboration
             WHERE author_a_id = asked.id ORDER BY strength_units DESC, works_count DESC, author_b_id LIMIT %(most)s)
            UNION ALL
            (SELECT author_a_id, strength_units, works_count FROM graph_collaboration
             WHERE author_b_id = asked.id ORDER BY strength_units DESC, works_count DESC, author_a_id LIMIT %(most)s)
        ) AS halves ORDER BY strength_units DESC, works_count DESC, other LIMIT %(most)s
    ) AS tie
"""
OF_PAIRS = """
    SELECT c.author_a_id, c.author_b_id, c.works_count, c.strength_units, c.first_year, c.last_year
    FROM unnest(%(ones)s::bigint[], %(others)s::bigint[]) AS pair (one, other)
    JOIN graph_collaboration c ON c.author_a_id = pair.one AND c.author_b_id = pair.other
"""
# `ones` are the ends with fewer works: their newest are looked through until enough are joint.
JOINT = f"""
    SELECT least(pair.one, pair.other), greatest(pair.one, pair.other), joint.public_id, joint.title, joint.year
    FROM unnest(%(ones)s::bigint[], %(others)s::bigint[]) WITH ORDINALITY AS pair (one, other, place)
    CROSS JOIN LATERAL (
        SELECT w.public_id, w.title, w.year, w.id
        FROM works_authorship s
        JOIN works_authorship t ON t.work_id = s.work_id AND t.author_id = pair.other
        JOIN works_work w ON w.id = s.work_id AND w.authors_count <= {PAIR_MAX_AUTHORS}
        WHERE s.author_id = pair.one
        ORDER BY s.year DESC NULLS LAST, s.work_id DESC LIMIT %(most)s
    ) AS joint
    ORDER BY pair.place, joint.year DESC NULLS LAST, joint.id DESC
"""


@dataclass(frozen=True, slots=True)
class JointWork:
    public_id: str
    title: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Tie:
    """One hop: from `source` to `target`, with the newest of the joint works that make it and the address of its page."""

    source: Author
    target: Author
    works_count: int
    strength: float
    first_year: int | None
    last_year: int | None
    works: tuple[JointWork, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Path:
    """People in order, and what ties each to the next. `strength` is the product of s/(1+s) over ties of strength s: it ranks."""

    people: tuple[Author, ...]
    ties: tuple[Tie, ...]

    @property
    def strength(self) -> float:
        return prod(tie.strength / (1 + tie.strength) for tie in self.ties)

    @property
    def between(self) -> tuple[Author, ...]:
        """Those on the way, without the two ends."""
        return self.people[1:-1]

    @property
    def explorer(self) -> str:
        """The graph of all these people in the explorer: around the two ends, with those between opened."""
        first, *between, last = (f"person:{author.public_id}" for author in self.people)
        query = [("seed", first), ("seed", last), *(("open", node) for node in between)]
        return f"{reverse('graph:explorer')}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Connection:
    """How two people are connected: `outcome` as in graph.paths, the shortest paths, the strongest first, and how far was looked."""

    outcome: str
    paths: tuple[Path, ...]
    looked_at: int
    is_cut: bool
    limits: Limits

    @property
    def hops(self) -> int:
        return len(self.paths[0].ties) if self.paths else 0


def connect(source: Author, target: Author) -> Connection:
    """Up to three of the shortest paths between two people who stand in the record, and are not the same.

    Three queries for a pair that was asked for lately, else at most seven more; their cost is bounded by graph.paths.LIMITS. What is
    remembered is only who stands on the paths: names, ties and works are read each time, and a path on which somebody was merged away,
    has objected to a page, or is tied to the next one no more is not shown but looked for anew.
    """
    from graph.paths import LIMITS, Found, Outcome  # networkx is no part of an ordinary web process

    one, other = sorted((source.pk, target.pk))
    key = f"path:{one}:{other}:{LIMITS.hops}-{LIMITS.ties}-{LIMITS.people}"
    kept = recall(key)
    found = Found(Outcome(kept[0]), *kept[1:]) if kept else None
    gone: set[int] = set()
    for _ in range(ATTEMPTS):
        if found is None:
            found = look(one, other, gone)
            if not gone:
                keep(key, (str(found.outcome), found.paths, found.looked_at, found.is_cut), seconds=REMEMBERED_SECONDS)
        paths, missing = told(found.paths, {source.pk: source, target.pk: target}, is_backward=source.pk != one)
        if len(paths) == len(found.paths):
            return Connection(found.outcome, paths, found.looked_at, found.is_cut, LIMITS)
        gone |= missing
        found = None
    return Connection(Outcome.LIMITED, (), 0, True, LIMITS)


def look(one: int, other: int, gone: set[int]) -> Found:
    """The search itself, past those who are gone. A direct tie is asked for first: it may not be among the strongest of either."""
    from graph.paths import Found, Outcome, search

    if ask(OF_PAIRS, ones=[one], others=[other]):
        return Found(Outcome.FOUND, ((one, other),))

    def read(people: list[int], most: int) -> Iterable[tuple[int, int, float]]:
        rows = ask(TIES, people=people, most=most)
        return ((person, tied, units / STRENGTH_UNIT) for person, tied, units in rows if tied not in gone)

    found = search(read, one, other)
    if gone:  # their ties are about to be counted anew for whom they were merged into: nothing is certain until then
        return replace(found, outcome=found.outcome if found.paths else Outcome.LIMITED, is_cut=True)
    return found


def told(found: Sequence[Sequence[int]], known: dict[int, Author], *, is_backward: bool) -> tuple[tuple[Path, ...], set[int]]:
    """The paths with all that is said of them, as far as they still hold, and who on them is gone. Three queries, however many."""
    if not found:
        return (), set()
    between = {person for path in found for person in path} - set(known)
    standing = Author.objects.standing().filter(pk__in=between, is_suppressed=False).only("public_id", "name", "works_count")
    people = known | {author.pk: author for author in standing}
    pairs = sorted({(min(pair), max(pair)) for path in found for pair in pairwise(path)})
    figures = {(row[0], row[1]): row[2:] for row in ask(OF_PAIRS, ones=[a for a, _ in pairs], others=[b for _, b in pairs])}
    works = joint_works([pair for pair in figures if pair[0] in people and pair[1] in people], people)
    paths = []
    for path in found:
        ids = tuple(reversed(path)) if is_backward else tuple(path)
        if all(person in people for person in ids) and all((min(pair), max(pair)) in figures for pair in pairwise(ids)):
            ties = tuple(tie(people[a], people[b], figures[min(a, b), max(a, b)], works) for a, b in pairwise(ids))
            paths.append(Path(tuple(people[person] for person in ids), ties))
    return tuple(paths), between - set(people)


def joint_works(pairs: list[tuple[int, int]], people: dict[int, Author]) -> dict[tuple[int, int], list[JointWork]]:
    """The newest works of each pair, read from the end with fewer works. One query."""
    ordered = [sorted(pair, key=lambda person: (people[person].works_count, person)) for pair in pairs]
    works: dict[tuple[int, int], list[JointWork]] = {}
    for a, b, public_id, title, year in ask(
        JOINT, ones=[pair[0] for pair in ordered], others=[pair[1] for pair in ordered], most=WORKS_SHOWN
    ):
        works.setdefault((a, b), []).append(JointWork(public_id, to_plain(title), year))
    return works


def tie(
    source: Author, target: Author, figures: tuple[int, int, int | None, int | None], works: dict[tuple[int, int], list[JointWork]]
) -> Tie:
    works_count, units, first_year, last_year = figures
    pair = min(source.pk, target.pk), max(source.pk, target.pk)
    url = reverse("graph:edge", args=in_address(f"person:{source.public_id}", f"person:{target.public_id}"))
    return Tie(source, target, works_count, units / STRENGTH_UNIT, first_year, last_year, tuple(works.get(pair, ())), url)
