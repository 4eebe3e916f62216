"""Readers' doubts about attributions: reported, limited in number, and answered by the owner of a claimed record or by staff."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from works.actions.authorships import Answer, decide_authorships
from works.actions.imports.locks import lock_record
from works.actions.journal import Actor, append, event_by
from works.models import Authorship, Correction, RecordEvent
from works.models.audit import Event
from works.models.decision import Role
from works.signals import correction_reported

logger = logging.getLogger(__name__)

LIMITS = ((timedelta(hours=1), 10), (timedelta(days=1), 40))


class CorrectionRefused(ValueError):
    """The report or the answer to it cannot be taken. The message is for the person who sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reports: an account, or a visitor by the address that the request came from."""

    account: int | None
    address: str

    @property
    def digest(self) -> str:
        """What reports are counted by. Of an address only this is kept: salted with the site's secret, it leads back to nobody."""
        who = f"account {self.account}" if self.account else f"address {self.address}"
        return salted_hmac("works.correction", who, algorithm="sha256").hexdigest()


@transaction.atomic
def report_correction(*, place: Authorship, kind: str, note: str, by: Reader) -> Correction:
    """Keep what a reader says about a byline position; for the owner of a claimed record, else for staff. Said twice, it stands once."""
    if place.author is None:
        raise CorrectionRefused("Nobody's page lists this place: there is nothing to correct.")
    now = timezone.now()
    own = Correction.objects.filter(reporter_hash=by.digest)
    if standing := own.filter(work=place.work_id, author=place.author_id, state=Correction.State.OPEN).first():
        return standing
    for period, most in LIMITS:
        if own.filter(created_at__gt=now - period).count() >= most:
            logger.warning("A reader reached the limit of %s corrections in %s.", most, period)
            raise CorrectionRefused(
                f"You have sent {most} reports lately. Please wait before you send more; the first ones are being looked at."
            )
    correction = Correction.objects.create(
        work_id=place.work_id,
        author=place.author,
        position=place.position,
        raw_name=place.raw_name,
        kind=kind,
        note=note,
        reporter_id=by.account,
        reporter_hash=by.digest,
        goes_to=Role.OWNER if place.author.is_claimed else Role.STAFF,
        created_at=now,
    )
    append(
        RecordEvent(
            kind="correction-reported",
            actor_id=by.account,
            actor_role=Event.Role.READER,
            about_author=place.author_id,
            about_work=place.work_id,
            text=note,
            text_digest=hashlib.sha256(note.encode()).hexdigest() if note else "",
            data={"correction": correction.pk, "kind": kind, "position": place.position},
        )
    )
    if correction.goes_to == Role.OWNER:
        correction_reported.send(sender=Correction, correction_id=correction.pk)
    return correction


@transaction.atomic
def accept_correction(correction_id: int, *, to: int | None = None, answer: str = "", by: Actor) -> Correction:
    """The reader is right: the place is not this author's, and goes to the author `to` or to a new one. No import gives it back."""
    lock_record()  # before the correction's row, as merges take the two
    correction = settle(correction_id, Correction.State.ACCEPTED, answer, by=by)
    place = Authorship.objects.filter(work=correction.work_id, author=correction.author_id).first()
    if place is not None:
        said = Answer(work=place.work_id, position=place.position, author=correction.author_id, is_mine=False, to=to)
        outcome = decide_authorships([said], by=by)
        if outcome.refused:
            raise CorrectionRefused(outcome.refused[0][1])
    elif to is not None:
        raise CorrectionRefused("The place is no longer this author's; there is nothing to give to somebody else.")
    return correction


@transaction.atomic
def dismiss_correction(correction_id: int, *, answer: str = "", by: Actor) -> Correction:
    """The record is right as it is."""
    return settle(correction_id, Correction.State.DISMISSED, answer, by=by)


def settle(correction_id: int, state: Correction.State, answer: str, *, by: Actor) -> Correction:
    correction = Correction.objects.select_for_update().get(pk=correction_id)
    if correction.state != Correction.State.OPEN:
        raise CorrectionRefused(f"This report was {correction.get_state_display().lower()} meanwhile.")
    correction.state, correction.answer = state, answer
    correction.decided_by, correction.decided_role, correction.decided_at = by.account, by.role, timezone.now()
    correction.save()
    append(event_by(by, f"correction-{state}", author=correction.author_id, work=correction.work_id, text=answer, correction=correction.pk))
    return correction
