"""How common names and words are, counted in the record itself: what makes a coincidence telling, or not. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from works.names import ParsedName
from works.names.pinyin import FAMILY_NAMES, syllables

# What is known of names without any record: a Chinese name of two syllables is borne by thousands, one of three by many,
# initials by anybody.
LEAST_NAMESAKES = 0.02
LEAST_OF_SHORT_CHINESE, LEAST_OF_LONG_CHINESE, LEAST_OF_INITIALS = 0.35, 0.05, 0.1
# A small record is taken for a part of one of this size: that a thing stands in it twice is no sign that it is common.
LEAST_FIRSTS, LEAST_PLACES, LEAST_AFFILIATIONS, LEAST_WORKS = 10_000, 20_000, 10_000, 5_000
# Of how many places somebody is taken to have, at most: in a record of names that many share, places by name say too much.
MOST_PLACES_EACH = 3.0
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

    names: distinct names. families, firsts, initials, blocks: places in bylines with this family name, first name, initial, block.
    words, topics: affiliations with this word, works with this topic or title word.
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

    def count_names(self, places: Mapping[ParsedName, int]) -> None:
        """Count names and how many places in bylines each has."""
        for name, count in places.items():
            self.names += 1
            self.places += count
            self.blocks[name.block] += count
            self.families[name.family] += count
            self.initials[name.initial] += count
            if name.first:
                self.firsts[first_name(name)] += count
                self.firsts_total += count

    def namesakes(self, name: ParsedName, own: int) -> float:
        """How many people of the record may be expected to have this name, which stands at `own` places.

        Family name and first name are taken as independent, and the name's own places are left out: who writes much makes no namesakes.
        Where somebody else may be expected to have the name, though, its places beyond the expected ones are theirs too. (Distinct names
        would not do: the more people share a name, the fewer names there are.)
        """
        family = max(self.scale * self.families[name.family] - own, 0.0)
        if name.first:
            share = max(self.scale * self.firsts[first_name(name)] - own, 0.0) / max(LEAST_FIRSTS, self.scale * self.firsts_total)
        elif name.given:
            share = max(self.scale * self.initials[name.initial] - own, 0.0) / max(LEAST_PLACES, self.scale * self.places)
        else:
            share = 1.0
        each = min(MOST_PLACES_EACH, max(1.0, self.places / max(1, self.names)))
        people = family * share / each
        if name.first:
            people += max(0.0, own / each - people) * (1 - math.exp(-people))
        return people + least_namesakes(name)

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
