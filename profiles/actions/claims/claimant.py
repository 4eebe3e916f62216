"""What claimants and owners do."""

from __future__ import annotations

from collections.abc import Mapping

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from profiles import signals
from profiles.actions.claims.cases import (
    Case,
    Role,
    announce,
    append,
    case_of,
    lock,
    locked_claims,
    own,
    proved_for,
    refuse,
    settle_dispute,
    take_step,
)
from profiles.actions.claims.ownership import end_ownership
from profiles.claiming import APPEAL_WITHIN, CHECKS, CLAIMS_A_DAY, COOL_DOWN, DAY, OPEN_CLAIMS, RENEWAL
from profiles.evidence.domains import kind_of_domain
from profiles.models import Claim, ClaimAnswer, EmailDomain, Evidence, User
from works.models import Author, Authorship


@transaction.atomic
def begin_claim(author: Author, *, by: User) -> Claim:
    """Begin to claim a record, or go on with the claim that is open. It is private and blocks nobody."""
    locked, _ = lock(author.pk, by.pk)
    claims = locked_claims(author.pk, by.pk)
    own_claims = [claim for claim in claims if claim.user_id == by.pk]
    if found := next((claim for claim in own_claims if claim.author_id == author.pk), None):
        return found
    check_account(by)
    check_limits(locked, own_claims, by=by)
    claim = Claim.objects.create(user=by, author=locked)
    append(claim, "begun", role=Role.CLAIMANT, after=claim.status, by=by)
    announce(signals.claim_begun, claim, by=by)
    return claim


def check_account(user: User) -> None:
    """An account that may claim: in use, with a confirmed address that is not thrown away after ten minutes. Two queries."""
    addresses = list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    if not user.is_active or not addresses:
        refuse("address-unconfirmed", "Confirm an e-mail address of your account first.", by=user)
    if any(kind_of_domain(address.rpartition("@")[2]).kind == EmailDomain.Kind.DISPOSABLE for address in addresses):
        refuse("disposable-mail", "Your account has a disposable e-mail address. Replace it by one that lasts, then claim.", by=user)


def check_limits(author: Author, own_claims: list[Claim], *, by: User) -> None:
    """How many claims one account may have and begin. Two queries; the account's row is locked, so no race gets round them."""
    now = timezone.now()
    if author.works_count == 0:
        refuse("empty-record", "No works point at this record any more, so there is nothing to claim.", by=by)
    if any(claim.is_holding for claim in own_claims):
        refuse("holds-another-record", "Your account holds a record already, and an account holds one. Ask for a merge instead.", by=by)
    if len(own_claims) >= OPEN_CLAIMS:
        refuse("too-many-open", f"You have {OPEN_CLAIMS} claims open. Withdraw one, or wait for a decision.", by=by)
    if Claim.objects.filter(user=by, created_at__gt=now - DAY).count() >= CLAIMS_A_DAY:
        refuse("too-many-today", f"You have begun {CLAIMS_A_DAY} claims in 24 hours. Come back tomorrow.", by=by)
    turned_down = Q(status__in=[Claim.Status.REJECTED, Claim.Status.REVOKED])
    # A dispute that was dropped counts as well: nobody holds a page in doubt by opening one after another.
    dropped = Q(status__in=[Claim.Status.WITHDRAWN, Claim.Status.EXPIRED], contests__isnull=False)
    closed = Claim.objects.filter(turned_down | dropped, user=by, author=author).order_by("-status_at").first()
    if closed and now < closed.status_at + COOL_DOWN:
        day = f"{closed.status_at + COOL_DOWN:%-d %B %Y}"
        if closed.contests_id and closed.status in {Claim.Status.WITHDRAWN, Claim.Status.EXPIRED}:
            refuse("cool-down", f"You disputed who holds this record, and let it drop. You can claim it again from {day}.", by=by)
        refuse("cool-down", f"Your claim to this record was turned down. You can appeal, or claim it again from {day}.", by=by)


