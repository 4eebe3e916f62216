"""What speaks for and against two signatures being one person's, as a matrix over the signatures of one block. Pure.

Every part is a weight in natural logarithms of odds, so that parts add up and a sum is a probability. docs/matching.md says where each
figure comes from. The name comes first: the more people of the record may be expected to have it, the more the rest must say.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from works.matching.commonness import Commonness
from works.matching.signatures import ONE_PER_PERSON, Signature
from works.names import ParsedName, agreement
from works.names.parts import CONFLICT, MIDDLE, TYPO

Key = TypeVar("Key", bound=Hashable)
Matrix = npt.NDArray[np.float32]

NAME_BASE = -1.5
NAME_SLOPE = -1.0  # for each factor e of expected namesakes
RIVAL = 0.5  # a name that stands beside it and excludes it counts as half a namesake for certain
AGREEMENT = {TYPO: -3.0, MIDDLE: -0.3}
COAUTHOR, FURTHER_COAUTHOR, COAUTHOR_IN_FULL, MOST_BY_COAUTHORS = 0.45, 0.25, 1.15, 5.0
AFFILIATION, OTHER_AFFILIATION, MOST_BY_AFFILIATION = 0.55, -0.8, 4.5
SAME_INSTITUTION = 2.5
TITLE, MOST_BY_TITLE = 0.08, 1.5
TOPIC = 0.5
YEAR = -0.08
IDENTIFIER = 12.0
NEVER = -np.inf


@dataclass(slots=True)
class Evidence:
    """The parts, each signatures x signatures. `total` is their sum; NEVER where the two cannot be one person."""

    name: Matrix
    coauthor: Matrix
    affiliation: Matrix
    content: Matrix
    identifier: Matrix
    total: Matrix


def weigh(signatures: Sequence[Signature], commonness: Commonness) -> Evidence:
    """All parts for all pairs. Cost: the square of the signatures, in a handful of passes over small matrices."""
    name = names(signatures, commonness)
    coauthor = coauthors(signatures, commonness)
    affiliation = affiliations(signatures, commonness)
    content = contents(signatures, commonness)
    identifier = identifiers(signatures)
    total = name + coauthor + affiliation + content + identifier
    total[identifier > 0] = IDENTIFIER  # an identifier outweighs what the names say
    works = np.array([signature.work for signature in signatures])
    total[works[:, None] == works[None, :]] = NEVER
    return Evidence(name, coauthor, affiliation, content, identifier, total)


def square(count: int) -> Matrix:
    return np.zeros((count, count), dtype=np.float32)


def names(signatures: Sequence[Signature], commonness: Commonness) -> Matrix:
    """How much the names alone say: rare ones for one person, common ones against. NEVER where they exclude each other."""
    forms = {name: number for number, name in enumerate(dict.fromkeys(signature.name for signature in signatures))}
    weights = square(len(forms))
    listed = list(forms)
    rivals = {name: rivals_of(name, listed) for name in listed}
    places = Counter(signature.name for signature in signatures)
    expected = {name: max(commonness.namesakes(name, places[name]), RIVAL * rivals[name]) for name in listed}
    for one, row in forms.items():
        for other, column in forms.items():
            if column > row:
                break
            how = agreement(one, other)
            namesakes = max(expected[one], expected[other])
            weight = NEVER if how == CONFLICT else NAME_BASE + NAME_SLOPE * math.log(namesakes) + AGREEMENT.get(how, 0.0)
            weights[row, column] = weights[column, row] = weight
    at = np.array([forms[signature.name] for signature in signatures])
    chosen: Matrix = weights[at[:, None], at[None, :]]
    return chosen


def rivals_of(name: ParsedName, forms: Iterable[ParsedName]) -> int:
    """How many names with a first name in full may each be meant by `name` and exclude each other, beyond the first."""
    apart: list[ParsedName] = []
    for form in forms:
        if form.first and agreement(name, form) != CONFLICT and all(agreement(form, other) == CONFLICT for other in apart):
            apart.append(form)
    return max(0, len(apart) - 1)


def coauthors(signatures: Sequence[Signature], commonness: Commonness) -> Matrix:
    """Co-authors in common. One who seldom stands in a byline says most; an equal full name says more than a name that may be equal."""
    rarity = commonness.rarity_of_coauthor
    shared = shared_by(signature.coauthors.keys() for signature in signatures)
    if not shared:
        return square(len(signatures))
    spelt = shared_by(signature.coauthors.items() for signature in signatures)
    total = product(shared, rarity, len(signatures))
    total += product(spelt, lambda item: (COAUTHOR_IN_FULL - 1) * rarity(item[0]), len(signatures))
    strongest = np.sqrt(np.sqrt(product(shared, lambda block: rarity(block) ** 4, len(signatures))))  # of several, nearly the largest alone
    weights: Matrix = np.minimum(COAUTHOR * strongest + FURTHER_COAUTHOR * np.maximum(total - strongest, 0.0), MOST_BY_COAUTHORS)
    return weights


def affiliations(signatures: Sequence[Signature], commonness: Commonness) -> Matrix:
    """Affiliations: what the words in common say, as far as they cover the shorter of the two lines; or that there are none in common."""
    count = len(signatures)
    lines = {line: number for number, line in enumerate(dict.fromkeys(line for one in signatures for line in one.affiliations))}
    weights = square(count)
    if not lines:
        return weights
    alike = likeness(list(lines), commonness)
    at = [[lines[line] for line in signature.affiliations] for signature in signatures]
    single = np.array([own[0] if own else -1 for own in at])
    have = single >= 0
    best = alike[single[:, None], single[None, :]]
    for number, own in enumerate(at):
        if len(own) > 1:
            row = alike[own].max(axis=0)
            best[number] = np.maximum(best[number], [max((row[line] for line in theirs), default=0.0) for theirs in at])
            best[:, number] = best[number]
    both = have[:, None] & have[None, :]
    weights[both] = OTHER_AFFILIATION + np.minimum(MOST_BY_AFFILIATION - OTHER_AFFILIATION, AFFILIATION * best[both])
    same = overlap([signature.institutions for signature in signatures], lambda institution: SAME_INSTITUTION)
    best_of_both: Matrix = np.where(same > 0, np.maximum(weights, SAME_INSTITUTION), weights).astype(np.float32)
    return best_of_both


def likeness(lines: Sequence[frozenset[str]], commonness: Commonness) -> Matrix:
    """For each two affiliations the rarity of the words in common, times their share of the shorter line's."""
    alike = overlap(lines, commonness.rarity_of_word)
    whole = np.array([sum(map(commonness.rarity_of_word, line)) for line in lines], dtype=np.float32)
    np.fill_diagonal(alike, whole)
    by_share: Matrix = (alike * alike / np.maximum(np.minimum(whole[:, None], whole[None, :]), 1e-6)).astype(np.float32)
    return by_share


