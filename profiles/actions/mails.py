"""The one way out for mails: each is written into the mail log, and none goes to an address that is paused."""

from __future__ import annotations

from datetime import timedelta
from email.utils import make_msgid
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from profiles.bounces import OWN_ID, STATUS, is_final
from profiles.models import PausedAddress, SentMail, User
from profiles.models.mail import hash_of_address

Kind, Outcome = SentMail.Kind, SentMail.Outcome

KEPT = timedelta(days=90)
# What somebody asked for this minute, or must have to log in, goes to every address. That a page changed hands goes to those that called
# our mail unwanted, so that nobody can take a page in silence, and not to those that are not there.
DESPITE = {Kind.ACCOUNT: set(PausedAddress.Reason), Kind.OWNERSHIP: {PausedAddress.Reason.COMPLAINT}}


def is_paused(address: str, kind: str) -> bool:
    """Whether a mail of this kind must not go to the address. One query."""
    reason = PausedAddress.objects.of_addresses([address]).values_list("reason", flat=True).first()
    return reason is not None and reason not in DESPITE.get(Kind(kind), set())


def prepared(mail: EmailMessage) -> EmailMessage:
    """The mail with an id that only those know who have it in their hands, and with the address to which servers send it back."""
    mail.extra_headers.setdefault("Message-ID", make_msgid(domain=urlsplit(settings.SITE_URL).hostname))
    mail.extra_headers.setdefault(OWN_ID, mail.extra_headers["Message-ID"])
    mail.extra_headers.setdefault("Auto-Submitted", "auto-generated")
    if settings.MAIL_BOUNCES_TO:
        mail.extra_headers.setdefault("From", mail.from_email)
        mail.from_email = settings.MAIL_BOUNCES_TO
    return mail


def note(mail: EmailMessage, *, kind: str, outcome: str, account: User | None) -> SentMail:
    """Write the mail into the log. One statement."""
    [address] = mail.to
    return SentMail.objects.create(
        user=account, kind=kind, outcome=outcome, message_id=mail.extra_headers["Message-ID"], address_hash=hash_of_address(address)
    )


def post(mail: EmailMessage, *, kind: str, account: User | None) -> bool:
    """Send a mail with one recipient; whether it left. Two statements. OSError and SMTPException where the mail server does not take it."""
    [address] = prepared(mail).to
    if is_paused(address, kind):
        note(mail, kind=kind, outcome=Outcome.WITHHELD, account=account)
        return False
    try:
        mail.send()
    except OSError as failure:  # what smtplib raises is one of them
        refused(note(mail, kind=kind, outcome=Outcome.FAILED, account=account), failure)
        raise
    note(mail, kind=kind, outcome=Outcome.SENT, account=account)
    return True


def refused(line: SentMail, failure: OSError) -> bool:
    """Write what the mail server said into the log; whether it says that there is no such address, which is paused then. Two statements."""
    line.status, line.outcome = code_of(failure), Outcome.FAILED
    is_gone = isinstance(failure, SMTPRecipientsRefused) and is_final(line.status)
    if is_gone:
        line.outcome = Outcome.BOUNCED
        pause(line, reason=PausedAddress.Reason.BOUNCE)
    line.save(update_fields=["status", "outcome"])
    return is_gone


def pause(line: SentMail, *, reason: str) -> None:
    """No digest and no notice goes to the address of this mail any more. Paused already, it stays as it is. One statement."""
    paused = PausedAddress(user_id=line.user_id, address_hash=line.address_hash, reason=reason, status=line.status)
    PausedAddress.objects.bulk_create([paused], ignore_conflicts=True)


def code_of(failure: OSError) -> str:
    """The mail server's enhanced status, else its code; empty where it gave none."""
    code: int
    said: bytes | str
    if isinstance(failure, SMTPRecipientsRefused):
        code, said = next(iter(failure.recipients.values()), (0, b""))
    elif isinstance(failure, SMTPResponseException):
        code, said = failure.smtp_code, failure.smtp_error
    else:
        return ""
    found = STATUS.match(said.decode(errors="replace") if isinstance(said, bytes) else said)
    return found[0] if found else str(code)


def forget_mails() -> int:
    """Drop the lines of the log that are older than 90 days; how many."""
    return SentMail.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
