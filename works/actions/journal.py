"""Who decides about the record, and the events that tell of it for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from works.models import RecordEvent
from works.models.audit import Event
from works.models.decision import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An account by its number, and in what capacity it acts: for its own record, or as staff."""

    account: int | None
    role: Role


EVENT_ROLES = {Role.OWNER: Event.Role.OWNER, Role.STAFF: Event.Role.CURATOR}


def event_by(actor: Actor, kind: str, *, author: int | None = None, work: int | None = None, text: str = "", **data: Any) -> RecordEvent:
    """An event yet to be stored. What the person wrote in their own words goes into `text` alone."""
    return RecordEvent(
        kind=kind,
        actor_id=actor.account,
        actor_role=EVENT_ROLES[actor.role],
        about_author=author,
        about_work=work,
        text=text,
        text_digest=hashlib.sha256(text.encode()).hexdigest() if text else "",
        data=data,
    )


def append(*events: RecordEvent) -> None:
    """Store the events, in their order, in the caller's transaction. One statement."""
    RecordEvent.objects.bulk_create(events)
