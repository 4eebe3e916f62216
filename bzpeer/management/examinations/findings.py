from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    GOOD = "good"
    ADVICE = "advice"  # it works, and could be better or safer
    FAULT = "fault"  # something does not work, or soon will not


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was seen, in a sentence without a full stop; `remedy` is what to do about it, empty where nothing is to be done."""

    weight: Weight
    what: str
    remedy: str = ""


def good(what: str) -> Finding:
    return Finding(Weight.GOOD, what)


def advice(what: str, remedy: str) -> Finding:
    return Finding(Weight.ADVICE, what, remedy)


def fault(what: str, remedy: str) -> Finding:
    return Finding(Weight.FAULT, what, remedy)
