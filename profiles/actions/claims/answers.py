"""What owners answered about their works, carried into the record by a worker: imports hold the record's lock, and nobody waits for it."""

from __future__ import annotations

from django.db import transaction

from profiles.models import Claim
from works.actions.authorships import Answer, decide_authorships, withdraw_decisions
from works.actions.journal import Actor
from works.models import AuthorshipDecision
from works.models.decision import Role


def are_answers_due() -> bool:
    return Claim.objects.filter(answers_due=True).exists()


def settle_answers(*, limit: int = 50) -> int:
    """Carry out what claims owe the record, oldest first; how many claims there were. Each in a transaction of its own."""
    due = Claim.objects.filter(answers_due=True).order_by("pk").values_list("pk", flat=True)[:limit]
    return sum(settle(claim_id) for claim_id in due)


@transaction.atomic
def settle(claim_id: int) -> bool:
    """Turn one claim's answers into decisions, or take its owner's back if it was revoked or released. Twice does no more than once.

    The claim's row is not locked while the record's lock is waited for. If its state changes meanwhile, the mark stays for another turn.
    """
    if not Claim.objects.filter(pk=claim_id, answers_due=True).exists():
        return False
    claim = Claim.objects.get(pk=claim_id)
    actor = Actor(account=claim.user_id, role=Role.OWNER)
    if claim.is_holding:
        answers = [
            Answer(work=answer.work_id, position=answer.position, author=claim.author_id, is_mine=answer.is_mine)
            for answer in claim.answers.order_by("work", "position")
        ]
        if answers:
            decide_authorships(answers, by=actor)
    elif claim.status in {Claim.Status.REVOKED, Claim.Status.RELEASED} and claim.user_id:
        said = AuthorshipDecision.objects.filter(author=claim.author_id, decided_by=claim.user_id, role=Role.OWNER)
        withdraw_decisions(list(said.values_list("pk", flat=True)), by=actor)
    return bool(Claim.objects.filter(pk=claim_id, answers_due=True, status=claim.status).update(answers_due=False))
