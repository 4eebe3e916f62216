"""Proof by institutional mail: a code goes to the address, and whoever reads it there types it in here."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import NoReturn

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from profiles.actions.claims.cases import Case, Role, append, case_of, refuse
from profiles.actions.evidence.printed import prove_if_printed
from profiles.actions.evidence.proofs import check_open, end, prove
from profiles.actions.mails import post
from profiles.claiming import DAY
from profiles.evidence import email
from profiles.models import Claim, Evidence, SentMail, User
from works.mailboxes import digest_of_mailbox
from works.models import Author

logger = logging.getLogger(__name__)

Kind, Status = Evidence.Kind, Evidence.Status


def send_code(claim: Claim, *, address: str, by: User) -> Evidence:
    """Send a code to an address at an institution. A code that was sent before is void from now on. The address is not kept."""
    with case_of(claim) as case:
        check_open(case, by=by)
        try:
            mailbox = email.institutional(address)
        except email.NotInstitutional as failure:
            refuse(failure.code, str(failure), claim=case.claim, by=by)
        digest = digest_of_mailbox(mailbox.address)
        check_mails(case, digest, by=by)
        pending_codes(case, by=by).update(status=Status.FAILED, token_hash="", token_expires_at=None)
        code, now = email.new_code(), timezone.now()
        item = Evidence.objects.create(
            user=by,
            author=case.author,
            claim=case.claim,
            kind=Kind.INSTITUTION_EMAIL,
            source=mailbox.source,
            value=mailbox.domain.name,
            institution_id=mailbox.domain.institution_id,
            detail={"mailbox": digest},
            token_hash=email.digest_of_code(code),
            token_expires_at=now + email.LIFETIME,
        )
        append(case.claim, "code-sent", role=Role.CLAIMANT, data={"evidence": item.pk, "value": item.value}, by=by)
    try:
        is_sent = mail_code(mailbox.address, code, case.author, by=by)
    except (OSError, SMTPException) as failure:
        logger.warning("A code could not be mailed: %s", type(failure).__name__)
        refuse("mail-failed", "The mail could not be sent. Try again in a few minutes.", claim=claim, by=by)
    if not is_sent:
        refuse("mail-paused", "Mail to this address came back, or was not wanted. Use another one.", claim=claim, by=by)
    return item


def pending_codes(case: Case, *, by: User) -> QuerySet[Evidence]:
    return Evidence.objects.filter(user=by, author=case.author, kind=Kind.INSTITUTION_EMAIL, status=Status.PENDING)


def check_mails(case: Case, digest: str, *, by: User) -> None:
    """No flood by one account, none into one mailbox. Two queries."""
    sent = Evidence.objects.filter(kind=Kind.INSTITUTION_EMAIL, created_at__gt=timezone.now() - DAY)
    if sent.filter(user=by).count() >= email.MAILS_A_DAY or sent.filter(detail__mailbox=digest).count() >= email.MAILS_A_DAY:
        refuse(
            "too-many-mails", f"No more than {email.MAILS_A_DAY} codes are sent in 24 hours. Try again tomorrow.", claim=case.claim, by=by
        )


def mail_code(address: str, code: str, author: Author, *, by: User) -> bool:
    context = {
        "code": "-".join(code[place : place + 4] for place in range(0, len(code), 4)),
        "author": author,
        "site_url": settings.SITE_URL,
    }
    text = render_to_string("emails/claim_code.txt", context).strip()
    return post(EmailMessage("Your code for BZPEER", f"{text}\n", to=[address]), kind=SentMail.Kind.CODE, account=by)


def enter_code(claim: Claim, *, code: str, by: User) -> Evidence:
    """Take the code from the mail. Five wrong ones, or an hour, make it void. Another proof's code is a wrong one, and is logged.

    The refusal comes after the transaction, so that the attempt stays counted.
    """
    with case_of(claim) as case:
        check_open(case, by=by)
        item = pending_codes(case, by=by).filter(token_expires_at__gt=timezone.now()).order_by("-pk").first()
        if item:
            Evidence.objects.filter(pk=item.pk).update(attempts=F("attempts") + 1)
            item.refresh_from_db()
            if item.attempts > email.ATTEMPTS:
                end(case, item, Status.FAILED, why="Too many wrong codes.", role=Role.SYSTEM, by=None)
        digest = email.digest_of_code(code)
        fits = item is not None and item.attempts <= email.ATTEMPTS and item.token_hash == digest
        if item and fits and not is_mailbox_taken(item):
            item.detail["backed"] = email.is_printed(item.institution_id, case.author)
            proof = prove(case, item, by=by)
            prove_if_printed(case, item.detail["mailbox"], domain=item.value, by=by)
            return proof
    return code_refused(claim, item, fits, digest, by=by)


def code_refused(claim: Claim, item: Evidence | None, fits: bool, digest: str, *, by: User) -> NoReturn:
    if item is None:
        refuse("no-code", "No code is waiting here: it has expired, or was used. Have a new one sent.", claim=claim, by=by)
    if item.attempts > email.ATTEMPTS:
        refuse("too-many-attempts", "Too many wrong codes: this one is void. Have a new one sent.", claim=claim, by=by)
    if fits:
        refuse("mailbox-taken", "This mailbox has proved another account. Write to the reviewers if that is wrong.", claim=claim, by=by)
    if Evidence.objects.filter(token_hash=digest).exists():
        logger.warning("the code of another proof was entered (claim %s, account %s)", claim.public_id, by.pk)
    refuse("wrong-code", "This is not the code of the last mail.", claim=claim, by=by)


def is_mailbox_taken(item: Evidence) -> bool:
    """Whether another account has proved with the same mailbox. One query."""
    others = Evidence.objects.proved().filter(kind=Kind.INSTITUTION_EMAIL, detail__mailbox=item.detail["mailbox"])
    return others.exclude(user=item.user).exists()
