"""Who is who within a block: signatures become people, step by step, the surest join first. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from works.matching.commonness import Commonness
from works.matching.evidence import IDENTIFIER, Evidence, Matrix, weigh
from works.matching.signatures import Signature
from works.names import agreement
from works.names.parts import CONFLICT

THRESHOLD = 0.75
STRONGEST_SHARE = 0.5  # of a join's score; the rest is the mean over all pairs
LARGEST_BLOCK = 1_500
DECIDED = 99.0


@dataclass(slots=True)
class Link:
    """Why a signature is with its person. reason: a value of `works.models.Authorship.Match`; evidence: the parts of it, in log-odds."""

    reason: str
    confidence: float
    evidence: dict[str, float]


@dataclass(slots=True)
class Group:
    """The signatures of one person, by their place in what was given. author: the one that must keep them, where somebody decided so."""

    members: list[int]
    links: list[Link]
    author: int | None


def group_people(signatures: Sequence[Signature], commonness: Commonness) -> list[Group]:
    """The people behind the signatures of one block.

    Never together: two places of one byline, names or identifiers that exclude each other, two authors that somebody decided about.
    Always together: what somebody decided to be one author's. Else two groups join where the strongest and the mean evidence between them,
    half and half, pass the threshold; and what one common name needs to pass it is more than what a rare one needs, since the
    expected namesakes are part of the evidence. Cost: the square of the largest set of names that do not exclude each other.
    """
    if len(signatures) == 1:
        return join(signatures, commonness)
    found: list[Group] = []
    for part in separable(signatures):
        own = [signatures[number] for number in part]
        found += [Group([part[number] for number in group.members], group.links, group.author) for group in join(own, commonness)]
    return found


def separable(signatures: Sequence[Signature]) -> list[list[int]]:
    """The signatures, parted where no chain of names, identifiers or decisions connects them, and where one matrix cannot hold them."""
    by_name: dict[object, list[int]] = defaultdict(list)
    for number, signature in enumerate(signatures):
        by_name[signature.name].append(number)
    parts = [list(range(len(signatures)))] if len(by_name) == 1 else connected(signatures, by_name)
    sized: list[list[int]] = []
    for part in parts:
        if len(part) <= LARGEST_BLOCK:
            sized.append(part)
            continue
        # Too many namesakes: initials are not asked whom they stand for, and what is left is cut by years.
        by_first: dict[str, list[int]] = defaultdict(list)
        for number in part:
            by_first[signatures[number].name.first].append(number)
        for numbers in by_first.values():
            numbers.sort(key=lambda number: (signatures[number].year or 0, signatures[number].id))
            sized.extend(numbers[start : start + LARGEST_BLOCK] for start in range(0, len(numbers), LARGEST_BLOCK))
    return sized


def connected(signatures: Sequence[Signature], by_name: dict[object, list[int]]) -> list[list[int]]:
    """Sets of signatures between which no two names can be one person's, no identifier is shared and no author was decided."""
    leader: dict[object, object] = {name: name for name in by_name}

    def lead(thing: object) -> object:
        while leader.setdefault(thing, thing) != thing:
            leader[thing] = leader[leader[thing]]
            thing = leader[thing]
        return thing

    names = [signatures[numbers[0]].name for numbers in by_name.values()]
    for place, one in enumerate(names):
        for other in names[:place]:
            if agreement(one, other) != CONFLICT:
                leader[lead(one)] = lead(other)
    for signature in signatures:
        for identifier in signature.identifiers:
            leader[lead(("identifier", identifier))] = lead(signature.name)
        if signature.is_locked:
            leader[lead(("author", signature.author))] = lead(signature.name)
    parts: dict[object, list[int]] = defaultdict(list)
    for name, numbers in by_name.items():
        parts[lead(name)].extend(numbers)
    return [sorted(numbers) for numbers in parts.values()]


def join(signatures: Sequence[Signature], commonness: Commonness) -> list[Group]:
    if len(signatures) == 1:
        return [Group([0], [Link("first", 1.0, {})], signatures[0].author if signatures[0].is_locked else None)]
    evidence = weigh(signatures, commonness)
    respect_decisions(signatures, evidence.total)
    members = agglomerate(evidence.total)
    return [
        Group(own, [link(number, own, evidence) for number in own], decided_author(signatures, own))
        for own in members
    ]  # fmt: skip


