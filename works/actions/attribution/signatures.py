"""The byline positions of some blocks, with all that matching asks of them: rows become `works.matching.Signature`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from works.actions.imports.staging import select
from works.matching import Signature, title_words
from works.names import fold, parse_name

COAUTHORS_UP_TO = 50  # of a byline of thousands the first are asked
DECIDED = frozenset({"decided", "merged", "split"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A byline position as it stands, and what matching is told of it."""

    id: int
    work: int
    position: int
    name: str
    author: int | None
    matched_by: str
    confidence: float | None
    evidence: dict[str, Any]
    is_claimed: bool
    signature: Signature

    @property
    def is_decided(self) -> bool:
        return self.matched_by in DECIDED


def load_blocks(blocks: Sequence[str]) -> dict[str, list[Placed]]:
    """The positions of these blocks, oldest first. Six queries."""
    rows = select(
        """
        SELECT place.id, place.block, place.work_id, place.position, place.name, place.author_id, place.matched_by, place.confidence,
            place.evidence, place.orcid, place.person_ids, place.year, work.title_key, work.source_id, coalesce(author.is_claimed, false)
        FROM works_authorship place JOIN works_work work ON work.id = place.work_id
        LEFT JOIN works_author author ON author.id = place.author_id
        WHERE place.block = ANY(%s) ORDER BY place.id
        """,
        [list(blocks)],
    )
    works = sorted({row[2] for row in rows})
    coauthors = {
        work: dict(zip(their_blocks, names, strict=True))
        for work, their_blocks, names in select(
            """
            SELECT work_id, array_agg(block ORDER BY position), array_agg(name ORDER BY position) FROM works_authorship
            WHERE work_id = ANY(%s) AND position <= %s AND block <> '' GROUP BY work_id
            """,
            [works, COAUTHORS_UP_TO],
        )
    }
    spelt = {work: {block: fold(name) for block, name in its.items()} for work, its in coauthors.items()}
    topics = dict(select("SELECT work_id, array_agg(topic_id) FROM works_worktopic WHERE work_id = ANY(%s) GROUP BY work_id", [works]))
    lines: dict[int, list[frozenset[str]]] = defaultdict(list)
    institutions: dict[int, set[int]] = defaultdict(set)
    for place, raw, institution in select(
        "SELECT authorship_id, raw, institution_id FROM works_affiliation WHERE authorship_id = ANY(%s) ORDER BY authorship_id, place",
        [[row[0] for row in rows]],
    ):
        if words := frozenset(fold(raw).split()):
            lines[place].append(words)
        if institution:
            institutions[place].add(institution)
    ruled_out: dict[tuple[int, int], set[int]] = defaultdict(set)
    for work, position, author in select(
        "SELECT work_id, position, author_id FROM works_authorshipdecision WHERE work_id = ANY(%s) AND answer = 'not-mine'", [works]
    ):
        ruled_out[work, position].add(author)
    kept = settled_by_people({row[5] for row in rows if row[5]})
    titles: dict[int, frozenset[str]] = {}
    found: dict[str, list[Placed]] = defaultdict(list)
    for row in rows:
        place, block, work, position, name, author, matched_by, confidence, evidence, orcid, ids, year, title, source, is_claimed = row
        if work not in titles:
            titles[work] = title_words(title)
        identifiers = {("orcid", orcid)} if orcid else set()
        identifiers.update(tuple(its.split(":", 1)) for its in ids)
        signature = Signature(
            id=place,
            work=work,
            name=parse_name(name),
            identifiers=frozenset(identifiers),
            coauthors={other: its for other, its in spelt.get(work, {}).items() if other != block},
            affiliations=tuple(dict.fromkeys(lines.get(place, ()))),
            institutions=frozenset(institutions.get(place, ())),
            title=titles[work],
            topics=frozenset(topics.get(work, ())),
            venue=source,
            year=year,
            author=author,
            is_locked=author is not None and (matched_by in DECIDED or is_claimed or author in kept),
            ruled_out=frozenset(ruled_out.get((work, position), ())),
        )
        # A place that nothing was decided about yet is free to join a claimed record; it does so by evidence, and can be answered.
        if is_claimed and confidence is None and matched_by not in DECIDED:
            signature = signature.freed()
        found[block].append(
            Placed(
                id=place, work=work, position=position, name=name, author=author, matched_by=matched_by, confidence=confidence,
                evidence=orjson.loads(evidence), is_claimed=is_claimed, signature=signature,
            )
        )  # fmt: skip
    return found


def settled_by_people(authors: set[int]) -> set[int]:
    """Those of the authors whom somebody has merged or split: all that they have stays theirs. One query."""
    return {
        author
        for (author,) in select(
            """
            SELECT author FROM works_merge merge CROSS JOIN LATERAL unnest(merge.others || merge.winner) AS party (author)
            WHERE merge.undone_at IS NULL AND merge.kind IN ('authors-merged', 'author-split')
                AND (merge.winner = ANY(%s) OR merge.others && %s::bigint[])
            """,
            [sorted(authors), sorted(authors)],
        )
    } & authors
