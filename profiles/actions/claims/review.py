"""What reviewers do. Nobody decides their own case, a co-author's, or one that they are part of."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from graph.models import Collaboration
from profiles.actions.claims.cases import Case, Role, append, case_of, pieces_of, proved_for, refuse, take_step
from profiles.actions.claims.ownership import begin_ownership, end_ownership
from profiles.claiming import is_enough
from profiles.models import Claim, Evidence, Profile, User
from profiles.roles import may_review


def conflict_of_interest(claim: Claim, *, by: User) -> str:
    """Why this person may not decide about a claim, as a sentence; "" if they may. At most three queries."""
    if claim.user_id == by.pk:
        return "Nobody decides their own case."
    if Claim.objects.filter(user=by, author=claim.author_id).exists():
        return "You have claimed this record yourself."
    own_author = Profile.objects.filter(user=by).values_list("author", flat=True).first()
    if own_author is None:
        return ""
    pair = Q(author_a=own_author, author_b=claim.author_id) | Q(author_a=claim.author_id, author_b=own_author)
    if Collaboration.objects.filter(pair).exists():
        return "You have joint works with this author. Somebody else decides."
    return ""


def check_reviewer(case: Case, *, by: User) -> None:
    """Refuse whoever may not decide, and whoever comes while another reviewer has the case on the table."""
    claim = case.claim
    if not may_review(by):
        refuse("not-a-reviewer", "Only reviewers decide about claims.", claim=claim, by=by)
    if conflict := conflict_of_interest(claim, by=by):
        refuse("conflict-of-interest", conflict, claim=claim, by=by)
    if claim.leased_by_id not in {None, by.pk} and claim.leased_until and claim.leased_until > timezone.now():
        refuse("leased", "Another reviewer has this case on the table.", claim=claim, by=by)


def check_second_look(claim: Claim, *, by: User) -> None:
    """An appeal is decided by somebody else than who decided first."""
    if claim.appealed_at and claim.decided_by_id == by.pk:
        refuse("decided-before", "You decided this claim. Another reviewer decides the appeal.", claim=claim, by=by)


def ask_for_more(claim: Claim, *, question: str, by: User) -> Claim:
    """Send the claim back to its claimant with a question."""
    with case_of(claim) as case:
        check_reviewer(case, by=by)
        if not question.strip():
            refuse("no-question", "Write what you want to know.", claim=case.claim, by=by)
        take_step(case.claim, "questioned", role=Role.REVIEWER, text=question, by=by)
        return case.claim


def second_claim(claim: Claim, *, by: User) -> Claim:
    """Agree, before somebody else approves it, to a claim that takes a record over from another person."""
    with case_of(claim) as case:
        check_reviewer(case, by=by)
        check_second_look(case.claim, by=by)
        take_step(case.claim, "seconded", role=Role.REVIEWER, fields={"seconded_by": by}, by=by)
        return case.claim


def approve_claim(claim: Claim, *, reason: str = "evidence-fits", note: str = "", by: User) -> Claim:
    """Give the record to the claimant: profile, binding, answers that no import overrides. Other open claims to it are superseded.

    Everything is looked at again under the locks: of two reviewers who approve two rivals at the same moment the first succeeds,
    and the second is told that the other claim was approved.
    """
    with case_of(claim) as case:
        claim = case.claim
        check_reviewer(case, by=by)
        check_second_look(claim, by=by)
        claimant = check_approvable(case, by=by)
        fields = {"decided_at": timezone.now(), "decided_by": by, "answers_due": True}
        take_step(claim, "approved", role=Role.REVIEWER, reason=reason, text=note, fields=fields, by=by)
        begin_ownership(case, claimant, by=by)
        return claim


def check_approvable(case: Case, *, by: User) -> User:
    """The person who gets the record, unless something speaks against it. Three queries."""
    claim, holder = case.claim, case.holder
    if claim.status == Claim.Status.SUPERSEDED:
        refuse("superseded", "Another claim to this record was approved a moment ago.", claim=claim, by=by)
    if claim.status != Claim.Status.REVIEW:
        refuse("not-approved", f"This claim does not wait for a decision: {claim.get_status_display().lower()}.", claim=claim, by=by)
    if holder:
        refuse("held", "Somebody holds this record. Decide the dispute first: uphold their claim, or revoke it.", claim=claim, by=by)
    if case.author.merged_into_id:
        refuse("record-merged", "This record was merged into another: the claim has to be made there.", claim=claim, by=by)
    if case.claimant is None or not case.claimant.is_active:
        refuse("no-account", "The claimant's account is closed.", claim=claim, by=by)
    if any(other.is_holding and other.user_id == claim.user_id for other in case.claims):
        refuse("holds-another-record", "The claimant holds another record, and an account holds one.", claim=claim, by=by)
    if not claim.answers.filter(is_mine=True).exists():
        refuse("no-works", "The claimant has not said of any work that it is theirs.", claim=claim, by=by)
    if not is_enough(pieces_of(proved_for(claim)), reviewer=by.pk):
        message = "Approval needs two independent pieces of evidence, or a strong one that you did not give yourself."
        refuse("not-enough-evidence", message, claim=claim, by=by)
    if claim.contests_id and claim.seconded_by_id in {None, by.pk}:
        refuse("needs-a-second", "This claim takes a record over: a second reviewer must agree first.", claim=claim, by=by)
    return case.claimant


def reject_claim(claim: Claim, *, reason: str, note: str = "", by: User) -> Claim:
    """Turn a claim down. The claimant can appeal once."""
    with case_of(claim) as case:
        claim = case.claim
        check_reviewer(case, by=by)
        check_second_look(claim, by=by)
        if claim.contests_id and any(other.pk == claim.contests_id and other.is_holding for other in case.claims):
            refuse("disputes", "This claim disputes another. Uphold that one, or revoke it.", claim=claim, by=by)
        fields = {"decided_at": timezone.now(), "decided_by": by}
        take_step(claim, "rejected", role=Role.REVIEWER, reason=reason, text=note, fields=fields, by=by)
        return claim


def uphold(claim: Claim, *, reason: str = "dispute-not-upheld", note: str = "", by: User) -> Claim:
    """Leave the record with its owner, and turn down the claims that dispute it. Not for the reviewer who approved it."""
    with case_of(claim) as case:
        claim = case.claim
        check_reviewer(case, by=by)
        check_not_the_approver(claim, by=by)
        rivals = case.contesting(claim)
        for rival in rivals:
            check_second_look(rival, by=by)
        take_step(claim, "upheld", role=Role.REVIEWER, reason=reason, text=note, fields={"frozen_at": None}, by=by)
        for rival in rivals:
            turn_down(rival, by=by)
        return claim


def turn_down(rival: Claim, *, by: User) -> None:
    """Reject a claim whose dispute was lost, from whichever open state it is in: through review, as every decision."""
    if rival.status == Claim.Status.NEEDS_INFO:
        take_step(rival, "question-answered", role=Role.SYSTEM, by=None)
    fields = {"decided_at": timezone.now(), "decided_by": by}
    take_step(rival, "rejected", role=Role.REVIEWER, reason="dispute-not-upheld", fields=fields, by=by)


def revoke_claim(claim: Claim, *, reason: str, note: str = "", by: User) -> Claim:
    """Take the record from its owner, at once. Claims that disputed it wait for their own decision. A disputed claim is not for
    the reviewer who approved it."""
    with case_of(claim) as case:
        claim = case.claim
        check_reviewer(case, by=by)
        if claim.status == Claim.Status.DISPUTED:
            check_not_the_approver(claim, by=by)
        take_step(claim, "revoked", role=Role.REVIEWER, reason=reason, text=note, fields={"answers_due": True}, by=by)
        end_ownership(case)
        return claim


def check_not_the_approver(claim: Claim, *, by: User) -> None:
    if claim.decided_by_id == by.pk:
        refuse("decided-before", "You approved this claim. Another reviewer decides the dispute.", claim=claim, by=by)


def bind_by_staff(claim: Claim, *, note: str, by: User) -> Evidence:
    """Note that this member of staff has checked that account and record belong together: strong evidence for another reviewer."""
    with case_of(claim) as case:
        check_reviewer(case, by=by)
        return give(case, Evidence.Kind.STAFF_BINDING, note, by=by)


def note_by_staff(claim: Claim, *, note: str, by: User) -> Evidence:
    """Leave a note for the other reviewers. It proves nothing."""
    with case_of(claim) as case:
        check_reviewer(case, by=by)
        return give(case, Evidence.Kind.STAFF_NOTE, note, by=by)


def give(case: Case, kind: str, note: str, *, by: User) -> Evidence:
    claim, now = case.claim, timezone.now()
    if case.claimant is None or not (claim.is_live or claim.is_holding):
        refuse("closed", "This claim is closed.", claim=claim, by=by)
    if not note.strip():
        refuse("no-note", "Write what you checked.", claim=claim, by=by)
    given = Evidence.objects.create(
        user=case.claimant,
        author=case.author,
        claim=claim,
        kind=kind,
        status=Evidence.Status.PROVED,
        source=f"user:{by.pk}",
        value=f"{claim.public_id} {now:%Y-%m-%d %H:%M:%S.%f}",
        given_by=by,
        dated=now.date(),
        proved_at=now,
    )
    append(claim, "evidence-proved", role=Role.REVIEWER, text=note, data={"evidence": given.pk, "kind": kind}, by=by)
    return given
