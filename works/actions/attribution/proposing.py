"""Merges that matching would make if nobody had decided anything: proposed to a person, with reasons, and not made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from works.models import MergeProposal

SAYS = {
    "name": "The names may be one person’s, and few people of the record have them.",
    "coauthor": "They have co-authors in common.",
    "affiliation": "The same affiliation is printed for both.",
    "topic": "Their works share words of titles, or topics.",
    "identifier": "Both have the same identifier.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Two authors who seem to be one; how sure that is, and the evidence in log-odds by its kind."""

    authors: tuple[int, int]
    score: float
    evidence: Mapping[str, float]


def propose_merges(proposals: Sequence[Proposal]) -> None:
    """Keep the proposals; a pair that is proposed or was declined already is left as it is. One statement."""
    now = timezone.now()
    best: dict[tuple[int, int], Proposal] = {}
    for proposal in proposals:
        one, other = sorted(proposal.authors)
        if (one, other) not in best or proposal.score > best[one, other].score:
            best[one, other] = proposal
    MergeProposal.objects.bulk_create(
        (
            MergeProposal(
                kind=MergeProposal.Kind.AUTHORS, author_a_id=one, author_b_id=other, score=proposal.score, proposed_at=now,
                reasons=[
                    {"says": SAYS[kind], "feature": kind, "value": weight}
                    for kind, weight in sorted(proposal.evidence.items(), key=lambda item: -item[1])
                    if weight > 0
                ],
            )
            for (one, other), proposal in sorted(best.items())
        ),
        ignore_conflicts=True,
    )  # fmt: skip