def answer_works(claim: Claim, *, answers: Mapping[tuple[int, int], bool | None], by: User) -> Claim:
    """Note which works the claimant says are theirs: (work id, byline position) → theirs, not theirs, or None to forget an answer.

    What is no byline position of the record is refused as a whole: nobody answers for other people's works.
    """
    with case_of(claim) as case:
        own(case, by=by)
        claim = case.claim
        places = set(
            Authorship.objects.filter(author=case.author, work__in={work for work, _ in answers}).values_list("work_id", "position")
        )
        if answers.keys() - places:
            refuse("not-of-this-record", "One of these works does not stand in this record. Nothing was changed.", claim=claim, by=by)
        said = {place: is_mine for place, is_mine in answers.items() if is_mine is not None}
        forgotten = answers.keys() - said.keys()
        standing = claim.answers.filter(work__in={work for work, _ in forgotten}).values_list("pk", "work_id", "position")
        claim.answers.filter(pk__in=[pk for pk, *place in standing if tuple(place) in forgotten]).delete()
        ClaimAnswer.objects.bulk_create(
            [ClaimAnswer(claim=claim, work_id=work, position=position, is_mine=mine) for (work, position), mine in sorted(said.items())],
            update_conflicts=True,
            unique_fields=["claim", "work", "position"],
            update_fields=["is_mine"],
        )
        counts = {"mine": sum(said.values()), "not_mine": len(said) - sum(said.values()), "forgotten": len(answers) - len(said)}
        take_step(claim, "works-answered", role=Role.CLAIMANT, data=counts, by=by)
        if claim.status == Claim.Status.DRAFT and counts["mine"]:
            take_step(claim, "evidence-awaited", role=Role.CLAIMANT, by=by)
        return claim


def submit_claim(claim: Claim, *, statement: str = "", by: User) -> Claim:
    """Hand the claim to the reviewers: with a work that is the claimant's, and with evidence or a word on how it can be checked."""
    with case_of(claim) as case:
        own(case, by=by)
        claim = case.claim
        if case.holder:
            refuse("held", "Somebody holds this record. If it is yours, dispute their claim.", claim=claim, by=by)
        check_ready(case, statement, by=by)
        take_step(
            claim,
            "submitted",
            role=Role.CLAIMANT,
            text=statement,
            fields={"submitted_at": timezone.now(), "statement": statement or claim.statement},
            by=by,
        )
        return claim


def check_ready(case: Case, statement: str, *, by: User) -> None:
    if not case.claim.answers.filter(is_mine=True).exists():
        refuse("no-works", "Say of at least one work that it is yours.", claim=case.claim, by=by)
    if not statement.strip() and not proved_for(case.claim):
        refuse("no-evidence", "Add a piece of evidence, or write how the reviewers can check who you are.", claim=case.claim, by=by)


def answer_question(claim: Claim, *, text: str, by: User) -> Claim:
    """Answer the reviewer's question; the claim goes back to the queue at its old place."""
    with case_of(claim) as case:
        own(case, by=by)
        take_step(case.claim, "question-answered", role=Role.CLAIMANT, text=text, by=by)
        return case.claim


def withdraw_claim(claim: Claim, *, by: User) -> Claim:
    """Close an open claim. A dispute that it carried is over."""
    with case_of(claim) as case:
        own(case, by=by)
        take_step(case.claim, "withdrawn", role=Role.CLAIMANT, reason="own-wish", by=by)
        settle_dispute(case, case.claim.contests_id)
        return case.claim


def appeal_claim(claim: Claim, *, text: str, by: User) -> Claim:
    """Ask a second reviewer to look again, once, within 60 days. If the claim contested another, that one is disputed again."""
    with case_of(claim) as case:
        own(case, by=by)
        claim, now = case.claim, timezone.now()
        if claim.appealed_at:
            refuse("appealed-already", "A claim can be appealed once, and this one was.", claim=claim, by=by)
        if claim.decided_at and now > claim.decided_at + APPEAL_WITHIN:
            refuse("too-late", "A decision can be appealed within 60 days. You can claim the record again.", claim=claim, by=by)
        check_no_other(case, by=by)
        holder = case.holder
        take_step(
            claim,
            "appealed",
            role=Role.CLAIMANT,
            text=text,
            fields={"appealed_at": now, "submitted_at": now, "contests": holder, "seconded_by": None},
            by=by,
        )
        mark_disputed(holder, claim, by=by)
        return claim


