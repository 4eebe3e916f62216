"""Evidence that is dropped or runs out."""

from __future__ import annotations

from django.utils import timezone

from profiles.actions.claims.cases import Role, case_of, refuse
from profiles.actions.evidence.proofs import check_open, end
from profiles.models import Claim, Evidence, User

Status = Evidence.Status


def drop_evidence(claim: Claim, *, evidence_id: int, by: User) -> None:
    """Give up a proof that is not there yet: a page, a code, a question to a co-author."""
    with case_of(claim) as case:
        check_open(case, by=by)
        item = Evidence.objects.filter(pk=evidence_id, user=by, author=case.author, status=Status.PENDING).first()
        if item is None:
            refuse("no-evidence", "There is nothing of that kind waiting.", claim=case.claim, by=by)
        end(case, item, Status.FAILED, why="Given up.", role=Role.CLAIMANT, by=by)


def void_codes() -> int:
    """Forget the codes that nobody entered in time; how many. What was proved and runs out needs nobody: it counts until its last day."""
    stale = Evidence.objects.filter(status=Status.PENDING, token_expires_at__lt=timezone.now())
    return stale.update(status=Status.FAILED, token_hash="", token_expires_at=None)
