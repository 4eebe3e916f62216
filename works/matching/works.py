"""Is this the same work? Pure: facts in, decisions out, precision before recall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from works.matching.provisional import same_name
from works.matching.signatures import Identifier
from works.matching.titles import TELLING_TITLE_WORDS, Likeness, comparable, is_generic, likeness
from works.names import title_hash

# A registry gives a work one identifier of these schemes: two different ones mean two works, however alike the titles.
ONE_PER_WORK = frozenset({"acl", "arxiv", "openalex", "pmid"})
# Publishers and dblp give a work one too, but preprint servers and CoRR give it another: between articles two of them mean two works.
ONE_PER_ARTICLE = frozenset({"dblp", "doi"})
TELLING_SCHEMES = ONE_PER_WORK | ONE_PER_ARTICLE
OF_PREPRINTS = (
    "10.48550/", "10.1101/", "10.2139/", "10.21203/", "10.31234/", "10.31219/", "10.31235/", "10.36227/", "10.20944/", "10.26434/",
    "10.5281/", "10.22541/", "10.33774/", "10.6084/", "journals/corr/",
)  # fmt: skip
NO_TEXTS = frozenset({"dataset", "software"})
PRELIMINARY = frozenset({"preprint", "other"})
# The states of one work that are written down as related: what says that a record corrects or retracts another is a notice.
SAME_WORK_RELATIONS = frozenset({"is-preprint-of", "has-preprint", "is-version-of", "has-version", "is-same-as"})
YEARS_TO_PRINT = 3
YEARS_BETWEEN_PRINTS = 1
SHARED_BYLINE = 0.6
LONG_TITLE_WORDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """What tells a work from another: the title, the folded names of its byline, year, type, and identifiers of TELLING_SCHEMES."""

    title: str
    byline: tuple[str, ...]
    year: int | None
    type: str
    identifiers: frozenset[Identifier]

    @property
    def is_printed(self) -> bool:
        return self.type not in PRELIMINARY

    @property
    def is_preprint(self) -> bool:
        return self.type in PRELIMINARY or any(
            scheme == "arxiv" or value.lower().startswith(OF_PREPRINTS) for scheme, value in self.identifiers
        )


def contradicts(identifiers: Iterable[Identifier], others: Iterable[Identifier]) -> bool:
    """Whether two sets of identifiers of one work each tell the works apart: a scheme of which a work has one, and two values.

    >>> contradicts([("arxiv", "2201.00001"), ("doi", "10.1/x")], [("arxiv", "2201.00002"), ("doi", "10.1/x")])
    True
    >>> contradicts([("arxiv", "2201.00001")], [("arxiv", "2201.00001"), ("openalex", "W1")])
    False
    """
    return differ_within(ONE_PER_WORK, identifiers, others)


def differ_within(schemes: frozenset[str], identifiers: Iterable[Identifier], others: Iterable[Identifier]) -> bool:
    theirs = defaultdict(set)
    for scheme, value in others:
        theirs[scheme].add(value)
    return any(scheme in schemes and theirs[scheme] and value not in theirs[scheme] for scheme, value in identifiers)


def are_two_articles(one: WorkFacts, other: WorkFacts) -> bool:
    """Whether each was published by itself: under two DOIs, or under two keys of dblp, none of them a preprint's."""
    articles = [
        [(scheme, value) for scheme, value in facts.identifiers if not value.lower().startswith(OF_PREPRINTS)] for facts in (one, other)
    ]
    return differ_within(ONE_PER_ARTICLE, *articles)


def byline_hash(byline: Sequence[str]) -> int | None:
    """A number that bylines of the same people share however their first names are written: last words and initials. None for nobody.

    >>> byline_hash(["ada m lovelace", "c babbage"]) == byline_hash(["charles babbage", "ada lovelace"]) != byline_hash(["ada lovelace"])
    True
    """
    names = sorted(f"{words[-1]} {words[0][0]}" for name in byline if (words := name.split()))
    return title_hash("\n".join(names)) if names else None


def same_words(one: str, other: str) -> bool:
    """Whether two folded names are one name, written out or with initials: every word of the shorter has its word in the longer.

    >>> same_words("b liu", "boxiao liu"), same_words("yu liu", "jihao liu"), same_words("liu boxiao", "boxiao liu"), same_words("", "")
    (True, False, True, False)
    """
    shorter, longer = sorted((one.split(), other.split()), key=len)
    left = list(longer)
    for word in sorted(shorter, key=len, reverse=True):
        twin = next((its for its in left if its == word), None) or next(
            (its for its in left if 1 in {len(its), len(word)} and its[:1] == word[:1]), None
        )
        if twin is None:
            return False
        left.remove(twin)
    return bool(shorter) and any(len(word) > 1 for word in set(shorter) & set(longer))


def are_one_name(one: str, other: str) -> bool:
    """Whether two folded names are one, or stand in two scripts, where nothing can be said."""
    return same_words(one, other) or (one.isascii() != other.isascii() and same_name(one, other))


def shared_byline(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the longer byline that stands in the other too, from 0 to 1."""
    if tuple(one) == tuple(other):
        return 1.0
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(other):
        for word in name.split():
            if len(word) > 1:
                by_word[word].append(place)
    taken: set[int] = set()
    for name in one:
        near = dict.fromkeys(place for word in name.split() for place in by_word[word][:50] if place not in taken)
        twin = next((place for place in near if same_words(name, other[place])), None)
        if twin is not None:
            taken.add(twin)
    return len(taken) / max(len(one), len(other))


def same_work(one: WorkFacts, other: WorkFacts) -> bool:
    """Whether two records tell of one work, by title, byline, year and kind; no identifier may speak against it.

    A title that is not quite equal needs the whole byline. So does a title of few words ("Introduction" never tells anything), and so do
    more than a year between the two, of which one then has to be a preprint.
    """
    if not one.byline or not other.byline or (one.type in NO_TEXTS) != (other.type in NO_TEXTS):
        return False
    alike = likeness(one.title, other.title)
    if alike is Likeness.NONE or is_generic(one.title) or is_generic(other.title):
        return False
    if contradicts(one.identifiers, other.identifiers) or are_two_articles(one, other):
        return False
    shared = shared_byline(one.byline, other.byline)
    words = min(len(comparable(one.title).split()), len(comparable(other.title).split()))
    if alike is not Likeness.EQUAL:
        is_told = shared == 1 and len(one.byline) > 1
    elif words < TELLING_TITLE_WORDS:
        is_told = shared == 1 and len(one.byline) + words >= TELLING_TITLE_WORDS
    else:
        is_told = shared >= SHARED_BYLINE or (one.year == other.year is not None and are_one_name(one.byline[0], other.byline[0]))
    return is_told and agree_in_time(one, other, shared=shared, words=words)


def agree_in_time(one: WorkFacts, other: WorkFacts, *, shared: float, words: int) -> bool:
    """Whether the years are those of one work: within one, or within three from a preprint to its article by the same people."""
    if one.year is None or other.year is None:
        return shared == 1 and words >= TELLING_TITLE_WORDS
    apart = abs(one.year - other.year)
    if apart <= YEARS_BETWEEN_PRINTS:
        return words >= TELLING_TITLE_WORDS or apart == 0
    is_telling = len(one.byline) > 1 or words >= LONG_TITLE_WORDS
    return apart <= YEARS_TO_PRINT and shared == 1 and words >= TELLING_TITLE_WORDS and is_telling and is_preprint_of(one, other)


def is_preprint_of(one: WorkFacts, other: WorkFacts) -> bool:
    return (one.is_preprint and other.is_printed) or (one.is_printed and other.is_preprint)
