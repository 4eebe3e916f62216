"""Objections to a page: received from anybody, decided by staff, each decision an event.

object_to(author, *, statement, contact, by) -> Objection      `by` is a reader of works.actions.corrections: five a day
grant(objection, *, reason, by) -> Objection                   the page goes for good
refuse(objection, *, reason, by) -> Objection
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from profiles.models import Claim, Evidence, Finding, Follow, Invitation, Objection, Suspension, Trust, User
from profiles.roles import may_review
from works.actions.corrections import Reader
from works.actions.journal import Actor, append, event_by
from works.actions.suppressions import SuppressionRefused, suppress_author
from works.models import Author
from works.models.decision import Role

A_DAY = 5


class ObjectionRefused(Exception):
    """What was asked cannot be done; the message is for who asked."""


@transaction.atomic
def object_to(*, author: Author, statement: str, contact: str, by: Reader) -> Objection:
    """Keep the objection for staff. Said twice, it stands once."""
    own = Objection.objects.filter(sender_hash=by.digest)
    if standing := own.filter(author=author, status=Objection.Status.RECEIVED).first():
        return standing
    if own.filter(received_at__gt=timezone.now() - timedelta(days=1)).count() >= A_DAY:
        raise ObjectionRefused(f"{A_DAY} objections a day are taken from one sender. Write again tomorrow.")
    return Objection.objects.create(author=author, statement=statement.strip(), contact=contact, sender_hash=by.digest)


@transaction.atomic
def grant(objection: Objection, *, reason: str, by: User) -> Objection:
    """Remove the page, and everything that people hold of it; nothing that was written in the objection is kept."""
    found = decided(objection, Objection.Status.GRANTED, reason, by=by)
    try:
        suppress_author(author_id=found.author_id, by=Actor(account=by.pk, role=Role.STAFF))
    except SuppressionRefused as refused:
        raise ObjectionRefused(str(refused)) from refused
    Objection.objects.filter(author=found.author_id).update(statement="", contact="")
    return found


@transaction.atomic
def refuse(objection: Objection, *, reason: str, by: User) -> Objection:
    found = decided(objection, Objection.Status.REFUSED, reason, by=by)
    append(event_by(Actor(account=by.pk, role=Role.STAFF), "objection-refused", author=found.author_id, objection=found.pk))
    return found


def decided(objection: Objection, status: str, reason: str, *, by: User) -> Objection:
    if not may_review(by):
        raise ObjectionRefused("Only reviewers decide about objections.")
    if not reason.strip():
        raise ObjectionRefused("Give the reason.")
    found = Objection.objects.select_for_update().get(pk=objection.pk)
    if found.status != Objection.Status.RECEIVED:
        raise ObjectionRefused("This is decided.")
    found.status, found.reason, found.decided_at, found.decided_by = status, reason.strip(), timezone.now(), by
    found.save()
    return found


def forget_held(*, author_ids: list[int]) -> None:
    """What people hold of a page that is removed: follows, invitations, evidence, figures. Claims stay, at a page that names nobody."""
    for table in (Follow, Invitation, Evidence, Suspension, Trust):
        table._default_manager.filter(author__in=author_ids).delete()  # noqa: SLF001 -- Django's public way
    Finding.objects.filter(author__in=author_ids).update(statement="", decision="", appeal="")
    Claim.objects.filter(author__in=author_ids).update(statement="")
