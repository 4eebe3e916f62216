"""The outbox of a site without a mail server: mails that became files, for its staff to read. Not on a public site."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from works.views.imports import staff_only

FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # what the file backend writes after each mail
NEWEST = 100
LARGEST = 1_000_000
LINK = re.compile(r"https?://[^\s<>\"]+")


class Mail(NamedTuple):
    """A mail of the outbox. `key` names it in addresses: its file, and its place in the file."""

    key: str
    sent_at: datetime
    to: str
    subject: str
    text: str
    links: list[str]


def is_in_use() -> bool:
    """Whether mails become files here: on a machine of one's own, never on a public site, where they could let staff into any account."""
    return settings.EMAIL_BACKEND == FILE_BACKEND and not settings.BEHIND_TLS


def with_outbox(request: HttpRequest) -> dict[str, bool]:
    """For templates: whether there is an outbox to link to."""
    return {"has_outbox": is_in_use()}


def mails() -> list[Mail]:
    """The newest mails, the latest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True) if folder.is_dir() else []
    found: list[Mail] = []
    for path in files[:NEWEST]:
        sent_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with path.open("rb") as file:
            parts = [part for part in file.read(LARGEST).split(BETWEEN) if part.strip()]
        found += [read(f"{path.stem}.{place}", sent_at, part) for place, part in reversed(list(enumerate(parts)))]
    return found[:NEWEST]


def read(key: str, sent_at: datetime, content: bytes) -> Mail:
    message = message_from_bytes(content.lstrip(b"\n"), policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101  (the policy makes it one)
    body = message.get_body(preferencelist=("plain", "html"))
    text = str(body.get_content()) if body else ""
    return Mail(
        key, sent_at, str(message["To"] or ""), str(message["Subject"] or ""), text.strip(), list(dict.fromkeys(LINK.findall(text)))
    )


@require_safe
@staff_only
def outbox(request: HttpRequest) -> HttpResponse:
    if not is_in_use():
        raise Http404("Mails leave this site by a mail server.")
    return render(request, "bzpeer/outbox.html", {"mails": mails(), "folder": settings.EMAIL_FILE_PATH})


@require_safe
@staff_only
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail as text, with its links to follow."""
    if not is_in_use():
        raise Http404("Mails leave this site by a mail server.")
    found = next((one for one in mails() if one.key == key), None)
    if found is None:
        raise Http404("There is no such mail in the outbox.")
    return render(request, "bzpeer/outbox_mail.html", {"mail": found})
