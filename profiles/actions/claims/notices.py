"""Mails about claims: who is told what. Owed by a row, sent by a worker, tried again with growing pauses when the mail server fails."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from profiles.actions.mails import post
from profiles.claiming import NOT_ME_WITHIN, REASONS
from profiles.models import Claim, ClaimEvent, ClaimNotice, SentMail, User

logger = logging.getLogger(__name__)

SALT = "profiles.claims.not-me"
ATTEMPTS = 8
SUBJECTS = {
    "questioned": "A question about your claim",
    "approved": "Your claim was approved",
    "rejected": "Your claim was not approved",
    "expired": "Your claim has run out",
    "superseded": "Another claim was approved",
    "disputed": "Somebody disputes your claim",
    "frozen": "A claim is frozen: somebody said “this was not me”",
    "upheld": "Your claim was upheld",
    "revoked": "Your claim was revoked",
    "released": "A researcher page was given up",
    "identity-checked": "Your identity was checked",
    "identity-declined": "Your identity was not checked",
}
# What changes hands is told to every confirmed address of the account, so that whoever took one mailbox cannot hide it from the others.
TO_EVERY_ADDRESS = {"approved", "frozen", "revoked", "released"}
WITH_LINK = {"approved"}


def are_notices_owed() -> bool:
    return ClaimNotice.objects.filter(sent_at=None, attempts__lt=ATTEMPTS, next_at__lte=timezone.now()).exists()


def send_notices(*, limit: int = 100) -> int:
    """Send what is owed, oldest first; how many notices. A notice is sent twice only if the process dies between mail and mark."""
    sent = 0
    while sent < limit and send_next():
        sent += 1
    return sent


@transaction.atomic
def send_next() -> bool:
    """Send one notice under its row's lock, which others pass over. Whether there was one."""
    owed = ClaimNotice.objects.filter(sent_at=None, attempts__lt=ATTEMPTS, next_at__lte=timezone.now())
    notice = owed.select_for_update(skip_locked=True).order_by("next_at").first()
    if notice is None:
        return False
    event = ClaimEvent.objects.select_related("claim__author", "claim__user").get(pk=notice.event_id)
    notice.attempts += 1
    try:
        kind = SentMail.Kind.OWNERSHIP if event.kind in TO_EVERY_ADDRESS else SentMail.Kind.CLAIM
        for mail, account in mails_of(event):
            post(mail, kind=kind, account=account)
        notice.sent_at = timezone.now()
    except (OSError, SMTPException) as failure:
        logger.warning("A notice could not be mailed (claim %s): %s", event.claim.public_id, type(failure).__name__)
    except Exception:  # whatever is wrong with this one, the others go out
        logger.exception("A notice could not be written (claim %s)", event.claim.public_id)
    if notice.sent_at is None:
        notice.next_at = timezone.now() + timedelta(minutes=2**notice.attempts)
    notice.save()
    return True


def mails_of(event: ClaimEvent) -> Iterable[tuple[EmailMessage, User]]:
    """A mail for each address that the event concerns, and whose it is; each sees nobody else's. Two queries."""
    if claimant := event.claim.user:
        for address in addresses_of(claimant, every=event.kind in TO_EVERY_ADDRESS):
            yield mail(event, address, is_staff=False), claimant
    if event.kind == "frozen":
        for staff in User.objects.filter(is_staff=True, is_active=True):
            yield mail(event, staff.email, is_staff=True), staff


def addresses_of(user: User, *, every: bool) -> list[str]:
    confirmed = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk").values_list("email", flat=True)
    return list(confirmed if every else confirmed[:1])


def mail(event: ClaimEvent, address: str, *, is_staff: bool) -> EmailMessage:
    context: dict[str, Any] = {
        "event": event,
        "claim": event.claim,
        "author": event.claim.author,
        "reason": REASONS.get(event.reason, ""),
        "is_staff": is_staff,
        "status_url": f"{settings.SITE_URL}{event.claim.get_absolute_url()}",
        "not_me_url": not_me_address(event.claim) if event.kind in WITH_LINK else "",
        "site_url": settings.SITE_URL,
    }
    text = render_to_string("emails/claim.txt", context).strip()
    return EmailMessage(f"BZPEER: {SUBJECTS[event.kind]}", f"{text}\n", to=[address])


def not_me_address(claim: Claim) -> str:
    """The link "this was not me": signed, for 30 days. Opening it changes nothing; the button behind it freezes the claim."""
    return f"{settings.SITE_URL}{reverse('profiles:claim_not_me', args=[signing.dumps(claim.public_id, salt=SALT)])}"


def claim_of_link(word: str) -> Claim | None:
    """The claim that a signed link is about; None for a forged or old one."""
    try:
        public_id = signing.loads(word, salt=SALT, max_age=NOT_ME_WITHIN)
    except signing.BadSignature:
        return None
    return Claim.objects.select_related("author").filter(public_id=public_id).first()
