"""The one writer of AbuseReport and AbuseEvent.

    report_abuse(*, invitation=None, conversation=None, kind, statement, by) -> AbuseReport     by who was written to; blocks the writer too
    decide_abuse(report, *, is_upheld, decision, by) -> AbuseReport                             staff, who are no party to it

Staff read what was reported and nothing else of a conversation. An upheld report bars its writer from writing for 90 days.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from profiles.actions.contact import ContactRefused, block
from profiles.actions.contact.conversations import other_of
from profiles.models import AbuseEvent, AbuseReport, Conversation, Invitation, User
from profiles.roles import may_review

Role, Status = AbuseEvent.Role, AbuseReport.Status
BAR = timedelta(days=90)
LAST_MESSAGES = 20


@transaction.atomic
def report_abuse(
    *, invitation: Invitation | None = None, conversation: Conversation | None = None, kind: str, statement: str, by: User
) -> AbuseReport:
    """Tell staff about what somebody wrote, as it stands now, and block its writer."""
    about, text = what_was_written(invitation, conversation, by=by)
    try:
        with transaction.atomic():
            report = AbuseReport.objects.create(
                reporter=by,
                about=about,
                invitation=invitation,
                conversation=conversation,
                kind=kind,
                statement=statement.strip(),
                text=text,
            )
    except IntegrityError as error:
        raise ContactRefused("Your report about this person is still open.") from error
    append(report, "reported", role=Role.READER, text=report.statement, by=by)
    block(about, by=by)
    append(report, "blocked", role=Role.READER, by=by)
    return report


def what_was_written(invitation: Invitation | None, conversation: Conversation | None, *, by: User) -> tuple[User, str]:
    """Who wrote, and what: an invitation's message, or the last twenty messages of the other in a conversation. At most three queries."""
    if conversation is not None:
        other = other_of(conversation, by=by)
        about = User.objects.filter(pk=other).first() if other else None
        if about is None:
            raise ContactRefused("Whoever wrote this has left, and their messages with them.")
        last = conversation.messages.filter(sender=about).order_by("-pk")[:LAST_MESSAGES]
        return about, "\n\n".join(f"{message.sent_at:%Y-%m-%d %H:%M}\n{message.text}" for message in reversed(last))
    if invitation is None or invitation.recipient_id != by.pk:
        raise ContactRefused("You have no such invitation.")
    return invitation.sender, invitation.message


@transaction.atomic
def decide_abuse(report: AbuseReport, *, is_upheld: bool, decision: str, by: User) -> AbuseReport:
    """Staff decide, once. The writer cannot write to anybody for 90 days where it is upheld."""
    if not may_review(by):
        raise ContactRefused("Only reviewers decide about reports.")
    found = AbuseReport.objects.select_for_update().get(pk=report.pk)
    if by.pk in {found.reporter_id, found.about_id}:
        raise ContactRefused("You are a party to this. Somebody else decides.")
    if found.status != Status.REPORTED:
        raise ContactRefused(f"This is decided: {found.get_status_display().lower()}.")
    if not decision.strip():
        raise ContactRefused("Give the reason.")
    found.status = Status.UPHELD if is_upheld else Status.DISMISSED
    found.decided_at, found.decided_by, found.decision = timezone.now(), by, decision.strip()
    found.barred_until = found.decided_at + BAR if is_upheld else None
    found.save()
    append(found, found.status, role=Role.REVIEWER, before=Status.REPORTED, text=found.decision, by=by)
    return found


def append(report: AbuseReport, kind: str, *, role: str, before: str = "", text: str = "", by: User) -> None:
    AbuseEvent.objects.create(report=report.pk, kind=kind, actor_id=by.pk, actor_role=role, before=before, after=report.status, text=text)
