"""What answers a signal: it marks what is owed and enqueues the work, nothing more.

A message is a hint: what is owed stands in Postgres, and profiles.sweep finds it if the message is lost. So enqueuing is robust:
without Redis the record is still written and the page still answers.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.account.signals import email_removed
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.signals import social_account_removed
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import Signal, receiver

from graph.signals import collaborations_counted
from profiles import tasks
from profiles.actions.evidence import revoke_by_address, revoke_by_orcid
from profiles.actions.moves import follow_merge, follow_redirects, follow_undo, follow_union, follow_work_merge, follow_work_split
from profiles.actions.privacy.deletion import cancel_deletion
from profiles.actions.privacy.objections import forget_held
from profiles.actions.profiles import refresh_profiles
from profiles.actions.snapshots import forget_in_snapshots
from profiles.actions.telling import tell_of_claim, tell_of_correction
from profiles.actions.trust import mark_trust_stale
from profiles.evidence.account import ORCID
from profiles.models import Profile, StaleTrust, User
from profiles.signals import (
    addition_due,
    claim_appealed,
    claim_approved,
    claim_disputed,
    claim_expired,
    claim_frozen,
    claim_identity_checked,
    claim_identity_declined,
    claim_question_answered,
    claim_questioned,
    claim_rejected,
    claim_released,
    claim_revoked,
    claim_submitted,
    claim_superseded,
    claim_upheld,
    evidence_changed,
    evidence_due,
    findings_changed,
    profile_changed,
    profile_link_added,
    something_waits,
)
from works.actions.names import restore_names
from works.signals import (
    author_split,
    author_suppressed,
    authors_merged,
    authors_redirected,
    authorships_changed,
    authorships_decided,
    correction_reported,
    merge_undone,
    subjects_united,
    work_split,
    works_merged,
)

# What the claimant is told in the header: steps of a claim by their signals.
TOLD = {
    claim_approved: "approved",
    claim_disputed: "disputed",
    claim_expired: "expired",
    claim_frozen: "frozen",
    claim_identity_checked: "identity-checked",
    claim_identity_declined: "identity-declined",
    claim_questioned: "questioned",
    claim_rejected: "rejected",
    claim_released: "released",
    claim_revoked: "revoked",
    claim_superseded: "superseded",
    claim_upheld: "upheld",
}


@receiver(authorships_changed, dispatch_uid="profiles.mark_trust_stale")
def record_changed(*, author_ids: list[int], **_: object) -> None:
    """The record's lines follow from authorships, and so does what people have confirmed together."""
    compute_again(author_ids, StaleTrust.Cause.RECORD)


@receiver(authorships_decided, dispatch_uid="profiles.mark_trust_stale_by_decisions")
def works_confirmed(*, author_ids: list[int], **_: object) -> None:
    """Who confirms a work lifts those who wrote it with them: what follows for others is marked when the confirming author is computed."""
    compute_again(author_ids, StaleTrust.Cause.CONFIRMATION)


@receiver(collaborations_counted, dispatch_uid="profiles.mark_trust_stale_once_counted")
def collaborators_counted(*, author_ids: list[int], **_: object) -> None:
    compute_again(author_ids, StaleTrust.Cause.COLLABORATIONS)


@receiver(evidence_changed, dispatch_uid="profiles.mark_trust_stale_by_evidence")
def evidence_proved_or_revoked(*, author_ids: list[int], **_: object) -> None:
    """Levels follow from the evidence of whoever holds the record; who holds it is announced in the same way."""
    compute_again(author_ids, StaleTrust.Cause.EVIDENCE)


@receiver([authenticator_added, authenticator_removed], dispatch_uid="profiles.mark_trust_stale_by_second_factor")
def second_factor_changed(*, user: User, **_: object) -> None:
    """Level 5 needs a second factor on the account."""
    if author_id := Profile.objects.filter(user=user).values_list("author", flat=True).first():
        compute_again([author_id], StaleTrust.Cause.EVIDENCE)


@receiver(authors_merged, dispatch_uid="profiles.mark_trust_stale_by_merge")
def trust_of_merged(*, winner_id: int, loser_ids: list[int], **_: object) -> None:
    """The records, and those who confirmed works together with them; collaborations that are counted anew mark both neighbourhoods."""
    compute_again([winner_id, *loser_ids], StaleTrust.Cause.MERGE)


@receiver(author_split, dispatch_uid="profiles.mark_trust_stale_by_split")
def trust_of_split(*, author_id: int, new_id: int, **_: object) -> None:
    compute_again([author_id, new_id], StaleTrust.Cause.MERGE)


@receiver(findings_changed, dispatch_uid="profiles.mark_trust_stale_by_findings")
def findings_decided(*, author_ids: list[int], cause: StaleTrust.Cause, **_: object) -> None:
    compute_again(author_ids, cause)


def compute_again(author_ids: list[int], cause: StaleTrust.Cause) -> None:
    mark_trust_stale(author_ids=author_ids, cause=cause)
    transaction.on_commit(tasks.compute_trust.delay, robust=True)


@receiver(authorships_changed, dispatch_uid="profiles.refresh_profiles")
def refresh(*, author_ids: list[int], **_: object) -> None:
    """What a person put on their page repeats titles of the record."""
    refresh_profiles(author_ids=author_ids)


@receiver(claim_revoked, dispatch_uid="profiles.restore_names")
@receiver(claim_released, dispatch_uid="profiles.restore_names")
def forget_chosen_names(*, author_id: int, **_: object) -> None:
    """With the claim ends what the person called the author."""
    restore_names(author_id=author_id)


