"""Two titles as registries print them: the same, the same but for a subtitle or a slip, or others. Pure."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text
from rapidfuzz.distance import OSA

from works.names import fold

TELLING_TITLE_WORDS = 4
SHORTEST_WORD_WITH_SLIP = 5
SHORTEST_TITLE_WITH_SLIP = 25
TEX = re.compile(r"[\\$]|[_^]\{")
TEX_BREAK = re.compile(r"[${}]")
SUBTITLE = re.compile(r"[:?!]\s|\s[-–—]+\s|\s?—\s?|\.\s")
# Parts of a volume, not works one could know by their title.
GENERIC_WORDS = """
    a about abstract abstracts acknowledgement acknowledgements acknowledgment acknowledgments an and announcement announcements
    annual appendix association author authors back bibliography board book books brief briefly calendar call chair chairs column
    committee conclusion conclusions content contents contributors cover current discussion edition editor editorial editors events
    finite for foreword from front full guest in index information introduction introductory invited issue keynote letter letters list
    matter meeting message minutes news note noted notes notice obituary of on opening organizing organizers overview page panel
    papers preface preliminary president presidential program programme proceedings received recent referees remarks report reports
    review reviewers reviews section session special speakers string subject summary table talk the this title to tutorial volume
    welcome workshop
"""
GENERIC = frozenset(GENERIC_WORDS.split())
# What comes after a work, or lies beside it, under the same words.
ABOUT_ANOTHER_WORDS = """
    addendum comment comments commentary corrected correction corrections corrigenda corrigendum data dataset errata erratum extended
    poster rejoinder rebuttal reply response retracted retraction slides supplement supplemental supplementary withdrawal withdrawn
"""
ABOUT_ANOTHER = frozenset(ABOUT_ANOTHER_WORDS.split())
NUMBERS = {
    word: number
    for number, words in enumerate(
        ("i one first", "ii two second", "iii three third", "iv four fourth", "v five fifth", "vi six sixth", "vii seven seventh",
         "viii eight eighth", "ix nine ninth", "x ten tenth", "xi eleven", "xii twelve"), start=1
    )
    for word in words.split()
}  # fmt: skip


class Likeness(Enum):
    """How alike two titles are."""

    EQUAL = 3
    SUBTITLE = 2
    SLIP = 1
    NONE = 0


@lru_cache(maxsize=20_000)
def comparable(title: str) -> str:
    r"""The title's words as they are compared: TeX read, then folded.

    >>> comparable(r"On {$\alpha$}-Divergences of \textsc{Bert} na\"{\i}vely."), comparable("On α-divergences of BERT naïvely")
    ('on α divergences of bert naively', 'on α divergences of bert naively')
    """
    if not TEX.search(title):
        return fold(title)
    try:
        text = LatexNodes2Text(math_mode="text", strict_latex_spaces=False).latex_to_text(title)
    except Exception:  # noqa: BLE001 -- the reader fails in many ways on what is no TeX
        return fold(title)
    return fold(TEX_BREAK.sub("", text)) or fold(title)


def is_generic(title: str) -> bool:
    """Whether thousands of pieces bear such a title, so that it says nothing: words of the trade only, with numbers at most.

    >>> is_generic("Introduction to the Special Issue"), is_generic("Briefly Noted"), is_generic("Attention Is All You Need")
    (True, True, False)
    """
    return all(word in GENERIC or word in NUMBERS or word.isdecimal() for word in comparable(title).split())


def likeness(one: str, other: str) -> Likeness:
    """How alike the titles are. A number, or a word such as "erratum", that only one of them has, makes them others.

    >>> likeness("Deep Parsing of Long Texts: A Survey", "Deep parsing of long texts.")
    <Likeness.SUBTITLE: 2>
    >>> likeness("Part I of a longer work", "Part II of a longer work")
    <Likeness.NONE: 0>
    >>> likeness("Unsupervised translation of rare words", "Supervised translation of rare words")
    <Likeness.NONE: 0>
    >>> likeness("Translation of rare words into English", "Transaltion of rare words into English")
    <Likeness.SLIP: 1>
    """
    key, other_key = comparable(one), comparable(other)
    if not key or not other_key:
        return Likeness.NONE
    if key.replace(" ", "") == other_key.replace(" ", ""):
        return Likeness.EQUAL
    if distinctions(key) != distinctions(other_key):
        return Likeness.NONE
    if is_main_part(key, other) or is_main_part(other_key, one):
        return Likeness.SUBTITLE
    return Likeness.SLIP if differ_by_a_slip(key, other_key) else Likeness.NONE


@lru_cache(maxsize=20_000)
def distinctions(key: str) -> list[str]:
    """The numbers of a title, however they are written, and the words that make it another piece about a work."""
    words = key.split()
    told = [str(NUMBERS[word]) if word in NUMBERS else word for word in words]
    return sorted(word for word in told if word in ABOUT_ANOTHER or any(char.isdecimal() for char in word))


def is_main_part(key: str, title: str) -> bool:
    """Whether `key` is a title's main part, long enough to tell: the words before a colon, a dash, a question mark."""
    return len(key.split()) >= TELLING_TITLE_WORDS and any(comparable(title[: cut.start()]) == key for cut in SUBTITLE.finditer(title))


def differ_by_a_slip(key: str, other: str) -> bool:
    """Whether long titles differ in at most two long words, by a letter each ("inter" and "intra", "multi" and "bi" are no slips)."""
    if min(len(key), len(other)) < SHORTEST_TITLE_WITH_SLIP or abs(len(key) - len(other)) > 2:
        return False
    words, others = key.split(), other.split()
    if len(words) != len(others):
        return False
    pairs = [(word, its) for word, its in zip(words, others, strict=True) if word != its]
    return len(pairs) <= 2 and all(is_slip(word, its) for word, its in pairs)


def is_slip(word: str, other: str) -> bool:
    """One letter more, less, other, or two changed round, in a long word; the first stays ("homogeneous" is not "heterogeneous").

    >>> is_slip("transaltion", "translation"), is_slip("interlingual", "intralingual"), is_slip("typical", "atypical")
    (True, False, False)
    """
    return word[0] == other[0] and min(len(word), len(other)) >= SHORTEST_WORD_WITH_SLIP and OSA.distance(word, other) <= 1