def contents(signatures: Sequence[Signature], commonness: Commonness) -> Matrix:
    """Words of titles and topics in common, and the years between."""
    titles = overlap([signature.title for signature in signatures], commonness.rarity_of_title_word)
    topics = TOPIC * np.minimum(overlap([signature.topics for signature in signatures], lambda topic: 1.0), 1.0)
    years = np.array([signature.year or 0 for signature in signatures], dtype=np.float32)
    known = (years[:, None] > 0) & (years[None, :] > 0)
    apart = np.where(known, np.abs(years[:, None] - years[None, :]), 0.0)
    weights: Matrix = (np.minimum(MOST_BY_TITLE, TITLE * titles) + topics + YEAR * apart).astype(np.float32)
    return weights


def identifiers(signatures: Sequence[Signature]) -> Matrix:
    """IDENTIFIER where both have the same one; NEVER where both have one of a scheme and they differ. An ORCID iD outweighs the others."""
    weights = square(len(signatures))
    having = [number for number, signature in enumerate(signatures) if signature.identifiers]
    for place, one in enumerate(having):
        for other in having[:place]:
            weights[one, other] = weights[other, one] = identity(signatures[one].identifiers, signatures[other].identifiers)
    return weights


def identity(one: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]]) -> float:
    for scheme in sorted(ONE_PER_PERSON, key=lambda scheme: (scheme != "orcid", scheme)):
        own, theirs = ({value for known, value in its if known == scheme} for its in (one, other))
        if own and theirs:
            return IDENTIFIER if own & theirs else NEVER
    return 0.0


def overlap(sets: Sequence[Iterable[Key]], weight: Callable[[Key], float]) -> Matrix:
    """For each two sets the summed weights of what both hold."""
    return product(shared_by(sets), weight, len(sets))


def shared_by(sets: Iterable[Iterable[Key]]) -> dict[Key, list[int]]:
    """What several of the sets hold, and which of them."""
    holders: dict[Key, list[int]] = {}
    for number, its in enumerate(sets):
        for thing in its:
            if thing in holders:
                holders[thing].append(number)
            else:
                holders[thing] = [number]
    return {thing: numbers for thing, numbers in holders.items() if len(numbers) > 1}


def product(shared: Mapping[Key, Sequence[int]], weight: Callable[[Key], float], count: int) -> Matrix:
    """The summed weights of what each two of `count` sets share: a product of the matrix that says which set holds what."""
    if not shared:
        return square(count)
    holds = np.zeros((count, len(shared)), dtype=np.float32)
    roots = [math.sqrt(max(0.0, weight(thing))) for thing in shared]
    rows = [number for numbers in shared.values() for number in numbers]
    columns = [column for column, numbers in enumerate(shared.values()) for _ in numbers]
    holds[rows, columns] = [roots[column] for column in columns]
    weights: Matrix = holds @ holds.T
    return weights
