"""What comes back about our mails: noted in the log, and the address gets no more where that is called for; until its owner resumes.

take_report(content) -> str          "paused", "noted", "known", or "unknown" for a mail that never left here; NoReport
pause_address(address, *, by) -> PausedAddress          what staff do on request
resume_address(paused, *, by) -> None                   its owner, or staff
"""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from profiles.actions.mails import pause
from profiles.bounces import COMPLAINT, read_report
from profiles.models import PausedAddress, SentMail, User
from profiles.models.mail import hash_of_address
from profiles.roles import may_see_mails

Outcome, Reason = SentMail.Outcome, PausedAddress.Reason

# Mails that came back without a word about the address: so many within so long, and it is paused.
RETURNS, WITHIN = 3, timedelta(days=30)


class MailRefused(Exception):
    """It is not theirs to do. The message is for who asked."""


@transaction.atomic
def take_report(content: bytes) -> str:
    """Take one report in. Told twice of the same mail, nothing happens the second time. At most six statements."""
    report = read_report(content)
    mail = SentMail.objects.select_for_update().filter(message_id=report.message_id).first()
    if mail is None:
        return "unknown"
    if mail.outcome in {Outcome.BOUNCED, Outcome.COMPLAINED} or (mail.outcome == Outcome.RETURNED and not report.is_final):
        return "known"
    mail.outcome = Outcome.COMPLAINED if report.kind == COMPLAINT else Outcome.BOUNCED if report.is_final else Outcome.RETURNED
    mail.status = report.status
    mail.save(update_fields=["outcome", "status"])
    if mail.outcome == Outcome.RETURNED and not comes_back_often(mail):
        return "noted"
    reason = Reason.COMPLAINT if mail.outcome == Outcome.COMPLAINED else Reason.BOUNCE
    pause(mail, reason=reason)
    return "paused"


def comes_back_often(mail: SentMail) -> bool:
    returned = SentMail.objects.filter(address_hash=mail.address_hash, outcome=Outcome.RETURNED, at__gt=timezone.now() - WITHIN)
    return returned[:RETURNS].count() >= RETURNS


def paused_of(user: User) -> list[tuple[str, PausedAddress]]:
    """The account's confirmed addresses to which mail is paused. Two queries."""
    own = list(EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk").values_list("email", flat=True))
    paused = {bytes(one.address_hash): one for one in PausedAddress.objects.of_addresses(own)}
    return [(address, paused[found]) for address in own if (found := hash_of_address(address)) in paused]


def pause_address(address: str, *, by: User) -> PausedAddress:
    """Staff pause an address whose owner asks them to. Paused already, it stays as it is. Three statements."""
    if not may_see_mails(by):
        raise MailRefused("Only administrators look after mails.")
    owner = User.objects.filter(emailaddress__email__iexact=address.strip(), emailaddress__verified=True).first()
    found, _ = PausedAddress.objects.get_or_create(address_hash=hash_of_address(address), defaults={"user": owner, "reason": Reason.STAFF})
    return found


def resume_address(paused: PausedAddress, *, by: User) -> None:
    """Mail goes there again. Its owner decides that, by any account that has the address; else an administrator. Three statements."""
    is_own = any(one.pk == paused.pk for _, one in paused_of(by))
    if not is_own and not may_see_mails(by):
        raise MailRefused("That address is not yours.")
    paused.delete()
