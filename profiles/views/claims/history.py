"""The history of a claim, in words for its claimant: what was done, by which side, and what was said to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from profiles.claiming import REASONS
from profiles.models import ClaimEvent, Evidence

WORDS = {
    "begun": "Claim begun",
    "works-answered": "Works answered",
    "submitted": "Handed in",
    "questioned": "A question from a reviewer",
    "question-answered": "Question answered",
    "approved": "Approved",
    "rejected": "Not approved",
    "withdrawn": "Withdrawn",
    "expired": "Expired",
    "superseded": "Another claim was approved",
    "appealed": "Appealed",
    "dispute-opened": "Dispute opened",
    "disputed": "Disputed by somebody else",
    "frozen": "Frozen: “this was not me”",
    "upheld": "Upheld",
    "revoked": "Revoked",
    "released": "Given up",
    "identity-asked": "Identity check asked for",
    "identity-checked": "Identity checked by two members of staff",
    "identity-declined": "Identity not checked",
    "code-sent": "Code sent",
    "page-named": "Page named",
    "page-look-asked": "Asked to look at the page",
    "vouch-asked": "Co-author asked",
    "evidence-proved": "Evidence proved",
    "evidence-failed": "Evidence given up or declined",
    "evidence-revoked": "Evidence no longer holds",
}
# What reviewers wrote for the claimant; notes that they leave for each other are not shown.
TO_CLAIMANT = {"questioned", "approved", "rejected", "upheld", "revoked", "identity-declined"}
# Evidence whose value is a number of this site's own, which tells the claimant nothing.
OF_THE_SITE = {Evidence.Kind.COAUTHOR_ATTESTATION, Evidence.Kind.IDENTITY_VOUCH}
UNTOLD_KINDS = {Evidence.Kind.STAFF_NOTE, Evidence.Kind.STAFF_BINDING}


class Line(NamedTuple):
    """One line of the history."""

    at: datetime
    what: str
    detail: str
    said: str


def told(events: Iterable[ClaimEvent], *, reader: int | None) -> list[Line]:
    """The events that concern the claimant, oldest first. Who else acted is not named."""
    return [
        Line(event.at, WORDS[event.kind], detail_of(event), event.text if event.kind in TO_CLAIMANT or event.actor_id == reader else "")
        for event in events
        if event.kind in WORDS and event.data.get("kind") not in UNTOLD_KINDS
    ]


def detail_of(event: ClaimEvent) -> str:
    if event.kind == "works-answered":
        return f"{event.data.get('mine', 0)} yours, {event.data.get('not_mine', 0)} not yours"
    if kind := event.data.get("kind"):
        value = event.data.get("value") if kind not in OF_THE_SITE else ""
        return f"{Evidence.Kind(kind).label}: {value}" if value else str(Evidence.Kind(kind).label)
    return str(event.data.get("value", "")) or REASONS.get(event.reason, "")