def decided_author(signatures: Sequence[Signature], own: Sequence[int]) -> int | None:
    decided = Counter(signatures[number].author for number in own if signatures[number].is_locked)
    return decided.most_common(1)[0][0] if decided else None


def respect_decisions(signatures: Sequence[Signature], total: Matrix) -> None:
    """What somebody decided stands: one author's signatures are together, two authors' never. Two of one byline stay apart even so."""
    locked = [number for number, signature in enumerate(signatures) if signature.is_locked]
    for place, one in enumerate(locked):
        for other in locked[:place]:
            if signatures[one].author != signatures[other].author:
                total[one, other] = total[other, one] = -np.inf
            elif signatures[one].work != signatures[other].work:
                total[one, other] = total[other, one] = DECIDED
    for one, signature in enumerate(signatures):
        for other in range(len(signatures)) if signature.ruled_out else ():
            if signatures[other].author in signature.ruled_out and other != one:
                total[one, other] = total[other, one] = -np.inf


def agglomerate(total: Matrix, threshold: float = THRESHOLD) -> list[list[int]]:
    """Join the two groups with the best score, again and again, while it passes the threshold.

    The sum of a pair that can never be is minus infinity and stays so whatever it is added to: no group ever holds one.
    """
    count = len(total)
    np.fill_diagonal(total, -np.inf)
    sums, strongest = total.copy(), total.copy()
    sizes = np.ones(count, dtype=np.float32)
    members = [[number] for number in range(count)]
    score = total.copy()
    best = score.argmax(axis=1)
    value = score[np.arange(count), best]
    while True:
        one = int(value.argmax())
        if value[one] <= threshold:
            break
        other = int(best[one])
        members[one] += members[other]
        members[other] = []
        sizes[one] += sizes[other]
        sums[one] += sums[other]
        strongest[one] = np.maximum(strongest[one], strongest[other])
        fresh = STRONGEST_SHARE * strongest[one] + (1 - STRONGEST_SHARE) * sums[one] / (sizes * sizes[one])
        fresh[strongest[one] >= IDENTIFIER] += IDENTIFIER  # an identifier or a decision joins, whatever the mean says; NEVER stays
        fresh[one] = -np.inf
        for matrix in (sums, strongest):
            matrix[:, one] = matrix[one]
            matrix[other] = matrix[:, other] = -np.inf
        fresh[other] = -np.inf
        score[one] = score[:, one] = fresh
        score[other] = score[:, other] = -np.inf
        value[other] = -np.inf
        stale = np.flatnonzero((best == one) | (best == other))
        if len(stale):
            best[stale] = score[stale].argmax(axis=1)
            value[stale] = score[stale, best[stale]]
        better = fresh > value
        best[better] = one
        value[better] = fresh[better]
        best[one] = int(fresh.argmax())
        value[one] = fresh[best[one]]
    return [own for own in members if own]


def link(number: int, own: Sequence[int], evidence: Evidence) -> Link:
    """Why this one is with the others: the pair that says most, and how sure the join is."""
    row = evidence.total[number]
    others = [other for other in own if other != number]
    if not others:
        nearest = float(row.max())
        return Link("first", probability(-nearest) if np.isfinite(nearest) else 1.0, {})
    scores = row[others]
    near = others[int(scores.argmax())]
    strength = STRONGEST_SHARE * float(row[near]) + (1 - STRONGEST_SHARE) * float(scores.sum()) / len(others)
    parts = {
        name: round(float(matrix[number, near]), 1)
        for name, matrix in (
            ("name", evidence.name),
            ("coauthor", evidence.coauthor),
            ("affiliation", evidence.affiliation),
            ("topic", evidence.content),
            ("identifier", evidence.identifier),
        )
        if np.isfinite(matrix[number, near]) and abs(matrix[number, near]) >= 0.05
    }
    positive = {name: weight for name, weight in parts.items() if weight > 0}
    reason = max(positive, key=lambda name: positive[name]) if positive else "name"
    return Link(reason, probability(max(float(row[near]), strength) if reason == "identifier" else strength), parts)


def probability(log_odds: float) -> float:
    return round(1 / (1 + exp(-max(-30.0, min(30.0, log_odds)))), 3)
