"""Proof by a co-author's word: asked for by the claimant, given and taken back by the co-author.

An attestation says that the account is that author's, and carries a claim. A vouch for the identity says who the owner of an approved claim
is; two of them from two institutions, and a decision of staff, make level 4.
"""

from __future__ import annotations

from profiles.actions.claims.cases import Case, Role, append, case_of, refuse
from profiles.actions.evidence.proofs import OPEN_TO_EVIDENCE, check_open, end, prove, told
from profiles.actions.telling import tell_of_vouch, vouch_is_answered
from profiles.evidence.vouch import who_could, why_not
from profiles.models import Claim, Evidence, User

Kind, Status = Evidence.Kind, Evidence.Status
MOST_ASKED = 3
WORDS = (Kind.COAUTHOR_ATTESTATION, Kind.IDENTITY_VOUCH)


def ask_for_vouch(claim: Claim, *, voucher: int, message: str, kind: str = Kind.COAUTHOR_ATTESTATION, by: User) -> Evidence:
    """Ask one of the record's verified co-authors (the account's number, from who_could). Three may be asked at a time."""
    with case_of(claim) as case:
        check_open(case, by=by)
        check_kind(case, kind, by=by)
        found = next((profile for profile in who_could(case.author) if profile.user_id == voucher and voucher != by.pk), None)
        if found is None:
            refuse("no-such-voucher", "This person cannot be asked: only verified co-authors of the record can.", claim=case.claim, by=by)
        asked = Evidence.objects.filter(user=by, author=case.author, kind__in=WORDS)
        if asked.filter(given_by=voucher, kind=kind).exclude(status=Status.REVOKED).exists():
            refuse("asked-already", "You have asked this person before.", claim=case.claim, by=by)
        if asked.filter(status=Status.PENDING).count() >= MOST_ASKED:
            refuse("too-many-asked", f"You have asked {MOST_ASKED} people. Wait for their answers.", claim=case.claim, by=by)
        item = Evidence.objects.create(
            user=by,
            author=case.author,
            claim=case.claim,
            kind=kind,
            source=f"user:{voucher}",
            value=found.author.public_id,
            given_by_id=voucher,
        )
        append(case.claim, "vouch-asked", role=Role.CLAIMANT, text=message, data=told(item), by=by)
        tell_of_vouch(evidence_id=item.pk)
        return item


def check_kind(case: Case, kind: str, *, by: User) -> None:
    """Who somebody is can be vouched for once the page is theirs: before, the question is whose page it is."""
    if kind not in WORDS:
        refuse("no-such-word", "Choose what to ask for.", claim=case.claim, by=by)
    if kind == Kind.IDENTITY_VOUCH and not case.claim.is_holding:
        refuse("not-held", "Others can vouch for who you are once your claim is approved.", claim=case.claim, by=by)


def asked_of(case: Case, evidence: Evidence, status: str, *, by: User) -> Evidence:
    """The row as it is now, if it was asked of this person and is in that state."""
    item = Evidence.objects.filter(pk=evidence.pk, given_by=by, kind__in=WORDS, status=status).first()
    if item is None:
        refuse("not-asked", "Nobody asks this of you, or it is settled already.", claim=case.claim, by=by)
    return item


def claim_of(evidence: Evidence, *, by: User) -> Claim:
    if evidence.claim is None:
        refuse("closed", "This claim is closed.", by=by)
    return evidence.claim


def vouch(evidence: Evidence, *, by: User) -> Evidence:
    """Attest that the claimant is that author, or vouch for who they are, as one was asked.

    Quota and level are looked at under the voucher's own lock: no race gets round them.
    """
    with case_of(claim_of(evidence, by=by)) as case:
        item = asked_of(case, evidence, Status.PENDING, by=by)
        if case.claim.status not in OPEN_TO_EVIDENCE:
            refuse("closed", "This claim is closed.", claim=case.claim, by=by)
        check_kind(case, item.kind, by=by)
        voucher = User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if reason := why_not(voucher, case.author):
            refuse("may-not-vouch", reason, claim=case.claim, by=by)
        vouch_is_answered(evidence_id=item.pk)
        return prove(case, item, role=Role.VOUCHER, by=by)


def decline_vouch(evidence: Evidence, *, by: User) -> None:
    """Say no. The claimant sees that, and no reason."""
    with case_of(claim_of(evidence, by=by)) as case:
        item = asked_of(case, evidence, Status.PENDING, by=by)
        vouch_is_answered(evidence_id=item.pk)
        end(case, item, Status.FAILED, why="Declined.", role=Role.VOUCHER, by=by)


def revoke_vouch(evidence: Evidence, *, by: User) -> None:
    """Take one's word back. It counts against the month's quota all the same."""
    with case_of(claim_of(evidence, by=by)) as case:
        item = asked_of(case, evidence, Status.PROVED, by=by)
        end(case, item, Status.REVOKED, why="Taken back.", role=Role.VOUCHER, by=by)
