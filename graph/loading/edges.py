"""What makes an edge: the dated works or facts between two nodes, and who asserted each. At most four bounded queries an edge."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.loading.rows import Row, ask
from graph.models import PAIR_MAX_AUTHORS, STRENGTH_MAX_AUTHORS, STRENGTH_UNIT
from works.models import Author, Authorship, Institution, Topic, Work
from works.names import printed_name

SHOWN = 100  # works or facts on a page, the newest

COLUMNS = "w.id, w.public_id, w.title, w.year, w.authors_count"
NEWEST = "ORDER BY w.year DESC NULLS LAST, w.id DESC LIMIT %(most)s"
JOINT = f"""
    SELECT {COLUMNS}, one.id, other.id
    FROM works_authorship one JOIN works_authorship other ON other.work_id = one.work_id JOIN works_work w ON w.id = one.work_id
    WHERE one.author_id = %(one)s AND other.author_id = %(other)s {NEWEST}
"""
TIE = """
    SELECT works_count, strength_units FROM graph_collaboration
    WHERE author_a_id = least(%(one)s::bigint, %(other)s) AND author_b_id = greatest(%(one)s::bigint, %(other)s)
"""
WROTE = f"""
    SELECT {COLUMNS}, s.id, s.position, s.name, s.matched_by, s.confidence, s.orcid
    FROM works_authorship s JOIN works_work w ON w.id = s.work_id WHERE s.author_id = %(one)s AND s.work_id = %(other)s
"""
HIDDEN = "SELECT name_key FROM works_authorname WHERE author_id = %(one)s AND NOT is_public"
ON_TOPIC = f"""
    SELECT {COLUMNS}, s.id
    FROM works_authorship s JOIN works_worktopic t ON t.work_id = s.work_id JOIN works_work w ON w.id = s.work_id
    WHERE s.author_id = %(one)s AND t.topic_id = %(other)s {NEWEST}
"""
FROM_INSTITUTION = f"""
    SELECT {COLUMNS}, s.id, f.raw, f.asserted_by, f.is_inferred
    FROM works_authorship s JOIN works_affiliation f ON f.authorship_id = s.id JOIN works_work w ON w.id = s.work_id
    WHERE s.author_id = %(one)s AND f.institution_id = %(other)s {NEWEST}
"""
ABOUT = f"""
    SELECT {COLUMNS}, t.place FROM works_worktopic t JOIN works_work w ON w.id = t.work_id
    WHERE t.work_id = %(one)s AND t.topic_id = %(other)s
"""
CITES = f"""
    SELECT {COLUMNS}, r.scheme, r.value FROM works_reference r JOIN works_work w ON w.id = r.work_id
    WHERE r.work_id = %(one)s AND r.cited_id = %(other)s OR r.work_id = %(other)s AND r.cited_id = %(one)s
    ORDER BY w.year, w.id, r.scheme, r.value LIMIT %(most)s
"""
PLACED = f"""
    SELECT {COLUMNS}, s.position, f.raw, f.asserted_by, f.is_inferred
    FROM works_authorship s JOIN works_affiliation f ON f.authorship_id = s.id JOIN works_work w ON w.id = s.work_id
    WHERE s.work_id = %(one)s AND f.institution_id = %(other)s ORDER BY s.position, f.place LIMIT %(most)s
"""
RECORDS = """
    SELECT work_id, registry, key, payload->>'asserted_by', retrieved_at FROM works_registryrecord
    WHERE work_id = ANY(%(works)s) {that_says} ORDER BY work_id, registry, key