@receiver(claim_approved, dispatch_uid="profiles.settle_approved_claim")
@receiver(claim_revoked, dispatch_uid="profiles.settle_revoked_claim")
@receiver(claim_released, dispatch_uid="profiles.settle_released_claim")
def answers_are_due(**_: object) -> None:
    transaction.on_commit(tasks.settle_claims.delay, robust=True)


@receiver(social_account_removed, dispatch_uid="profiles.revoke_by_orcid")
def orcid_disconnected(*, socialaccount: SocialAccount, **_: object) -> None:
    """What the iD proved was proved of whoever can log in with it."""
    if socialaccount.provider == ORCID:
        revoke_by_orcid(user=socialaccount.user, orcid=socialaccount.uid)


@receiver(email_removed, dispatch_uid="profiles.revoke_by_address")
def address_removed(*, user: User, email_address: EmailAddress, **_: object) -> None:
    """What the address proved was proved of whoever reads mail there."""
    if email_address.verified:
        revoke_by_address(user=user, address=email_address.email)


@receiver(evidence_due, dispatch_uid="profiles.check_link")
def link_is_due(**_: object) -> None:
    transaction.on_commit(tasks.check_links.delay, robust=True)


@receiver(list(TOLD), dispatch_uid="profiles.mail_claim_notice")
def notice_is_owed(**_: object) -> None:
    transaction.on_commit(tasks.mail_notices.delay, robust=True)


@receiver(list(TOLD), dispatch_uid="profiles.tell_of_claim")
def claimant_is_told(*, signal: Signal, claim_id: int, **_: object) -> None:
    tell_of_claim(claim_id=claim_id, step=TOLD[signal])


@receiver(correction_reported, dispatch_uid="profiles.tell_of_correction")
def place_is_doubted(*, correction_id: int, **_: object) -> None:
    tell_of_correction(correction_id=correction_id)


@receiver(authors_merged, dispatch_uid="profiles.follow_merge")
def records_merged(*, merge_id: int, winner_id: int, loser_ids: list[int], **_: object) -> None:
    """In the merge's own transaction: nobody's follow, claim or finding may be at a redirect when it is over."""
    follow_merge(merge_id=merge_id, winner_id=winner_id, loser_ids=loser_ids)


@receiver(authors_redirected, dispatch_uid="profiles.follow_redirects")
def records_are_others(*, redirects: dict[int, int], **_: object) -> None:
    follow_redirects(redirects=redirects)


@receiver(subjects_united, dispatch_uid="profiles.follow_union")
def subjects_are_one(*, kind: str, former: dict[int, int], **_: object) -> None:
    """In the import's own transaction: what people hold of an institution may not point at a row that is gone."""
    follow_union(kind=kind, former=former)


@receiver(works_merged, dispatch_uid="profiles.follow_work_merge")
def works_are_one(*, merge_id: int, winner_id: int, loser_ids: list[int], **_: object) -> None:
    follow_work_merge(merge_id=merge_id, winner_id=winner_id, loser_ids=loser_ids)


@receiver(work_split, dispatch_uid="profiles.follow_work_split")
def works_are_two(*, merge_id: int, work_id: int, new_id: int, **_: object) -> None:
    follow_work_split(merge_id=merge_id, work_id=work_id, new_id=new_id)


@receiver(merge_undone, dispatch_uid="profiles.follow_undo")
def records_apart_again(*, merge_id: int, **_: object) -> None:
    follow_undo(merge_id=merge_id)


@receiver(claim_submitted, dispatch_uid="profiles.weigh_submitted")
@receiver(claim_question_answered, dispatch_uid="profiles.weigh_answered")
@receiver(claim_appealed, dispatch_uid="profiles.weigh_appealed")
@receiver(claim_disputed, dispatch_uid="profiles.weigh_disputed")
@receiver(claim_frozen, dispatch_uid="profiles.weigh_frozen")
def wants_weighing(**_: object) -> None:
    """A claim waits for staff."""
    transaction.on_commit(tasks.weigh_claims.delay, robust=True)


@receiver(profile_link_added, dispatch_uid="profiles.read_own_links")
def link_wants_reading(**_: object) -> None:
    transaction.on_commit(tasks.read_own_links.delay, robust=True)


@receiver(addition_due, dispatch_uid="profiles.add_works")
def works_are_to_be_added(**_: object) -> None:
    transaction.on_commit(tasks.add_works.delay, robust=True)


@receiver([claim_approved, profile_changed], dispatch_uid="profiles.release_invitations")
def may_be_written_to(**_: object) -> None:
    """Somebody holds a record, or says whether they are open to collaborate: what was held for them may be due."""
    transaction.on_commit(tasks.release_invitations.delay, robust=True)


@receiver(something_waits, dispatch_uid="profiles.mail_waiting")
def mail_is_due(**_: object) -> None:
    transaction.on_commit(tasks.mail_waiting.delay, robust=True)


@receiver(user_logged_in, dispatch_uid="profiles.cancel_deletion")
def account_is_wanted(*, user: User, **_: object) -> None:
    """Whoever logs in within the days of grace keeps the account."""
    cancel_deletion(by=user)


@receiver(author_suppressed, dispatch_uid="profiles.forget_held")
def author_objected(*, author_ids: list[int], public_id: str, **_: object) -> None:
    forget_held(author_ids=author_ids)
    forget_in_snapshots(author_ids=author_ids, public_id=public_id)
