"""What mail servers send back, as bytes: delivery status notifications (RFC 3464) and reports of unwanted mail (RFC 5965)."""

from __future__ import annotations

HEAD = "From: MAILER-DAEMON@mx.example\r\nTo: bzpeer@localhost\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
REPORT = (
    HEAD
    + 'Content-Type: multipart/report; report-type={kind}; boundary="b1"\r\n\r\n'
    + "--b1\r\nContent-Type: text/plain\r\n\r\nThis is for people to read.\r\n"
    + "--b1\r\nContent-Type: message/{kind}\r\n\r\n{fields}\r\n"
    + "--b1\r\nContent-Type: {original}\r\n\r\nFrom: bzpeer@localhost\r\nMessage-ID: {message_id}\r\nSubject: BZPEER\r\n\r\n"
    + "--b1--\r\n"
)


def make_bounce(message_id: str, *, status: str = "5.1.1", action: str = "failed", original: str = "text/rfc822-headers") -> bytes:
    fields = (
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; somebody@example.org\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 no\r\n"
    )
    text = REPORT.format(subject="Undelivered", kind="delivery-status", fields=fields, original=original, message_id=message_id)
    return text.encode()


def make_complaint(message_id: str, *, feedback: str = "abuse") -> bytes:
    fields = f"Feedback-Type: {feedback}\r\nUser-Agent: Loop/1.0\r\nVersion: 1\r\nOriginal-Rcpt-To: <redacted@example.org>\r\n"
    text = REPORT.format(subject="Complaint", kind="feedback-report", fields=fields, original="message/rfc822", message_id=message_id)
    return text.encode()
