"""Trust as integers: T = floor(max(0, I + R + 20 N - D)), 0 to 100, reckoned in millionths of a point.

- I, identity: 0, 5, 10, 30, 50, 60 points for levels 0 to 5.
- R, record, at most 20: min(4, works with a registry's identifier) + min(6, 2 x independent registries) + min(2, topics)
  + min(2, 1/2 x close collaborators) + 2 where a publisher or an institution asserts an affiliation
  + min(4, works that a publisher tied to the author's iD).
- N, network, 0 to 1: vouchers at one institution count together for at most one half, and institutions compound:
  N = 1 - product over institutions of (1 - min(1/2, 1 - product over its vouchers of (1 - p))).
  p = 0.35 w for a voucher of level 4 or more; 0.35 w x 1/2 x (the voucher's own N) for one of level 3; 0 for any other.
  w = min(1, sum of 2/k) over the joint works of k <= 25 authors that the voucher has confirmed.
- D, conduct: 15 for each upheld finding on identity or authorship, at most 60. As long as a report is open, T and its band do not rise
  above what they were when it came.

Products of fractions are kept exact: each factor is a pair of whole numbers, numerators and denominators are multiplied apart, and the
one rounding (down, to a millionth) comes at the very end. Whole numbers multiply to the same whatever their order, so the order of the
inputs cannot show, and the figure is the same on every machine.

Followers, citations, h-index, venue, country, career length and activity are no inputs. T says nothing of how good or famous anybody is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from profiles.trust.levels import Evidence, level
from profiles.trust.registries import REGISTRIES

FORMULA = "2026-11"

POINT = 1_000_000
IDENTITY_POINTS = (0, 5, 10, 30, 50, 60)
NETWORK_MAXIMUM = 20 * POINT
FINDING_POINTS, CONDUCT_MAXIMUM = 15, 60

# Only these can answer for where somebody works, or for an iD on a work. Preprint servers and repositories print what they are told.
SPEAKERS = frozenset({"publisher", "institution"})

JOINT_WORK_MAX_AUTHORS = 25
JOINT_WORK_UNIT = math.lcm(*range(1, JOINT_WORK_MAX_AUTHORS + 1))  # 2/k is a whole number of 1/JOINT_WORK_UNIT for every k that counts
LIFTS_A_YEAR = {3: 10, 4: 30, 5: 30}


class Band(StrEnum):
    UNVERIFIED = "unverified"
    CORROBORATED = "corroborated"
    ESTABLISHED = "established"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the registries' record says of an author.

    works: those with a registry's identifier. registries: keys of profiles.trust.registries.REGISTRIES; any other earns nothing.
    topics: how many; topics_from: the vocabularies they come from. close_collaborators: None where they have not been counted yet.
    affiliations: (who asserts it: "publisher", "institution", "repository", …; the institution's name).
    orcid_works: (who tied the iD to works, to how many). as_of: the day of the newest registry record.
    """

    works: int = 0
    registries: frozenset[str] = frozenset()
    topics: int = 0
    topics_from: frozenset[str] = frozenset()
    close_collaborators: int | None = None
    affiliations: frozenset[tuple[str, str]] = frozenset()
    orcid_works: tuple[tuple[str, int], ...] = ()
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JointWork:
    """A work that the author and a voucher share: how many authors it has, and whether the voucher has confirmed it."""

    work: str
    authors: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A co-author who may lift this author.

    person: an opaque key. institution: a ROR id (vouchers without one count together, as one institution); institution_name: for the page.
    network: for level 3, the voucher's own N from people of level 4 or more and without this author, in millionths of a point
    (0 to 20,000,000: `network` of those vouchers). place: which of the voucher's new collaborators of that registry-deposit year
    this author is, in the order of confirmation, from 1.
    """

    person: str
    institution: str
    level: int
    institution_name: str = ""
    network: int = 0
    place: int = 1
    joint_works: tuple[JointWork, ...] = ()

    @property
    def confirmed_works(self) -> frozenset[JointWork]:
        """The joint works that count: confirmed, and of at most 25 authors."""
        return frozenset(work for work in self.joint_works if work.is_confirmed and 2 <= work.authors <= JOINT_WORK_MAX_AUTHORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding of staff. An honest retraction costs nothing, and neither does a report that is still open."""

    class Kind(StrEnum):
        IDENTITY = "identity"
        AUTHORSHIP = "authorship"
        RETRACTION = "retraction"

    key: str
    kind: Kind
    is_upheld: bool
    found_on: date

    @property
    def costs(self) -> bool:
        return self.is_upheld and self.kind in {Finding.Kind.IDENTITY, Finding.Kind.AUTHORSHIP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What the figure was when a report came that is still open: until staff decide it may fall below that and not rise above."""

    micropoints: int
    band: Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that an author's trust depends on, on one day. Each voucher stands in it once; ValueError otherwise."""

    record: Record
    on: date
    evidence: tuple[Evidence, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    findings: tuple[Finding, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    is_suspended: bool = False

    def __post_init__(self) -> None:
        if len({voucher.person for voucher in self.vouchers}) != len(self.vouchers):
            raise ValueError("a person vouches once: give each voucher one entry with all joint works")


class Line(NamedTuple):
    """One summand, in millionths of a point, and the most that it can be."""

    key: str
    micropoints: int
    maximum: int


class Backing(NamedTuple):
    """What one institution's vouchers give if no other institution speaks, in millionths of a point (at most 10,000,000)."""

    institution: str
    name: str
    vouchers: int
    works: tuple[str, ...]
    micropoints: int
    people: tuple[str, ...] = ()


class Result(NamedTuple):
    """`lines` sum to `micropoints`; `score` is the whole points of that, rounded down."""

    micropoints: int
    score: int
    band: Band
    level: int
    lines: tuple[Line, ...]


def score(inputs: Inputs) -> Result:
    """An author's trust: the formula at the head of this module, line by line. Time: linear in the vouchers and their joint works."""
    record = inputs.record
    reached = level(inputs.evidence, registry_works=record.works, on=inputs.on, is_suspended=inputs.is_suspended)
    gains = (
        Line("identity", IDENTITY_POINTS[reached] * POINT, IDENTITY_POINTS[-1] * POINT),
        capped("works", record.works * POINT, 4),
        capped("registries", 2 * len(record.registries & REGISTRIES.keys()) * POINT, 6),
        capped("topics", record.topics * POINT, 2),
        capped("collaborators", (record.close_collaborators or 0) * POINT // 2, 2),
        capped("affiliation", 2 * POINT if any(asserter in SPEAKERS for asserter, _ in record.affiliations) else 0, 2),
        capped("orcid", sum(works for asserter, works in record.orcid_works if asserter == "publisher") * POINT, 4),
        Line("network", network(inputs.vouchers), NETWORK_MAXIMUM),
    )
    costly = {finding.key for finding in inputs.findings if finding.costs}
    gained = sum(line.micropoints for line in gains)
    # Never below 0: a deduction takes away what there is, so that the lines always sum to the headline.
    due = gained - min(gained, min(CONDUCT_MAXIMUM, FINDING_POINTS * len(costly)) * POINT)
    micropoints = min([due, *(ceiling.micropoints for ceiling in inputs.ceilings)])
    points = micropoints // POINT
    earned = band(points, reached, has_finding=bool(costly))
    held = min([earned, *(ceiling.band for ceiling in inputs.ceilings)], key=list(Band).index)
    return Result(micropoints, points, held, reached, (*gains, Line("conduct", micropoints - gained, 0)))


def capped(key: str, micropoints: int, maximum: int) -> Line:
    return Line(key, min(micropoints, maximum * POINT), maximum * POINT)


def band(points: int, reached: int, *, has_finding: bool = False) -> Band:
    """The band of whole points at a level: 24 is the most that free evidence earns, and each higher band needs its level too."""
    if points < 25:
        return Band.UNVERIFIED
    if has_finding or points < 34 or reached < 3:
        return Band.CORROBORATED
    return Band.VERIFIED if points >= 54 and reached >= 4 else Band.ESTABLISHED


def network(vouchers: Iterable[Voucher]) -> int:
    """20 N in millionths of a point, rounded down once."""
    doubt, whole = 1, 1
    for group in by_institution(vouchers).values():
        numerator, denominator = doubt_left(group)
        doubt, whole = doubt * numerator, whole * denominator
    return NETWORK_MAXIMUM * (whole - doubt) // whole


def backings(vouchers: Iterable[Voucher]) -> tuple[Backing, ...]:
    """The network institution by institution, the strongest first. They compound, so their sum is more than the line `network`."""
    found = []
    for institution, group in by_institution(vouchers).items():
        numerator, denominator = doubt_left(group)
        works = tuple(sorted({work.work for voucher in group for work in voucher.confirmed_works}))
        name = min(voucher.institution_name for voucher in group)
        people = tuple(sorted({voucher.person for voucher in group}))
        found.append(Backing(institution, name, len(people), works, NETWORK_MAXIMUM * (denominator - numerator) // denominator, people))
    return tuple(sorted(found, key=lambda backing: (-backing.micropoints, backing.institution)))


def by_institution(vouchers: Iterable[Voucher]) -> dict[str, list[Voucher]]:
    """The vouchers that lift at all, by institution."""
    groups: dict[str, list[Voucher]] = defaultdict(list)
    for voucher in vouchers:
        if conviction(voucher)[0]:
            groups[voucher.institution].append(voucher)
    return groups


def doubt_left(group: Iterable[Voucher]) -> tuple[int, int]:
    """The product of (1 - p) over one institution's vouchers, but at least one half, as numerator and denominator."""
    doubt, whole = 1, 1
    for voucher in group:
        numerator, denominator = conviction(voucher)
        doubt, whole = doubt * (denominator - numerator), whole * denominator
        if 2 * doubt <= whole:
            return 1, 2
    return doubt, whole


def conviction(voucher: Voucher) -> tuple[int, int]:
    """p of one voucher as numerator and denominator: 0.35 w, or for level 3 that times half the voucher's own N."""
    if voucher.place > LIFTS_A_YEAR.get(voucher.level, 0):
        return 0, 1
    weight = min(JOINT_WORK_UNIT, sum(2 * JOINT_WORK_UNIT // work.authors for work in voucher.confirmed_works))
    if voucher.level >= 4:
        return 7 * weight, 20 * JOINT_WORK_UNIT
    return 7 * weight * voucher.network, 40 * JOINT_WORK_UNIT * NETWORK_MAXIMUM
