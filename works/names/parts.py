"""What the words of a person's name are, and whether two names may be one person's. Pure.

No split is believed that a source does not give: the family name is taken to be the last word, to compare by and not as a claim.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from rapidfuzz.distance import OSA

from works.names.keys import fold
from works.names.pinyin import has_han, is_family_first, latin_of_han

SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "2nd", "3rd"])
# German and Scandinavian names are written with and without their umlauts: Müller, Mueller, Muller.
UMLAUT = re.compile("(?<=[a-z])(?:ae|oe|ue)|^(?:ae|oe|ue)")
FAMILY_DIGITS = re.compile(r"\d+$")
TYPO_LENGTH = 6  # shorter words are other words one letter on: Jian, Juan
DIMINUTIVE_LENGTH = 3


class ParsedName(NamedTuple):
    """family: its last word. given: the words before it, particles and middle names among them. suffix: "jr", "iii" or "".

    bare_family and bare_given are the same without umlauts, the given names as one word: "Xiao-Ming", "Xiao Ming" and "Xiaoming" are one.
    """

    family: str
    given: tuple[str, ...]
    suffix: str
    bare_family: str
    bare_given: str

    @property
    def initial(self) -> str:
        return self.bare_given[:1]

    @property
    def block(self) -> str:
        """Names that may be one person's have one block: the family name without umlauts, and the first initial."""
        return f"{self.bare_family} {self.bare_given[:1]}" if self.bare_given else self.bare_family

    @property
    def first(self) -> str:
        """The first given name in full, or "" where an initial stands for it."""
        return self.given[0] if self.given and len(self.given[0]) > 1 else ""

    def __str__(self) -> str:
        return " ".join((*self.given, self.family, self.suffix)).strip()


def name_of(family: str, given: tuple[str, ...] = (), suffix: str = "") -> ParsedName:
    return ParsedName(family, given, suffix, plain(family), plain("".join(given)))


@functools.lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """A word without the e that stands for an umlaut: of no meaning but to bring spellings together."""
    return word if "e" not in word else UMLAUT.sub(lambda found: found[0][0], word)


@functools.lru_cache(maxsize=65_536)
def parse_name(name: str) -> ParsedName:
    """The parts of a name in any of its spellings.

    >>> parse_name("Hal Daumé III")[:3]
    ('daume', ('hal',), 'iii')
    >>> parse_name("江常皓") == parse_name("Changhao Jiang") == parse_name("Jiang Changhao")
    True
    >>> parse_name("Mausam").block, parse_name("J. Müller").block, parse_name("Jane Mueller").block
    ('mausam', 'muller j', 'muller j')
    """
    key = fold(name)
    if has_han(key):
        latin = [word for word in key.split() if word.isascii()]
        if not latin:
            given, family = latin_of_han(key)
            return name_of(family, (given,) if given else ())
        key = " ".join(latin)
    words = key.split()
    suffix = ""
    if len(words) > 2 and words[-1] in SUFFIXES:
        suffix = words.pop()
    if len(words) == 1 or not words:
        return name_of(words[0] if words else "", (), suffix)
    if is_family_first(tuple(words)):
        words.reverse()
    family = FAMILY_DIGITS.sub("", words[-1]) or words[-1]
    return name_of(family, tuple(words[:-1]), suffix)


# How far two names of one block agree. CONFLICT forbids that they are one person's; the others are evidence of growing weight.
CONFLICT, TYPO, INITIAL, MIDDLE, FULL = -1, 0, 1, 2, 3


@functools.lru_cache(maxsize=262_144)
def agreement(one: ParsedName, other: ParsedName) -> int:
    """How far two names agree: CONFLICT, TYPO (a letter or two), INITIAL (one abbreviates the other), MIDDLE (one has more), FULL.

    >>> def how(one, other): return agreement(parse_name(one), parse_name(other))
    >>> how("J. Smith", "Jane Smith"), how("Jane Smith", "John Smith"), how("Jane A. Smith", "Jane Smith"), how("Young-Jo Cho", "Y. J. Cho")
    (1, -1, 2, 1)
    >>> how("Hangeun Kim", "Hanguen Kim"), how("Jane A. Smith", "Jane B. Smith"), how("Hal Daumé", "Hal Daumé III")
    (0, -1, 2)
    """
    if one.bare_family != other.bare_family or one.initial != other.initial:
        return CONFLICT
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return CONFLICT
    if one.bare_given == other.bare_given:
        return FULL if one.suffix == other.suffix else MIDDLE
    return given_agreement(one.given, other.given)


def given_agreement(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """The same for the words before the family name."""
    if not one or not other:
        return CONFLICT
    split = split_agreement(one, other) if 1 in {len(one[0]), len(other[0])} else None
    if split is not None:
        return split
    first = word_agreement(plain(one[0]), plain(other[0]))
    if first == CONFLICT:
        return CONFLICT
    rest = middle_agreement(one[1:], other[1:])
    return CONFLICT if rest == CONFLICT else min(first, rest)


def split_agreement(one: tuple[str, ...], other: tuple[str, ...]) -> int | None:
    """For "Xiaoming" beside "X. M." or "X.": initials of a name that the other joins; None where it is no such case."""
    short, long = (one, other) if all(len(word) == 1 for word in one) else (other, one)
    if not all(len(word) == 1 for word in short) or len(long) != 1 or len(short) == 1:
        return None
    at = 0
    for initial in short:
        at = long[0].find(initial, at) + 1
        if not at:
            return None
    return INITIAL


def word_agreement(one: str, other: str) -> int:
    if one == other:
        return FULL if len(one) > 1 else INITIAL
    if len(one) == 1 or len(other) == 1:
        return INITIAL if one[0] == other[0] else CONFLICT
    if min(len(one), len(other)) >= DIMINUTIVE_LENGTH and (one.startswith(other) or other.startswith(one)):
        return TYPO  # Rob, Robert; and Jun, Junichi
    if min(len(one), len(other)) >= TYPO_LENGTH and OSA.distance(one, other, score_cutoff=1) <= 1:
        return TYPO
    return CONFLICT


def middle_agreement(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Middle names: those of the shorter list must stand in the longer one, in order, in full or by initial."""
    short, long = sorted((one, other), key=len)
    worst = FULL if len(short) == len(long) else MIDDLE
    at = 0
    for word in short:
        while at < len(long) and word_agreement(word, long[at]) == CONFLICT:
            at += 1
        if at == len(long):
            return CONFLICT
        worst = min(worst, max(word_agreement(word, long[at]), MIDDLE))
        at += 1
    return worst
