"""Verification levels L0 to L5: a pure function of live evidence and a date.

| level | needs | lapses |
|---|---|---|
| 0 | a name | never |
| 1 imported | a work with a registry's identifier | with the last such work |
| 2 claimed | level 1, an account, and one binding of the account to the record | an attestation after 24 months |
| 3 institution-backed | level 2, and an institution speaks | log-in and mail after 12 months, an ORCID affiliation after 24 |
| 4 identity-verified | level 2, and two people vouch for the identity | 36 months |
| 5 verified and bound | level 4, a second factor, and a second independent source | the second factor after 12 months |

Nothing stored overrides it but a suspension, which means level 1 at once. More evidence never means a lower level.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a piece of evidence is. `Evidence.source` is who speaks: a registry, an institution, or the key of a person."""

    ACCOUNT = "account"  # dated when the account was made
    ORCID_ON_WORK = "orcid-on-work"  # the account's iD (by OAuth) stands in registry-deposited metadata of a work
    EMAIL_ON_WORK = "email-on-work"  # a proved address that is printed on a work
    COAUTHOR_ATTESTATION = "coauthor-attestation"  # by a co-author of level 4 or more
    STAFF_BINDING = "staff-binding"  # staff decided that account and record belong together
    INSTITUTION_LOGIN = "institution-login"  # federated log-in
    ORCID_AFFILIATION = "orcid-affiliation"  # written into the ORCID record by the institution itself
    INSTITUTION_EMAIL = "institution-email"  # a proved address at an institution; alone it lifts nothing
    PUBLISHER_AFFILIATION = "publisher-affiliation"  # a publisher printed the institution's ROR id on a work; dated at its deposit
    IDENTITY_CHECK = "identity-check"  # by one member of staff
    IDENTITY_VOUCH = "identity-vouch"  # by one person of level 4 or more
    STAFF_DECISION = "staff-decision"  # staff accepted the vouches
    SECOND_FACTOR = "second-factor"  # on the account; dated when last used


BINDINGS = {Kind.ORCID_ON_WORK, Kind.EMAIL_ON_WORK, Kind.COAUTHOR_ATTESTATION, Kind.STAFF_BINDING}
INSTITUTIONAL = {Kind.INSTITUTION_LOGIN, Kind.ORCID_AFFILIATION}
# Another person's word. Whoever gives it must be verified without any such word themselves, so that there are no chains of vouches.
VOUCHES = {Kind.COAUTHOR_ATTESTATION, Kind.IDENTITY_VOUCH}
VOUCHING_LEVEL = 4

# What anybody can make alone, at no cost and in any number. Together with any record it must never leave the band Unverified.
FREE = {Kind.ACCOUNT, Kind.ORCID_ON_WORK, Kind.EMAIL_ON_WORK, Kind.INSTITUTION_EMAIL, Kind.SECOND_FACTOR}

LIFETIME_MONTHS = {
    Kind.COAUTHOR_ATTESTATION: 24,
    Kind.INSTITUTION_LOGIN: 12,
    Kind.INSTITUTION_EMAIL: 12,
    Kind.ORCID_AFFILIATION: 24,
    Kind.IDENTITY_CHECK: 36,
    Kind.IDENTITY_VOUCH: 36,
    Kind.STAFF_DECISION: 36,
    Kind.SECOND_FACTOR: 12,
}

# An affiliation printed on a work backs a mail address only if the work was deposited this long before the account was made:
# whoever is about to make a false account cannot quickly print one.
AFFILIATION_LEAD = timedelta(days=90)

