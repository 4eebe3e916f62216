"""The rules of claims: which step leads where, how much evidence is enough, and how often one may ask. Pure: no Django, no rows.

    draft → evidence → review → (needs_info ↔ review) → approved | rejected
    draft, evidence, review, needs_info → withdrawn | expired | superseded
    rejected → review, once (an appeal);  superseded → review (a dispute)
    approved → disputed → upheld | revoked;  upheld → disputed;  approved, disputed, upheld → revoked | released

profiles.actions.claims takes the steps, under locks; Postgres keeps that nobody owns two records and no record has two owners.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

LIVE = ("draft", "evidence", "review", "needs_info")
HOLDING = ("approved", "disputed", "upheld")

# A person may have so many claims open, and begin so many in a day; after a rejection, a pause before the next for the same record.
OPEN_CLAIMS = 3
CLAIMS_A_DAY = 5
DAY = timedelta(hours=24)
COOL_DOWN = timedelta(days=14)
# Identity is checked by so many members of staff; when their checks are about to run out, their owner may ask anew.
CHECKS = 2
RENEWAL = timedelta(days=90)
# A claim that waits for its claimant so long without a word runs out. One that waits for staff never does.
PATIENCE = timedelta(days=30)
# How long a rejection can be appealed, and the link "this was not me" works.
APPEAL_WITHIN = timedelta(days=60)
NOT_ME_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Step:
    """A thing that can be done to a claim: in which states, and the state it leads to ("" where it stays)."""

    sources: tuple[str, ...]
    target: str = ""


STEPS = {
    "works-answered": Step(("draft", "evidence", "needs_info")),
    "evidence-awaited": Step(("draft",), "evidence"),
    "submitted": Step(("draft", "evidence"), "review"),
    "questioned": Step(("review",), "needs_info"),
    "question-answered": Step(("needs_info",), "review"),
    "seconded": Step(("review",)),
    "approved": Step(("review",), "approved"),
    "rejected": Step(("review",), "rejected"),
    "withdrawn": Step(LIVE, "withdrawn"),
    "expired": Step(("draft", "evidence", "needs_info"), "expired"),
    "superseded": Step(LIVE, "superseded"),
    "appealed": Step(("rejected",), "review"),
    "dispute-opened": Step(("draft", "evidence", "review", "needs_info", "superseded"), "review"),
    "disputed": Step(("approved", "upheld"), "disputed"),
    "frozen": Step(HOLDING, "disputed"),
    "upheld": Step(("disputed",), "upheld"),
    "revoked": Step(HOLDING, "revoked"),
    "released": Step(HOLDING, "released"),
    "identity-asked": Step(HOLDING),
    "identity-checked": Step(HOLDING),
    "identity-declined": Step(HOLDING),
}


def state_after(step: str, state: str) -> str | None:
    """The state that a step leads to from `state`; None where it cannot be taken there.

    >>> state_after("submitted", "evidence"), state_after("works-answered", "draft"), state_after("approved", "draft")
    ('review', 'draft', None)
    """
    rule = STEPS[step]
    return (rule.target or state) if state in rule.sources else None


# --- Evidence ----------------------------------------------------------------------------------------------------------

# What can carry a decision alone, if a reviewer who did not give it agrees.
STRONG = frozenset({"orcid-on-work", "email-on-work", "coauthor-attestation", "staff-binding", "institution-login"})
# What speaks for a claim, but needs a second voice.
WEAK = frozenset({"institution-email", "orcid-affiliation", "identity-check", "identity-vouch", "link"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One proved, live piece of evidence: its kind, who speaks, and which account gave it (None for registries and mailboxes).

    is_backed: the record itself fits it: a registry prints the mailbox's institution on one of the works.
    """

    kind: str
    voice: str
    giver: int | None = None
    is_backed: bool = False

    @property
    def is_strong(self) -> bool:
        return self.kind in STRONG or (self.kind == "institution-email" and self.is_backed)


def is_enough(pieces: Iterable[Piece], *, reviewer: int | None = None) -> bool:
    """Whether evidence carries an approval by `reviewer`: one strong piece, or two of different kinds by different voices.

    What the reviewer gave does not count: the second pair of eyes must not be the first. A note proves nothing.

    >>> mail, link = Piece(kind="institution-email", voice="example.edu"), Piece(kind="link", voice="wei.example")
    >>> is_enough([mail]), is_enough([mail, link]), is_enough([mail, Piece(kind="link", voice="example.edu")])
    (False, True, False)
    >>> staff = Piece(kind="staff-binding", voice="user:7", giver=7)
    >>> is_enough([staff], reviewer=8), is_enough([staff], reviewer=7)
    (True, False)
    """
    counted = [piece for piece in pieces if piece.kind in STRONG | WEAK and (piece.giver is None or piece.giver != reviewer)]
    if any(piece.is_strong for piece in counted):
        return True
    return any(one.kind != other.kind and one.voice != other.voice for one in counted for other in counted)


def still_missing(pieces: Iterable[Piece]) -> str:
    """What evidence lacks before it can be decided, as a sentence to the claimant; "" where nothing.

    >>> still_missing([])
    'Two independent pieces of evidence, or one strong one.'
    >>> still_missing([Piece(kind="link", voice="wei.example")])
    'One more piece of evidence, from another source than wei.example.'
    """
    counted = [piece for piece in pieces if piece.kind in STRONG | WEAK]
    if not counted:
        return "Two independent pieces of evidence, or one strong one."
    if is_enough(counted):
        return ""
    return f"One more piece of evidence, from another source than {counted[0].voice}."


# --- Why -----------------------------------------------------------------------------------------------------------------

# The codes that reviewers give with a decision; the words are what the claimant reads.
REASONS = {
    "evidence-fits": "The evidence fits the record.",
    "evidence-missing": "The evidence does not tie your account to this record.",
    "other-person": "The works belong to somebody else of the same name.",
    "mixed-record": "The record mixes several people's works and must be split first.",
    "evidence-false": "A piece of evidence turned out to be false.",
    "dispute-not-upheld": "The person who holds the record proved to be its author.",
    "dispute-upheld": "Another person proved to be the author of this record.",
    "dispute-withdrawn": "The dispute was withdrawn.",
    "another-approved": "Another claim to the same record was approved. You can dispute it.",
    "holds-another-record": "Your claim to another record was approved, and an account holds one. Ask for a merge instead.",
    "not-me": "Somebody who reads one of the account’s mailboxes says that this was not them.",
    "no-answer": "Nothing was heard for 30 days.",
    "own-wish": "The person asked for it.",
    "account-closed": "The account was closed.",
}
