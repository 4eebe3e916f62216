"""Asking, and telling in one letter what came of it."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.test import Client

DOORS = re.compile(r"(https?://[^/]+)?/(accounts/login|accounts/reauthenticate|admin/login)/")
LETTERS = {401: "L", 403: "-", 404: "0", 405: "x"}
# What a form needs to say before its door opens.
BODIES: dict[str, dict[str, str]] = {
    "me/works/answer/": {"answer": "mine"},
    "me/feed/seen/": {"until": "2026-01-01T00:00:00+00:00"},
    "review/findings/look/<int:pk>/": {"outcome": "fine"},
    "findings/<slug:public_id>/": {"verb": "appeal"},
    "vouches/<int:evidence_id>/": {"answer": "decline"},
}


def answered(client: Client, method: str, address: str, body: Any = None) -> str:
    """What comes of a request, which leaves nothing behind: a letter of tests/attacks/web/rules.py, or the status where none fits."""
    before: Any = client.cookies.copy()  # a log-out empties them
    with transaction.atomic():
        answer = getattr(client, method)(address, body)
        transaction.set_rollback(True)
    client.cookies = before
    if answer.status_code in {301, 302, 303} and DOORS.match(answer["Location"]):
        return "L"
    return LETTERS.get(answer.status_code, "+" if answer.status_code < 500 and answer.status_code != 429 else f"[{answer.status_code}]")
