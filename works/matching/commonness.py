"""How common names and words are, counted in the record itself: what makes a coincidence telling, or not. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from works.names import ParsedName
from works.names.pinyin import FAMILY_NAMES, syllables

# What is known of names without any record: a Chinese name of two syllables is borne by thousands, one of three by many,
# initials by anybody.
LEAST_NAMESAKES = 0.02
LEAST_OF_SHORT_CHINESE, LEAST_OF_LONG_CHINESE, LEAST_OF_INITIALS = 0.35, 0.05, 0.1
# A small record is taken for a part of one of this size: that a thing stands in it twice is no sign that it is common.
LEAST_NAMES, LEAST_PLACES, LEAST_AFFILIATIONS, LEAST_WORKS = 5_000, 20_000, 10_000, 5_000
# Words of any affiliation, whatever a small record holds.
ANY_AFFILIATION = frozenset(
    {
        "a", "and", "at", "for", "in", "of", "the", "de", "di", "la", "du", "des", "department", "dept", "school", "faculty", "institute",
        "university", "universite", "universita", "universitat", "college", "center", "centre", "laboratory", "lab", "group", "division",
        "research", "science", "sciences", "technology", "engineering", "national", "state", "key", "computer", "computing", "information",
        "electrical", "mechanical", "systems", "academy", "usa", "china",
    }
)  # fmt: skip
MOST_OF_ANY = 1.5


@dataclass(slots=True, kw_only=True)
class Commonness:
    """Counts of a record or of a fair sample of it. `scale` is how many times larger the record is than what was counted.

    names: distinct names. families, firsts, initials: of the distinct names, how many have this family name, first name, initial.
    blocks: places in bylines by block. words, topics: affiliations with this word, works with this topic or title word.
    """

    scale: float = 1.0
    names: int = 0
    families: Counter[str] = field(default_factory=Counter)
    firsts: Counter[str] = field(default_factory=Counter)
    initials: Counter[str] = field(default_factory=Counter)
    firsts_total: int = 0
    blocks: Counter[str] = field(default_factory=Counter)
    places: int = 0
    words: Counter[str] = field(default_factory=Counter)
    affiliations: int = 0
    title_words: Counter[str] = field(default_factory=Counter)
    works: int = 0

    def count_names(self, names: Iterable[ParsedName]) -> None:
        """Count distinct names."""
        for name in names:
            self.names += 1
            self.families[name.family] += 1
            self.initials[name.initial] += 1
            if name.first:
                self.firsts[first_name(name)] += 1
                self.firsts_total += 1

    def namesakes(self, name: ParsedName) -> float:
        """How many people of the record may be expected to have this name: family name and first name are taken as independent."""
        if name.first:
            expected = self.families[name.family] * self.firsts[first_name(name)] / max(LEAST_NAMES, self.firsts_total)
        elif name.given:
            expected = self.families[name.family] * self.initials[name.initial] / max(LEAST_NAMES, self.names)
        else:
            expected = self.families[name.family] - 1.0
        return max(self.scale * expected, 0.0) + least_namesakes(name)

    def rarity_of_coauthor(self, block: str) -> float:
        """The logarithm of how seldom somebody of this block stands in a byline."""
        return math.log(max(LEAST_PLACES, self.places + 1) / (self.blocks[block] + 1))

    def rarity_of_word(self, word: str) -> float:
        rarity = math.log(max(LEAST_AFFILIATIONS, self.affiliations + 1) / (self.words[word] + 1))
        return min(rarity, MOST_OF_ANY) if word in ANY_AFFILIATION else rarity

    def rarity_of_title_word(self, word: str) -> float:
        return math.log(max(LEAST_WORKS, self.works + 1) / (self.title_words[word] + 1))


def least_namesakes(name: ParsedName) -> float:
    """How many people of the name may be expected in any record."""
    if name.given and not name.first:
        return LEAST_OF_INITIALS
    if name.family in FAMILY_NAMES and (spoken := syllables(name.bare_given)):
        return LEAST_OF_SHORT_CHINESE if spoken == 1 else LEAST_OF_LONG_CHINESE
    return LEAST_NAMESAKES


def first_name(name: ParsedName) -> str:
    return name.bare_given if len(name.given) <= 2 and all(len(word) > 1 for word in name.given) else name.given[0]
