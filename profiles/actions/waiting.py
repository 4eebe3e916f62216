"""Telling that something waits: a line in the header at once, and a mail.

The mail is owed by a row in the transaction that made it wait, sent by a worker, coalesced, tried again with pauses.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from profiles.actions.claims.notices import addresses_of
from profiles.actions.mails import post
from profiles.actions.notifications import notify, wants
from profiles.models import Notification, SentMail, User, WaitingMail
from profiles.models.notification import Channel
from profiles.signals import something_waits

logger = logging.getLogger(__name__)

ATTEMPTS = 8
APART = timedelta(hours=1)  # between two mails to one account
KINDS = {
    "invitation": "An invitation waits for your answer.",
    "accepted": "An invitation of yours was accepted.",
    "declined": "An invitation of yours was answered.",
    "message": "A message waits for you.",
    "introduction": "Somebody asks you for an introduction.",
}
# What can be turned off at /me/settings/: what comes of an invitation goes with invitations.
PREFERENCES = {"message": Notification.Kind.MESSAGE, "introduction": Notification.Kind.INTRODUCTION}


def tell(user_id: int, *, kind: str) -> None:
    """A line in the header, and a mail is owed: now, or an hour after the last one; each unless the account has turned it off.

    At most seven statements, in the caller's transaction.
    """
    user, preference = User.objects.get(pk=user_id), PREFERENCES.get(kind, Notification.Kind.INVITATION)
    notify(recipient=user, kind=preference, key=kind, text=KINDS[kind], address=reverse("profiles:messages"))
    if not wants(user, preference, Channel.MAIL):
        return
    WaitingMail.objects.bulk_create([WaitingMail(user_id=user_id)], ignore_conflicts=True)
    owed = WaitingMail.objects.select_for_update().get(pk=user_id)
    owed.kinds = [known for known in KINDS if known in {*owed.kinds, kind}]
    if owed.due_at is None:
        now = timezone.now()
        owed.due_at = max(now, owed.last_sent_at + APART) if owed.last_sent_at else now
        owed.attempts = 0
    owed.save()
    something_waits.send(sender=WaitingMail, user_id=user_id)


def are_mails_due() -> bool:
    return WaitingMail.objects.filter(due_at__lte=timezone.now(), attempts__lt=ATTEMPTS).exists()


def send_waiting(*, limit: int = 100) -> int:
    """Send the mails that are due, oldest first; how many there were."""
    sent = 0
    while sent < limit and send_next():
        sent += 1
    return sent


@transaction.atomic
def send_next() -> bool:
    """Send one mail under its row's lock, which others pass over. Whether there was one."""
    due = WaitingMail.objects.filter(due_at__lte=timezone.now(), attempts__lt=ATTEMPTS).order_by("due_at")
    owed = due.select_for_update(skip_locked=True, of=("self",)).select_related("user").first()
    if owed is None:
        return False
    owed.attempts += 1
    try:
        for mail in mails_of(owed.user, owed.kinds):
            post(mail, kind=SentMail.Kind.WAITING, account=owed.user)
        owed.due_at, owed.kinds, owed.last_sent_at = None, [], timezone.now()
    except (OSError, SMTPException) as failure:
        logger.warning("A mail could not be sent (account %s): %s", owed.user_id, type(failure).__name__)
        owed.due_at = timezone.now() + timedelta(minutes=2**owed.attempts)
    owed.save()
    return True


def mails_of(user: User, kinds: list[str]) -> list[EmailMessage]:
    """The mail to the account's address, where it has a confirmed one and is in use. One query."""
    addresses = addresses_of(user, every=False) if user.is_active else []
    context = {
        "lines": [KINDS[kind] for kind in kinds],
        "url": f"{settings.SITE_URL}{reverse('profiles:messages')}",
        "site_url": settings.SITE_URL,
    }
    text = render_to_string("emails/waiting.txt", context).strip()
    return [EmailMessage("BZPEER: something waits for you", f"{text}\n", to=[address]) for address in addresses]
