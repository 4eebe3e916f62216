"""How carefully a claim wants to be looked at: signals that a reviewer can check, each with its weight. Pure: no Django, no rows.

Risk orders the queue and nothing else: no claim is approved or rejected by it, and it is told to staff only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 100
NEW_ACCOUNT_DAYS, QUICK_SECONDS, YOUNG_ID_DAYS, WELL_KNOWN_WORKS = 7, 600, 90, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a claim when it is weighed. None where something is not known, which is not the same as bad.

    mailbox: the words before the @ of the account's address. domain_kind: what the list of domains says of it. strong, pieces: proved
    evidence. distance: steps in the collaboration graph to somebody verified. identifier_name, identifier_days: the account's
    ORCID record's name, folded, and age.
    """

    name_key: str
    mailbox: str = ""
    domain: str = ""
    domain_kind: str = "unknown"
    account_days: int = 0
    seconds_to_claim: int = 0
    identifier_name: str = ""
    identifier_days: int | None = None
    pieces: int = 0
    strong: int = 0
    rivals: int = 0
    contests: bool = False
    is_disputed: bool = False
    is_frozen: bool = False
    rejected_before: int = 0
    works: int = 0
    says_mine: int = 0
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """One line for the reviewer: what was seen, and how much it adds to the risk; below zero it speaks for the claim."""

    key: str
    says: str
    weight: int


def name_agreement(name_key: str, mailbox: str) -> str:
    """How much of a folded name a mailbox repeats: "full", "part" or "none". Names prove nothing; their absence is worth a look.

    >>> name_agreement("boxiao liu", "boxiao.liu"), name_agreement("boxiao liu", "bliu7"), name_agreement("boxiao liu", "hello")
    ('full', 'part', 'none')
    >>> name_agreement("li", "alice")
    'none'
    """
    letters = "".join(char for char in mailbox.lower() if char.isalpha())
    words = name_key.split()
    if not words or not letters:
        return "none"
    if len(words) > 1 and sum(len(word) for word in words) <= len(letters) and all(word in letters for word in words):
        return "full"
    initials = {words[0][0] + words[-1], words[-1] + words[0][0], words[0] + words[-1][0]}
    if letters in initials or any(len(word) > 3 and word in letters for word in words):
        return "part"
    return "none"


def signals(facts: Facts) -> list[Signal]:
    """Every signal of a claim, the heaviest first."""
    found = [*about_person(facts), *about_evidence(facts), *about_case(facts)]
    return sorted(found, key=lambda signal: (-signal.weight, signal.key))


def about_person(facts: Facts) -> Iterable[Signal]:
    says, weight = {
        "full": ("The mailbox repeats the author’s name", -10),
        "part": ("The mailbox repeats a part of the author’s name", -4),
        "none": ("The mailbox does not repeat the author’s name", 8),
    }[name_agreement(facts.name_key, facts.mailbox)]
    yield Signal("name", says, weight)
    weights = {"academic": -10, "unknown": 2, "personal": 5, "disposable": 40}
    yield Signal("domain", f"Mail at {facts.domain or 'no domain'} ({facts.domain_kind})", weights.get(facts.domain_kind, 2))
    if facts.account_days < NEW_ACCOUNT_DAYS:
        yield Signal("account-age", f"The account is {facts.account_days} day{'s' * (facts.account_days != 1)} old", 8)
    else:
        yield Signal("account-age", f"The account is {facts.account_days} days old", 0)
    if facts.seconds_to_claim < QUICK_SECONDS:
        yield Signal("haste", f"From sign-up to claim in {facts.seconds_to_claim} s", 8)
    if facts.identifier_name:
        is_same = set(facts.identifier_name.split()) == set(facts.name_key.split())
        yield Signal("identifier-name", "The ORCID record is of " + ("the same name" if is_same else "another name"), -6 if is_same else 8)
    if facts.identifier_days is not None:
        is_young = facts.identifier_days < YOUNG_ID_DAYS
        yield Signal("identifier-age", f"The account’s ORCID record is {facts.identifier_days} days old", 10 if is_young else -6)
    if facts.rejected_before:
        yield Signal(
            "rejected-before",
            f"{facts.rejected_before} earlier claim{'s' * (facts.rejected_before != 1)} of this account rejected or revoked",
            15,
        )


def about_evidence(facts: Facts) -> Iterable[Signal]:
    if facts.strong:
        yield Signal("strong", f"{facts.strong} strong piece{'s' * (facts.strong != 1)} of evidence", -20)
    elif facts.pieces > 1:
        yield Signal("pieces", f"{facts.pieces} pieces of evidence, none strong alone", -4)
    else:
        yield Signal("pieces", "Too little evidence to decide on" if not facts.pieces else "One weak piece of evidence", 15)
    if facts.distance is not None:
        steps = "a co-author" if facts.distance == 1 else f"{facts.distance} steps away"
        yield Signal("distance", f"The nearest verified person is {steps}", -6 if facts.distance == 1 else -2)
    else:
        yield Signal("distance", "No verified person within two steps", 4)


def about_case(facts: Facts) -> Iterable[Signal]:
    if facts.is_frozen:
        yield Signal("frozen", "Somebody answered a notice: this was not me", 40)
    if facts.is_disputed:
        yield Signal("disputed", "The record is held, and disputed", 25)
    if facts.contests:
        yield Signal("contests", "This claim would take the record from another person", 30)
    if facts.rivals:
        yield Signal("rivals", f"{facts.rivals} other open claim{'s' * (facts.rivals != 1)} to the same record", 15)
    if facts.works > WELL_KNOWN_WORKS:
        yield Signal("prominent", f"{facts.works} works: a record worth stealing", 8)
    if facts.works > 2 and facts.says_mine * 2 < facts.works:
        yield Signal("few-answers", f"Says “mine” of {facts.says_mine} of {facts.works} works: the record may mix people", 5)


def risk(found: Iterable[Signal]) -> int:
    """0 to 100: 20 for a claim about which nothing stands out, and the weights on top.

    >>> risk([]), risk([Signal("a", "", -50)]), risk([Signal("a", "", 40), Signal("b", "", 50)])
    (20, 0, 100)
    """
    return max(0, min(MOST, 20 + sum(signal.weight for signal in found)))
