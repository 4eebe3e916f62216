"""Merges that matching proposes, and what people say to them. A pair that was declined is not proposed again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from works.actions.journal import Actor, append, event_by
from works.models import Author, MergeProposal, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPair:
    """Two authors, or two works, by their ids, that may be one; `score` from 0 to 1.

    `reasons`: [{"says": a plain sentence, "feature": its name, "value": its figure}], the strongest first.
    """

    one: int
    other: int
    score: float
    reasons: list[dict[str, Any]] = field(default_factory=list)


class ProposalSettled(ValueError):
    """Somebody has decided about the proposal already."""


# Redirects stand for who they were merged into, both in what is proposed and in what was declined.
PROPOSE = """
    WITH wanted AS (
        SELECT coalesce(one.merged_into_id, one.id) AS one, coalesce(other.merged_into_id, other.id) AS other, score, reasons
        FROM jsonb_to_recordset(%(pairs)s::jsonb) AS given (one bigint, other bigint, score float8, reasons jsonb)
        JOIN {table} one ON one.id = given.one JOIN {table} other ON other.id = given.other
    ),
    declined AS (
        SELECT least(a, b) AS a, greatest(a, b) AS b FROM (
            SELECT coalesce(one.merged_into_id, one.id) AS a, coalesce(other.merged_into_id, other.id) AS b
            FROM works_mergeproposal no JOIN {table} one ON one.id = no.{side}_a_id JOIN {table} other ON other.id = no.{side}_b_id
            WHERE no.state = 'declined'
        ) AS pair
    ),
    pairs AS (
        SELECT DISTINCT ON (a, b) a, b, score, reasons FROM (
            SELECT least(one, other) AS a, greatest(one, other) AS b, score, reasons FROM wanted WHERE one <> other
        ) AS ordered
        WHERE NOT EXISTS (SELECT FROM declined WHERE declined.a = ordered.a AND declined.b = ordered.b)
        ORDER BY a, b, score DESC
    )
    INSERT INTO works_mergeproposal ({side}_a_id, {side}_b_id, kind, score, reasons, state, proposed_at, decided_role)
    SELECT a, b, '{side}s', score, reasons, 'open', %(now)s, '' FROM pairs
    ON CONFLICT ({side}_a_id, {side}_b_id) WHERE kind = '{side}s' AND state IN ('open', 'declined')
    DO UPDATE SET score = excluded.score, reasons = excluded.reasons WHERE works_mergeproposal.state = 'open'
"""


@transaction.atomic
def propose_merges(*, authors: Sequence[ProposedPair] = (), works: Sequence[ProposedPair] = ()) -> int:
    """Put these pairs into the queue, or renew the score and the reasons of those that wait there; how many. Idempotent.

    Pairs that a person declined, and pairs that are one by now, are left out. One statement for authors, one for works.
    """
    stored = 0
    with connection.cursor() as cursor:
        for table, side, pairs in (("works_author", "author", authors), ("works_work", "work", works)):
            if pairs:
                rows = [{"one": its.one, "other": its.other, "score": its.score, "reasons": its.reasons} for its in pairs]
                given: dict[str, Any] = {"pairs": orjson.dumps(rows).decode(), "now": timezone.now()}
                cursor.execute(PROPOSE.format(table=table, side=side), given)
                stored += cursor.rowcount
    return stored


def cannot_be_one(*, author_ids: Collection[int]) -> set[tuple[int, int]]:
    """The pairs among these authors of whom a person said that they are two, the smaller id first. One query."""
    declined = MergeProposal.objects.filter(
        kind=MergeProposal.Kind.AUTHORS, state=MergeProposal.State.DECLINED, author_a__in=author_ids, author_b__in=author_ids
    )
    return set(declined.values_list("author_a_id", "author_b_id"))


@transaction.atomic
def decline_proposal(proposal_id: int, *, by: Actor) -> MergeProposal:
    """They are two: remembered, so that the pair is not proposed again. ProposalSettled where somebody was faster."""
    proposal = MergeProposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.state != MergeProposal.State.OPEN:
        raise ProposalSettled(f"This proposal was {proposal.get_state_display().lower()} meanwhile.")
    proposal.state = MergeProposal.State.DECLINED
    proposal.decided_by, proposal.decided_role, proposal.decided_at = by.account, by.role, timezone.now()
    proposal.save()
    append(event_by(by, "merge-declined", author=proposal.author_a_id, work=proposal.work_a_id, pair=pair_of(proposal)))
    return proposal


@transaction.atomic
def endorse_proposal(proposal_id: int, *, by: Actor) -> MergeProposal:
    """Whose record it is says that they are one: staff read it and decide. ProposalSettled where somebody was faster."""
    proposal = MergeProposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.state != MergeProposal.State.OPEN:
        raise ProposalSettled(f"This proposal was {proposal.get_state_display().lower()} meanwhile.")
    if proposal.endorsed_at is None:
        proposal.endorsed_at = timezone.now()
        proposal.save(update_fields=["endorsed_at"])
        append(event_by(by, "merge-endorsed", author=proposal.author_a_id, work=proposal.work_a_id, pair=pair_of(proposal)))
    return proposal


def pair_of(proposal: MergeProposal) -> list[int | None]:
    authors = proposal.kind == MergeProposal.Kind.AUTHORS
    return [proposal.author_a_id, proposal.author_b_id] if authors else [proposal.work_a_id, proposal.work_b_id]


def counts_waiting() -> dict[str, int]:
    """How many proposals wait, by kind. Two counts on an index."""
    waiting = MergeProposal.objects.filter(state=MergeProposal.State.OPEN)
    return {kind: waiting.filter(kind=kind).count() for kind in MergeProposal.Kind.values}


def better_kept(one: Author | Work, other: Author | Work) -> tuple[Any, Any]:
    """Which of two should stay and which become a redirect: a claimed author, the one with more works, else the older."""
    if isinstance(one, Author) and isinstance(other, Author):
        first, second = sorted((one, other), key=lambda its: (not its.is_claimed, -its.works_count, its.pk))
        return first, second
    return (one, other) if one.pk < other.pk else (other, one)