MEANINGS = (
    "Only a name is known: no work of this author carries a registry's identifier.",
    "Imported: at least one work carries a registry's identifier. Nobody has proved to be this author.",
    "Claimed: somebody's account is tied to at least one of these works.",
    "Institution-backed: an institution confirms the person who claimed this record.",
    "Identity-verified: two people checked who claimed this record.",
    "Verified and bound: identity checked, a second independent source, and a second factor on the account.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that somebody said on a day.

    source: who speaks. institution: the ROR id it concerns, "" where none. expires: the first day on which it no longer counts,
    where that is earlier than its kind's own lifetime (it was revoked, say).
    """

    kind: Kind
    dated: date
    source: str = ""
    institution: str = ""
    expires: date | None = None

    @property
    def ends(self) -> date:
        """The first day on which it no longer counts."""
        months = LIFETIME_MONTHS.get(self.kind)
        return min(self.expires or date.max, months_later(self.dated, months) if months else date.max)

    def is_live(self, *, on: date) -> bool:
        return self.dated <= on < self.ends


def months_later(day: date, months: int) -> date:
    """The same day of the month, `months` later, or that month's last day; never beyond the calendar.

    >>> months_later(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def level(evidence: Iterable[Evidence], *, registry_works: int, on: date, is_suspended: bool = False) -> int:
    """The verification level, 0 to 5, that evidence live on a day earns for a record with `registry_works` works.

    A claim without a binding, however many other proofs come with it, is level 1.
    """
    if registry_works < 1:
        return 0
    live = [item for item in evidence if item.is_live(on=on)]
    kinds = {item.kind for item in live}
    if is_suspended or Kind.ACCOUNT not in kinds or not kinds & BINDINGS:
        return 1
    if is_identity_verified(live):
        voices = {item.source for item in live if item.kind in BINDINGS | INSTITUTIONAL}
        return 5 if Kind.SECOND_FACTOR in kinds and len(voices) >= 2 else 4
    return 3 if institution_speaks(live) else 2


def own_level(evidence: Iterable[Evidence], *, registry_works: int, on: date, is_suspended: bool = False) -> int:
    """The level without any other person's word. Who has 4 of their own may attest others; so nobody's word rests on another's word."""
    own = (item for item in evidence if item.kind not in VOUCHES)
    return level(own, registry_works=registry_works, on=on, is_suspended=is_suspended)


def next_change(evidence: Iterable[Evidence], *, on: date) -> date | None:
    """The next day after `on` on which a piece of evidence begins or ceases to count. Nothing else changes with the calendar."""
    days = {day for item in evidence if item.dated < item.ends for day in (item.dated, item.ends) if on < day < date.max}
    return min(days, default=None)


def home_of(evidence: Iterable[Evidence], *, on: date) -> str:
    """The institution that a person speaks from: by log-in, by its own entry in the ORCID record, by mail, else as printed; "" for none."""
    order = (Kind.INSTITUTION_LOGIN, Kind.ORCID_AFFILIATION, Kind.INSTITUTION_EMAIL, Kind.PUBLISHER_AFFILIATION)
    found = [item for item in evidence if item.kind in order and item.institution and item.is_live(on=on)]
    best = min(found, key=lambda item: (order.index(item.kind), -item.dated.toordinal(), item.institution), default=None)
    return best.institution if best else ""


def institution_speaks(live: list[Evidence]) -> bool:
    """An institution backs the person: by itself, or by a mail address together with what a publisher or a co-author says."""
    kinds = {item.kind for item in live}
    if kinds & INSTITUTIONAL:
        return True
    mailboxes = {item.institution for item in live if item.kind is Kind.INSTITUTION_EMAIL}
    if mailboxes and Kind.COAUTHOR_ATTESTATION in kinds:
        return True
    accounts = [item.dated for item in live if item.kind is Kind.ACCOUNT]
    return any(
        printed.institution in mailboxes - {""} and any(opened - printed.dated >= AFFILIATION_LEAD for opened in accounts)
        for printed in live
        if printed.kind is Kind.PUBLISHER_AFFILIATION
    )


def is_identity_verified(live: list[Evidence]) -> bool:
    """Two checks by different members of staff; or vouches by two people from two institutions, and a decision of staff."""
    checkers = {item.source for item in live if item.kind is Kind.IDENTITY_CHECK}
    if len(checkers) >= 2:
        return True
    vouches = {(item.source, item.institution) for item in live if item.kind is Kind.IDENTITY_VOUCH and item.institution}
    people, institutions = {source for source, _ in vouches}, {institution for _, institution in vouches}
    return len(people) >= 2 and len(institutions) >= 2 and any(item.kind is Kind.STAFF_DECISION for item in live)