"""
TOPIC_SAID = "AND payload->'topics' @> %(said)s::jsonb"
REFERENCE_SAID = "AND payload->'references' @> %(said)s::jsonb"


@dataclass(frozen=True, slots=True)
class Source:
    """A registry record that asserts something: which registry, what kind of one it is, under which key, and when it was read."""

    registry: str
    key: str
    asserted_by: str
    retrieved_at: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """One work that makes an edge. `detail` says how, in the words of the edge's kind; `authorships` are places to dispute."""

    work_id: int
    public_id: str
    title: str
    year: int | None
    authors_count: int
    detail: dict[str, object] = field(default_factory=dict)
    authorships: tuple[int, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def share(self) -> str:
        """What this work adds to the strength of a tie between two of its authors: 1/(k-1)."""
        if self.authors_count > PAIR_MAX_AUTHORS:
            return "none"
        return "0" if self.authors_count > STRENGTH_MAX_AUTHORS else f"1/{self.authors_count - 1}" if self.authors_count > 2 else "1"


@dataclass(frozen=True, slots=True)
class Edge:
    """All that ties two nodes. kind: as in the slice, but "wrote on" and "affiliated" also between a person and a topic or institution."""

    kind: str
    facts: tuple[Fact, ...]
    is_cut: bool = False
    works_count: int = 0
    strength: float | None = None


Ends = tuple[Author | Work, Author | Work | Topic | Institution]


def load_edge(one: Author | Work, other: Author | Work | Topic | Institution) -> Edge | None:
    """What ties these two, in the order of graph.pairs.in_address; None where nothing does."""
    edge = READERS[type(one), type(other)](one, other)
    return edge if edge.facts else None


def rows_of(statement: str, one: Author | Work, other: Author | Work | Topic | Institution) -> tuple[list[Row], bool]:
    rows = ask(statement, one=one.pk, other=other.pk, most=SHOWN + 1)
    return rows[:SHOWN], len(rows) > SHOWN


def sources_of(rows: list[Row], that_says: str = "", said: object = None) -> dict[int, tuple[Source, ...]]:
    """The registry records of these works, or those of them that say so. One query."""
    found: defaultdict[int, list[Source]] = defaultdict(list)
    given = {"said": json.dumps(said)} if that_says else {}
    for work, registry, key, asserted_by, retrieved_at in ask(RECORDS.format(that_says=that_says), works=[row[0] for row in rows], **given):
        found[work].append(Source(registry, key, asserted_by or "", retrieved_at))
    return {work: tuple(sources) for work, sources in found.items()}


def fact(
    row: Sequence[Any], detail: dict[str, object] | None = None, authorships: tuple[int, ...] = (), sources: tuple[Source, ...] = ()
) -> Fact:
    """The work in the first COLUMNS of a row, and what else is known of it."""
    work_id, public_id, title, year, authors_count = row[:5]
    return Fact(work_id, public_id, title, year, authors_count, detail or {}, authorships, sources)


def joint_works(one: Author, other: Author) -> Edge:
    rows, is_cut = rows_of(JOINT, one, other)
    told = sources_of(rows)
    counted = ask(TIE, one=one.pk, other=other.pk)
    works, units = counted[0] if counted else (0, 0)
    facts = tuple(fact(row, authorships=row[5:7], sources=told.get(row[0], ())) for row in rows)
    return Edge("co-wrote", facts, is_cut, works, units / STRENGTH_UNIT)


def authorship(one: Author, other: Work) -> Edge:
    rows, _ = rows_of(WROTE, one, other)
    told = sources_of(rows)
    hidden = [key for (key,) in ask(HIDDEN, one=one.pk)]
    facts = []
    for *work, place, position, name, matched_by, confidence, orcid in rows:
        detail = {
            "position": position,
            "name": printed_name(name, one.name, hidden),
            "because": Authorship.Match(matched_by).label,
            "confidence": confidence,
            "orcid": orcid,
        }
        facts.append(fact(work, detail, (place,), told.get(work[0], ())))
    return Edge("wrote", tuple(facts))


def works_on_topic(one: Author, other: Topic) -> Edge:
    rows, is_cut = rows_of(ON_TOPIC, one, other)
    told = sources_of(rows, TOPIC_SAID, [{"scheme": other.scheme, "code": other.code}])
    return Edge("wrote about", tuple(fact(row, authorships=(row[5],), sources=told.get(row[0], ())) for row in rows), is_cut)


def affiliations(one: Author, other: Institution) -> Edge:
    rows, is_cut = rows_of(FROM_INSTITUTION, one, other)
    told = sources_of(rows)
    names = ("raw", "asserted_by", "is_inferred")
    facts = (fact(row, dict(zip(names, row[6:], strict=True)), (row[5],), told.get(row[0], ())) for row in rows)
    return Edge("affiliated", tuple(facts), is_cut)


def topic_of_work(one: Work, other: Topic) -> Edge:
    rows, _ = rows_of(ABOUT, one, other)
    told = sources_of(rows, TOPIC_SAID, [{"scheme": other.scheme, "code": other.code}])
    return Edge("about", tuple(fact(row, {"place": row[5]}, sources=told.get(row[0], ())) for row in rows))


def places_of_work(one: Work, other: Institution) -> Edge:
    """The byline positions of one work at an institution, without the names: some of these may be nobody's to show."""
    rows, is_cut = rows_of(PLACED, one, other)
    told = sources_of(rows[:1])
    names = ("position", "raw", "asserted_by", "is_inferred")
    detail: dict[str, object] = {"places": [dict(zip(names, row[5:], strict=True)) for row in rows]}
    return Edge("written at", tuple(fact(row, detail, sources=told.get(row[0], ())) for row in rows[:1]), is_cut)


def citations(one: Work, other: Work) -> Edge:
    rows, _ = rows_of(CITES, one, other)
    facts = []
    for row in rows:
        told = sources_of([row], REFERENCE_SAID, [[row[5], row[6]]])
        facts.append(fact(row, {"scheme": row[5], "value": row[6]}, sources=told.get(row[0], ())))
    return Edge("cites", tuple(facts))


READERS: dict[tuple[type, type], Callable[..., Edge]] = {
    (Author, Author): joint_works,
    (Author, Work): authorship,
    (Author, Topic): works_on_topic,
    (Author, Institution): affiliations,
    (Work, Topic): topic_of_work,
    (Work, Work): citations,
    (Work, Institution): places_of_work,
}
