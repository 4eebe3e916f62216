"""How names and titles are searched: words, their beginnings, their near misses. Pure.

A misspelt word and the word that was meant share a string that is left when one letter is taken out of each (the deletion neighbourhood
of Bocek, Hunt and Stiller, 2007; SymSpell made it known). So near words are found by equality in an index, not by comparing with all.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

COMPLETED_UP_TO = 8  # letters of a word for which completions are stored; beyond, few words begin alike
COMPLETIONS = 10
# Of a long word only the beginning is taken apart: a slip further on leaves the beginning equal.
TAKEN_APART = 7
SHORTEST_TO_MEND = 3  # letters of a word of the record that may have been meant; one letter fewer may have been typed
SHORTEST_FOR_TWO = 9


def weight(works: int) -> int:
    """How far up a name with so many works stands among its likes: 0, then one more for every doubling.

    A coarse figure on purpose: it changes a dozen times in the longest career, so that an import seldom rewrites the index.

    >>> [weight(works) for works in (0, 1, 2, 3, 4, 5000)]
    [0, 1, 2, 2, 3, 13]
    """
    return works.bit_length()


def words_of(key: str) -> list[str]:
    """The different words of a folded name or title, in order.

    >>> words_of("annie s annie")
    ['annie', 's']
    """
    return list(dict.fromkeys(key.split()))


def sketch(words: Iterable[str]) -> int:
    """A signed number of 64 bits in which every word of two letters or more sets the bit of its first two.

    A title with all of `words` as beginnings has all bits of their sketch; one without seldom has. The same as SKETCH_IN_SQL.

    >>> sketch(["deep"]) == sketch(["deer", "a"]), sketch(["deep", "learning"]) & sketch(["le"]) == sketch(["le"])
    (True, True)
    """
    bits = 0
    for word in words:
        if len(word) > 1:
            bits |= 1 << ((ord(word[0]) * 31 + ord(word[1])) & 63)
    return bits - (1 << 64) if bits >> 63 else bits


SKETCH_IN_SQL = """(
    SELECT coalesce(bit_or(1::bigint << ((ascii(part) * 31 + ascii(substr(part, 2))) & 63)), 0)
    FROM unnest(string_to_array({key}, ' ')) AS part WHERE length(part) > 1
)"""


def deletions(word: str) -> frozenset[str]:
    """What is left of the beginning of a word when nothing, or any one letter, is taken out; a word too short to mend stays whole.

    >>> sorted(deletions("wang"))
    ['ang', 'wag', 'wan', 'wang', 'wng']
    >>> deletions("li")
    frozenset({'li'})
    """
    start = word[:TAKEN_APART]
    if len(word) < SHORTEST_TO_MEND:
        return frozenset({start} - {""})
    return frozenset({start} | {start[:place] + start[place + 1 :] for place in range(len(start))})


def halves(word: str) -> list[tuple[str, str]]:
    """The ways in which a word may be two that lost the space between them.

    >>> halves("weili")
    [('we', 'ili'), ('wei', 'li')]
    """
    return [(word[:place], word[place:]) for place in range(2, len(word) - 1)]


def distance_allowed(word: str) -> int:
    """How many slips a word of this length forgives: a letter more, less or other, or two neighbours exchanged.

    >>> distance_allowed("l"), distance_allowed("wang"), distance_allowed("knowledge")
    (0, 1, 2)
    """
    return 0 if len(word) < SHORTEST_TO_MEND - 1 else 1 if len(word) < SHORTEST_FOR_TWO else 2


def nearest(word: str, candidates: dict[str, int], *, limit: int = 5) -> list[str]:
    """Of words with how often each occurs, those that `word` may have been meant for: fewest slips first, then the most frequent.

    >>> nearest("distilation", {"distillation": 3, "dissolution": 9, "distillations": 1})
    ['distillation', 'distillations']
    """
    allowed = distance_allowed(word)
    scored = ((OSA.distance(word, other, score_cutoff=allowed), -count, other) for other, count in candidates.items() if other != word)
    return [other for slips, _, other in sorted(scored) if slips <= allowed][:limit]
