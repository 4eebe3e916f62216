"""The one writer of Finding, FindingEvent and Suspension.

    report(author, *, kind, statement, work=None, by) -> Finding           a reader with an account; at most 5 a day
    take_case(finding, *, by) -> Finding                                    staff look at it
    decide(finding, *, is_upheld, decision, by) -> Finding                  staff; after an appeal, somebody else than who decided first
    appeal(finding, *, statement, by) -> Finding                            the owner of the record, once
    suspend(author, *, reason, by) -> Suspension                            staff: level 1 at once
    lift(suspension, *, by) -> Suspension

Nobody decides about their own record, a co-author's, or their own report. Each call is one transaction, locks the finding, appends an
event and sends `findings_changed`. What cannot be done raises FindingRefused with a sentence for the person, and changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from graph.models import Collaboration
from profiles.models import Finding, FindingEvent, Profile, StaleTrust, Suspension, Trust, User
from profiles.roles import may_review
from profiles.signals import findings_changed
from works.models import Author, Work

Role, Status = FindingEvent.Role, Finding.Status
REPORTS_A_DAY = 5


class FindingRefused(Exception):
    """What was asked cannot be done; the message is for the person who asked."""


@transaction.atomic
def report(*, author: Author, kind: str, statement: str, work: Work | None = None, by: User) -> Finding:
    """A reader says that something is wrong with who is behind a record. Until staff decide, the figure does not rise above today's."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # counting and adding are one step
    if Profile.objects.filter(user=by, author=author).exists():
        raise FindingRefused("This is your own record: your profile page is the place to correct it.")
    if Finding.objects.filter(reporter=by, reported_at__gt=timezone.now() - timedelta(days=1)).count() >= REPORTS_A_DAY:
        raise FindingRefused(f"You have made {REPORTS_A_DAY} reports today. Staff read every one of them; please come back tomorrow.")
    if Finding.objects.open().filter(reporter=by, author=author).exists():
        raise FindingRefused("Your report about this record is still open.")
    if not statement.strip():
        raise FindingRefused("Say what is wrong, so that staff can look into it.")
    known = Trust.objects.filter(pk=author.pk).only("micropoints", "band").first()
    finding = Finding.objects.create(
        author=author,
        work=work,
        kind=kind,
        statement=statement.strip(),
        reporter=by,
        ceiling_micropoints=known.micropoints if known else None,
        ceiling_band=known.band if known else "",
    )
    append(finding, "reported", role=Role.READER, text=finding.statement, by=by)
    return finding


def take_case(*, finding: Finding, by: User) -> Finding:
    """A member of staff takes the report on."""
    with transaction.atomic():
        finding = locked(finding)
        check_staff(finding.author_id, reporter_id=finding.reporter_id, by=by)
        if finding.status != Status.REPORTED:
            raise FindingRefused(f"This report is past that: {finding.get_status_display().lower()}.")
        move(finding, Status.CASE, taken_by=by)
        append(finding, "taken", role=Role.REVIEWER, before=Status.REPORTED, by=by)
        return finding


def decide(*, finding: Finding, is_upheld: bool, decision: str, by: User) -> Finding:
    """Staff decide a case, or an appeal: then somebody else than who decided first."""
    with transaction.atomic():
        finding = locked(finding)
        check_staff(finding.author_id, reporter_id=finding.reporter_id, by=by)
        if finding.status not in {*Finding.OPEN, Status.APPEALED}:
            raise FindingRefused(f"This is decided: {finding.get_status_display().lower()}.")
        if finding.status == Status.APPEALED and finding.decided_by_id == by.pk:
            raise FindingRefused("You decided this. Another member of staff decides the appeal.")
        if not decision.strip():
            raise FindingRefused("Give the reason: the owner of the record reads it.")
        before = finding.status
        after = Status.UPHELD if is_upheld else Status.DISMISSED
        move(finding, after, decided_by=by, decided_at=timezone.now(), decision=decision.strip())
        append(finding, "decided", role=Role.REVIEWER, before=before, text=finding.decision, by=by)
        return finding


