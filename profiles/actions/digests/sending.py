"""The outbox, carried out: each digest leaves at most once, whoever is killed, runs twice or wakes up late."""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from profiles.actions import mails
from profiles.actions.claims.notices import addresses_of
from profiles.actions.digests.letters import Letter, letter_of
from profiles.models import AccountDeletion, Digest, DigestPlan, SentMail

logger = logging.getLogger(__name__)

State = Digest.State
ATTEMPTS = 8
LEASE = timedelta(minutes=5)  # longer than composing, and a mail server that keeps silent for EMAIL_TIMEOUT at each step
KEPT = timedelta(days=90)


def are_digests_owed() -> bool:
    """Whether anything is to be sent, or to be given up. At most two queries."""
    now = timezone.now()
    return Digest.objects.owed(now).exists() or Digest.objects.forsaken(now).exists()


def send_digests(*, limit: int = 50) -> int:
    """Send what is owed, longest waiting first; how many were taken."""
    give_up_forsaken()
    for taken in range(limit):
        digest = take()
        if digest is None:
            return taken
        try:
            send(digest)
        except Exception:  # whatever is wrong with this one, the others go out
            logger.exception("A digest could not be sent (%s)", digest.pk)
            put_off(digest)
    return limit


def give_up_forsaken() -> int:
    """Digests whose worker died while sending may have left, as the mail log says already. They are not sent again. One statement."""
    now = timezone.now()
    return Digest.objects.forsaken(now).update(state=State.UNCERTAIN, settled_at=now, leased_until=None)


@transaction.atomic
def take() -> Digest | None:
    """Lease the digest that has waited longest, passing over those that others are taking. Two statements."""
    now = timezone.now()
    digest = Digest.objects.owed(now).order_by("next_at", "pk").select_for_update(skip_locked=True).first()
    if digest is None:
        return None
    digest.lease += 1
    digest.attempts += 1
    digest.leased_until = now + LEASE
    digest.save(update_fields=["lease", "attempts", "leased_until"])
    return digest


def send(digest: Digest) -> None:
    """Compose, reach the mail server, say that it is being sent, hand it over, say what became of it.

    Whatever can fail for certain comes before "sending": until then it has not left, and another turn begins anew.
    """
    letter = letter_of(digest)
    if letter is None:
        settle(digest, State.EMPTY)
        return
    server = get_connection()
    try:
        server.open()
    except OSError as failure:
        logger.warning("No mail server for digests: %s", type(failure).__name__)
        put_off(digest)
        return
    try:
        hand_over(digest, letter, server)
    finally:
        server.close()


def hand_over(digest: Digest, letter: Letter, server: BaseEmailBackend) -> None:
    """Only a server that says no can be asked again: from "sending" on, nothing else is certain."""
    line = begin(digest, letter)
    if line is None:
        return
    try:
        server.send_messages([letter.mail])
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        refuse(digest, line, refusal)
    except Exception as failure:  # noqa: BLE001 -- whatever it was: it may have left
        logger.warning("Nobody knows whether a digest left (%s): %s", digest.pk, type(failure).__name__)
        settle(digest, State.UNCERTAIN)
    else:
        settle(digest, State.SENT, line=line)


@transaction.atomic
def begin(digest: Digest, letter: Letter) -> SentMail | None:
    """From here on it may have left. None, and nothing is sent, where somebody else has the lease by now, the account has turned digests
    off meanwhile, is closed or leaving, or has no address that takes mail. Seven statements.
    """
    plan = DigestPlan.objects.select_for_update().select_related("user").get(pk=digest.user_id)
    own = Digest.objects.filter(pk=digest.pk, lease=digest.lease, state=State.OWED, leased_until__gt=timezone.now())
    if not own.select_for_update().exists():
        return None
    user = plan.user
    is_leaving = not user.is_active or AccountDeletion.objects.filter(user=user).exists()
    addresses = [] if is_leaving or plan.rhythm == DigestPlan.Rhythm.OFF else addresses_of(user, every=False)
    if not addresses or mails.is_paused(addresses[0], SentMail.Kind.DIGEST):
        settle(digest, State.SKIPPED)
        return None
    own.update(state=State.SENDING, items=letter.items)
    letter.mail.to = addresses
    return mails.note(mails.prepared(letter.mail), kind=SentMail.Kind.DIGEST, outcome=SentMail.Outcome.UNCERTAIN, account=user)


@transaction.atomic
def settle(digest: Digest, state: str, *, line: SentMail | None = None) -> None:
    """Say what became of it, unless another worker has taken it since. With its line of the mail log, it was sent. Two statements."""
    Digest.objects.filter(pk=digest.pk, lease=digest.lease).update(state=state, settled_at=timezone.now(), leased_until=None)
    if line:  # unless the mail has come back already
        SentMail.objects.filter(pk=line.pk, outcome=SentMail.Outcome.UNCERTAIN).update(outcome=SentMail.Outcome.SENT)


@transaction.atomic
def refuse(digest: Digest, line: SentMail, refusal: SMTPRecipientsRefused | SMTPResponseException) -> None:
    """The mail server said no: it did not leave. It is tried again later, unless there is no such address. Three statements."""
    is_gone = mails.refused(line, refusal)
    logger.warning("The mail server refused a digest (%s): %s", digest.pk, line.status)
    if is_gone:
        settle(digest, State.FAILED)
    else:
        put_off(digest, was=State.SENDING)


def put_off(digest: Digest, *, was: str = State.OWED) -> None:
    """It has not left: try again after 2, 4, 8 … minutes, eight times in all. Nothing for a worker whose lease is over. One statement."""
    now = timezone.now()
    own = Digest.objects.filter(pk=digest.pk, lease=digest.lease, state=was)
    if digest.attempts >= ATTEMPTS:
        own.update(state=State.FAILED, settled_at=now, leased_until=None)
    else:
        own.update(state=State.OWED, next_at=now + timedelta(minutes=2**digest.attempts), leased_until=None)


def forget_digests() -> int:
    """Drop what was settled ninety days ago; how many."""
    return Digest.objects.filter(settled_at__lt=timezone.now() - KEPT).delete()[0]
