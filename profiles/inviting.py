"""The rules of invitations and conversations: which step leads where, how many a day, and what of a typed text is kept. No Django here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

HELD, WAITING, LATER = "held", "waiting", "later"
ACCEPTED, DECLINED, EXPIRED, REVOKED = "accepted", "declined", "expired", "revoked"
LIVE = (HELD, WAITING, LATER)
DELIVERED = (WAITING, LATER)

# step: from which states, to which.
STEPS: Mapping[str, tuple[frozenset[str], str]] = {
    "release": (frozenset({HELD}), WAITING),
    "accept": (frozenset(DELIVERED), ACCEPTED),
    "decline": (frozenset(DELIVERED), DECLINED),
    "later": (frozenset(DELIVERED), LATER),
    "revoke": (frozenset(LIVE), REVOKED),
    "expire": (frozenset(LIVE), EXPIRED),
}

PURPOSES = {
    "joint-work": "A joint work",
    "question": "A question about a work",
    "data-or-code": "Data or code",
    "review": "A review or a second opinion",
    "talk": "A talk, seminar or event",
    "position": "A position, visit or supervision",
}

MESSAGE_LENGTH = (20, 2000)  # characters of an invitation or a request for an introduction
WORDS_LENGTH = 4000  # characters of one message of a conversation
MOST_WORKS = 5

# Invitations and requests for introductions a day, by the verification level of who sends them; so many times as many may be open at once.
A_DAY = (2, 3, 5, 10, 20, 20)
OPEN_FOR_ONE_A_DAY = 5
WAITING_FOR_ONE_PERSON = 50
MESSAGES_AN_HOUR, MESSAGES_A_DAY = 60, 300

WAIT = timedelta(days=30)  # a delivered invitation waits so long for an answer
HOLD = timedelta(days=365)  # a held one for its author
PUT_OFF = timedelta(days=60)  # "later" gives so much more time
NOT_AGAIN = timedelta(days=90)  # after a refusal

# Characters of form that scripts need within words; every other invisible one is taken out.
KEPT_INVISIBLE = "\u200c\u200d"
LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Quota:
    """How many somebody may send: in a day, and open at once."""

    a_day: int
    open: int


def quota_of(level: int) -> Quota:
    """
    >>> quota_of(0), quota_of(5)
    (Quota(a_day=2, open=10), Quota(a_day=20, open=100))
    """
    a_day = A_DAY[min(max(level, 0), len(A_DAY) - 1)]
    return Quota(a_day, a_day * OPEN_FOR_ONE_A_DAY)


def after(step: str, state: str) -> str | None:
    """The state after a step; None where it cannot be taken.

    >>> after("accept", "waiting"), after("accept", "held"), after("release", "revoked")
    ('accepted', None, None)
    """
    sources, target = STEPS[step]
    return target if state in sources else None


def clean(text: str) -> str:
    """Plain text as it is kept: one form of each letter, no control, bidi or other invisible characters, at most one line left empty.

    >>> clean("Dear\\u202e colleague,\\r\\n\\r\\n\\r\\n\\r\\nyours\\x00 \\u200b")
    'Dear colleague,\\n\\nyours'
    """
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    kept = "".join(letter if letter == "\n" else " " if letter == "\t" else letter for letter in lines if is_kept(letter))
    return LINES.sub("\n\n", "\n".join(line.rstrip() for line in kept.split("\n"))).strip()


def is_kept(letter: str) -> bool:
    return letter in "\n\t" or letter in KEPT_INVISIBLE or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


POLL_SECONDS = (4, 60)


def next_look(quiet: int) -> int:
    """Seconds until a page should ask again for new messages, after `quiet` times without one: twice as long each time, a minute at most.

    >>> [next_look(quiet) for quiet in range(6)]
    [4, 8, 16, 32, 60, 60]
    """
    least, most = POLL_SECONDS
    return min(most, least << min(max(quiet, 0), 10))