def appeal(*, finding: Finding, statement: str, by: User) -> Finding:
    """The owner of the record asks that somebody else looks again. The finding stands meanwhile."""
    with transaction.atomic():
        finding = locked(finding)
        if not Profile.objects.filter(user=by, author=finding.author_id).exists():
            raise FindingRefused("Only the owner of the record can appeal.")
        if not finding.can_be_appealed:
            raise FindingRefused("A finding can be appealed once, while it stands.")
        if not statement.strip():
            raise FindingRefused("Say why the decision is wrong.")
        move(finding, Status.APPEALED, appealed_at=timezone.now(), appeal=statement.strip())
        append(finding, "appealed", role=Role.OWNER, before=Status.UPHELD, text=finding.appeal, by=by)
        return finding


@transaction.atomic
def suspend(*, author: Author, reason: str, by: User) -> Suspension:
    """Level 1 at once, whatever was proved, until staff lift it."""
    check_staff(author.pk, reporter_id=None, by=by)
    if not reason.strip():
        raise FindingRefused("Give the reason: the owner of the record reads it.")
    try:
        with transaction.atomic():
            suspension = Suspension.objects.create(author=author, reason=reason.strip(), began_by=by)
    except IntegrityError as error:
        raise FindingRefused("This record is suspended already.") from error
    append_about(author.pk, "suspended", role=Role.REVIEWER, cause=StaleTrust.Cause.SUSPENSION, text=suspension.reason, by=by)
    return suspension


@transaction.atomic
def lift(*, suspension: Suspension, by: User) -> Suspension:
    """End a suspension; what was proved counts again."""
    suspension = Suspension.objects.select_for_update().get(pk=suspension.pk)
    check_staff(suspension.author_id, reporter_id=None, by=by)
    if suspension.ended_at:
        raise FindingRefused("This suspension has ended already.")
    suspension.ended_at, suspension.ended_by = timezone.now(), by
    suspension.save(update_fields=["ended_at", "ended_by"])
    append_about(suspension.author_id, "lifted", role=Role.REVIEWER, cause=StaleTrust.Cause.SUSPENSION, by=by)
    return suspension


def conflict_of_interest(author_id: int, *, reporter_id: int | None, by: User) -> str:
    """Why this person may not decide about a record, as a sentence; "" if they may. At most two queries."""
    if reporter_id == by.pk:
        return "You made this report. Somebody else decides."
    own = Profile.objects.filter(user=by).values_list("author", flat=True).first()
    if own is None:
        return ""
    if own == author_id:
        return "Nobody decides about their own record."
    if Collaboration.objects.filter(Q(author_a=own, author_b=author_id) | Q(author_a=author_id, author_b=own)).exists():
        return "You have joint works with this author. Somebody else decides."
    return ""


def check_staff(author_id: int, *, reporter_id: int | None, by: User) -> None:
    if not may_review(by):
        raise FindingRefused("Only reviewers decide about reports.")
    if conflict := conflict_of_interest(author_id, reporter_id=reporter_id, by=by):
        raise FindingRefused(conflict)


def locked(finding: Finding) -> Finding:
    return Finding.objects.select_for_update().get(pk=finding.pk)


def move(finding: Finding, status: Finding.Status, **fields: object) -> None:
    for name, value in {**fields, "status": status, "status_at": timezone.now()}.items():
        setattr(finding, name, value)
    finding.save(update_fields=[*fields, "status", "status_at"])


def append(finding: Finding, kind: str, *, role: str, before: str = "", text: str = "", by: User) -> None:
    append_about(finding.author_id, kind, role=role, finding=finding, before=before, after=finding.status, text=text, by=by)


def append_about(
    author_id: int,
    kind: str,
    *,
    role: str,
    cause: StaleTrust.Cause = StaleTrust.Cause.FINDING,
    finding: Finding | None = None,
    before: str = "",
    after: str = "",
    text: str = "",
    by: User,
) -> None:
    """The event, and the announcement, in the caller's transaction."""
    FindingEvent.objects.create(
        finding=finding, about_author=author_id, kind=kind, actor_id=by.pk, actor_role=role, before=before, after=after, text=text
    )
    findings_changed.send(sender=Finding, author_ids=[author_id], cause=cause)
