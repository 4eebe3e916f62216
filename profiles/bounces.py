"""What mail servers send back: delivery status notifications (RFC 3464) and reports of unwanted mail (RFC 5965). Bytes in, facts out.

A report is believed as far as it names the Message-ID of the mail that it is about, which is random and known to nobody but those who had
the mail in their hands. Whatever else is written there is hostile until proved otherwise: nothing of it is shown or kept, but a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message

LARGEST = 1_000_000  # bytes: a report holds a few lines and at most the mail that it is about
PARTS = 50
OWN_ID = "X-Mail-Id"
MESSAGE_ID = re.compile(r"<[^<>\s]{1,190}>")
STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
# Permanent by their number (5.x.x), and yet no word about the address: a full mailbox, a mail too long, a policy, a system out of order.
NOT_THE_ADDRESS = ("5.2.2", "5.2.3", "5.3.", "5.4.", "5.5.", "5.6.", "5.7.")
BOUNCE, COMPLAINT = "bounce", "complaint"


class NoReport(ValueError):
    """The bytes are no report about a mail. The message says what they lack."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came back about one mail. `is_final`: the address takes no mail, as far as the server knows."""

    kind: str
    message_id: str
    status: str
    is_final: bool


def is_final(status: str) -> bool:
    """Whether a status says that the address is not there.

    >>> [is_final(status) for status in ("5.1.1", "5.0.0", "5.2.2", "4.4.1", "")]
    [True, True, False, False, False]
    """
    return status.startswith("5.") and not status.startswith(NOT_THE_ADDRESS)


def read_report(content: bytes) -> Report:
    """The report in a mail. NoReport for anything else: a mail of a person, a receipt, a warning that delivery takes longer.

    Of several recipients the worst counts: each mail of this site has one.
    """
    if len(content) > LARGEST:
        raise NoReport(f"It is longer than {LARGEST:,} bytes.")
    try:
        mail = message_from_bytes(content, policy=policy.compat32)
        kind = str(mail.get_param("report-type") or "").lower()
        if mail.get_content_type() != "multipart/report" or kind not in {"delivery-status", "feedback-report"}:
            raise NoReport("It is no multipart/report about a delivery or a complaint.")
        parts = [part for _, part in zip(range(PARTS), mail.walk(), strict=False)]
        message_id = original_id(parts)
        if not message_id:
            raise NoReport("It does not name the mail that it is about.")
        if kind == "feedback-report":
            return complaint(parts, message_id)
        return bounce(parts, message_id)
    except (MessageError, LookupError, RecursionError, UnicodeError) as error:
        raise NoReport("It cannot be read.") from error


def field(part: Message, name: str) -> str:
    return " ".join(str(part.get(name) or "").split())


def original_id(parts: list[Message]) -> str:
    """The Message-ID of the mail that comes back along, whole or as its head."""
    for part in parts[1:]:
        if part.get_content_type() == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            head = message_from_bytes(text if isinstance(text, bytes) else b"", policy=policy.compat32)
        elif part.get_content_type() == "message/rfc822":
            payload = part.get_payload()
            head = payload[0] if isinstance(payload, list) and isinstance(payload[0], Message) else Message()
        else:
            continue
        for name in (OWN_ID, "Message-ID"):  # some services put an id of their own in the place of the second
            if found := MESSAGE_ID.search(field(head, name)):
                return found[0]
    return ""


def blocks(parts: list[Message], content_type: str) -> Iterator[Message]:
    """The groups of fields of a machine's part: the email package makes a message of each for delivery-status, and of none for others."""
    for part in parts:
        if part.get_content_type() != content_type:
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            yield from (block for block in payload if isinstance(block, Message))
        else:
            raw = part.get_payload(decode=True)
            yield message_from_bytes(raw if isinstance(raw, bytes) else b"", policy=policy.compat32)


def bounce(parts: list[Message], message_id: str) -> Report:
    failed = [block for block in blocks(parts, "message/delivery-status") if field(block, "Action").lower() == "failed"]
    if not failed:
        raise NoReport("It tells of no mail that failed.")
    found = [found[0] for block in failed if (found := STATUS.search(field(block, "Status")))]
    status = max(found, key=lambda one: (is_final(one), one), default="")
    return Report(BOUNCE, message_id, status, is_final(status))


def complaint(parts: list[Message], message_id: str) -> Report:
    kinds = [field(block, "Feedback-Type").lower() for block in blocks(parts, "message/feedback-report")]
    if not any(kind in {"abuse", "fraud", "other", "virus"} for kind in kinds):  # "not-spam" and the like ask for nothing
        raise NoReport("It is no complaint.")
    return Report(COMPLAINT, message_id, "", is_final=True)
