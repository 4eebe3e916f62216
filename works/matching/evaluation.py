"""A grouping beside the truth, overall and by who is hard to tell apart: Chinese surnames, names that several people share. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from works.matching.metrics import Quality, b_cubed, pairwise
from works.names import fold, parse_name
from works.names.pinyin import FAMILY_NAMES

# How many true people share a full name.
SIZES = (
    (1, 1, "a name of one person"),
    (2, 2, "shared by 2"),
    (3, 4, "shared by 3 to 4"),
    (5, 9, "shared by 5 to 9"),
    (10, 10**9, "by 10 or more"),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One byline position: the name printed, the author it was given to, and who it truly is."""

    name: str
    predicted: Hashable
    true: Hashable


@dataclass(frozen=True, slots=True)
class Line:
    """What one part of the positions comes to."""

    part: str
    positions: int
    people: int
    b_cubed: Quality
    pairwise: Quality


def evaluate(judged: Sequence[Judged]) -> list[Line]:
    """All of it, then the parts that have any positions. A part is judged by itself: only its own positions count, on both sides."""
    bearers: dict[str, set[Hashable]] = defaultdict(set)
    keys = [fold(one.name) for one in judged]
    for key, one in zip(keys, judged, strict=True):
        bearers[key].add(one.true)
    chinese = [parse_name(one.name).family in FAMILY_NAMES for one in judged]
    parts = [
        ("all", judged),
        ("names that several people share", choose(judged, (len(bearers[key]) > 1 for key in keys))),
        ("Chinese surnames", choose(judged, chinese)),
        ("other surnames", choose(judged, (not one for one in chinese))),
    ]
    parts += [(label, choose(judged, (least <= len(bearers[key]) <= most for key in keys))) for least, most, label in SIZES]
    return [line(part, its) for part, its in parts if its]


def choose(judged: Iterable[Judged], wanted: Iterable[bool]) -> list[Judged]:
    return [one for one, is_wanted in zip(judged, wanted, strict=True) if is_wanted]


def line(part: str, judged: Sequence[Judged]) -> Line:
    predicted, true = [one.predicted for one in judged], [one.true for one in judged]
    return Line(part, len(judged), len(set(true)), b_cubed(predicted, true), pairwise(predicted, true))