def dispute(claim: Claim, *, statement: str, by: User) -> Claim:
    """Contest the claim that holds the same record. It takes evidence: a word alone does not put somebody's page in doubt."""
    with case_of(claim) as case:
        own(case, by=by)
        claim, holder = case.claim, case.holder
        if holder is None:
            refuse("not-held", "Nobody holds this record, so there is nothing to dispute.", claim=claim, by=by)
        if claim.contests_id == holder.pk and claim.is_live:
            refuse("disputed-already", "You dispute this claim already.", claim=claim, by=by)
        check_no_other(case, by=by)
        if not claim.answers.filter(is_mine=True).exists():
            refuse("no-works", "Say of at least one work that it is yours.", claim=claim, by=by)
        if not proved_for(claim):
            refuse("no-evidence", "A dispute needs at least one piece of evidence.", claim=claim, by=by)
        take_step(
            claim,
            "dispute-opened",
            role=Role.CLAIMANT,
            text=statement,
            data={"contests": holder.public_id},
            fields={"contests": holder, "seconded_by": None, "submitted_at": timezone.now(), "statement": statement or claim.statement},
            by=by,
        )
        mark_disputed(holder, claim, by=by)
        return claim


def check_no_other(case: Case, *, by: User) -> None:
    """The claimant has no other open claim to the record, and holds no record."""
    others = [other for other in case.claims if other.user_id == by.pk and other.pk != case.claim.pk]
    if any(other.is_holding for other in others):
        refuse("holds-another-record", "Your account holds a record already, and an account holds one.", claim=case.claim, by=by)
    if any(other.author_id == case.claim.author_id for other in others):
        refuse("already-open", "You have another claim to this record.", claim=case.claim, by=by)


def mark_disputed(holder: Claim | None, rival: Claim, *, by: User) -> None:
    """The claim that holds the record is disputed by `rival` from now on. Its event names the rival's claim and nobody."""
    if holder and holder.status != Claim.Status.DISPUTED:
        take_step(holder, "disputed", role=Role.CLAIMANT, data={"by": rival.public_id}, by=by)


def release_claim(claim: Claim, *, by: User) -> Claim:
    """Give the record up: it is unclaimed at once, and rivals wait for their own decisions. History stays; what was said of works goes."""
    with case_of(claim) as case:
        own(case, by=by)
        take_step(case.claim, "released", role=Role.OWNER, reason="own-wish", fields={"answers_due": True}, by=by)
        end_ownership(case)
        return case.claim


def ask_for_identity_check(claim: Claim, *, text: str, by: User) -> Claim:
    """Ask staff to check who one is, saying how one can be reached for it. Two checks by different people make level 4."""
    with case_of(claim) as case:
        own(case, by=by)
        claim, now = case.claim, timezone.now()
        if claim.status == Claim.Status.DISPUTED:
            refuse("disputed", "Somebody objected to your claim. Ask again once staff have decided.", claim=claim, by=by)
        if claim.identity_asked_at:
            refuse("asked-already", "You have asked already. Two members of staff look at it, one after the other.", claim=claim, by=by)
        soon = timezone.localdate() + RENEWAL
        lasting = Evidence.objects.proved().filter(user=by, author=case.author, kind=Evidence.Kind.IDENTITY_CHECK, expires_on__gt=soon)
        if lasting.values("given_by").distinct().count() >= CHECKS:
            refuse("checked-already", "Two members of staff have checked who you are already.", claim=claim, by=by)
        declined = claim.events.filter(kind="identity-declined", at__gt=now - COOL_DOWN).order_by("-pk").first()
        if declined:
            refuse("cool-down", f"Staff turned this down. You can ask again from {declined.at + COOL_DOWN:%-d %B %Y}.", claim=claim, by=by)
        take_step(claim, "identity-asked", role=Role.OWNER, text=text, fields={"identity_asked_at": now}, by=by)
        return claim
