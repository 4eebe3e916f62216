"""The parts of a name, for formats that want them. Pure.

The record keeps names whole. Where the source's own spelling has a comma, it tells the family name; else the family name is the last word,
with the small words before it ("van der") and without what stands behind it ("Jr."). Names without a space stay whole.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from works.names import fold

PARTICLES = frozenset(
    {
        "af", "al", "am", "auf", "av", "bin", "da", "dal", "das", "de", "degli", "dei", "del", "dela", "della", "den", "der", "des",
        "di", "do", "dos", "du", "e", "el", "ibn", "la", "las", "le", "lo", "los", "op", "'t", "te", "ten", "ter", "van", "vom",
        "von", "vor", "y", "zu", "zum", "zur",
    }
)  # fmt: skip
SUFFIX = re.compile(r"(?:jr|sr|jnr|snr|ii|iii|iv|2nd|3rd)\.?", re.IGNORECASE)

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Parts(NamedTuple):
    """A person's name. particle: small words before the family name. Of a name without parts, all stands in family."""

    family: str
    given: str = ""
    particle: str = ""
    suffix: str = ""

    @property
    def whole_family(self) -> str:
        return f"{self.particle} {self.family}" if self.particle else self.family


def one_line(text: str) -> str:
    """`text` without line breaks and control characters, which would end a field in most formats.

    >>> one_line("a\\r\\n b\\x00\\u2028c")
    'a b c'
    """
    return " ".join(CONTROL.sub(" ", text).split())


@lru_cache(maxsize=4096)
def split(name: str, raw: str = "") -> Parts:
    """
    >>> split("Jan van der Berg Jr.")
    Parts(family='Berg', given='Jan', particle='van der', suffix='Jr.')
    >>> split("Ana María García Márquez", "García Márquez, Ana María")
    Parts(family='García Márquez', given='Ana María', particle='', suffix='')
    >>> split("Ludwig von")[:3], split("江常皓")[0]
    (('von', 'Ludwig', ''), '江常皓')
    """
    words = one_line(name).replace(",", " ").split()
    suffix = ""
    if len(words) > 2 and SUFFIX.fullmatch(words[-1]):
        suffix = words.pop()
    if len(words) < 2:
        return Parts(" ".join(words), suffix=suffix)
    length = told_length(words, raw)
    given, family = words[:-length], words[-length:]
    first = next((place for place, word in enumerate(given) if place and all(w in PARTICLES for w in given[place:])), len(given))
    particle, given = given[first:], given[:first]
    while len(family) > 1 and family[0] in PARTICLES:
        particle.append(family.pop(0))
    return Parts(" ".join(family), " ".join(given), " ".join(particle), suffix)


def told_length(words: list[str], raw: str) -> int:
    """How many words the family name has: what stands before the comma of the source's spelling, if it ends the name; else one."""
    before, comma, _ = raw.partition(",")
    told = fold(before).split() if comma else []
    ending = [fold(word) for word in words[-len(told) :]] if told else []
    return len(told) if told and len(told) < len(words) and " ".join(told) == " ".join(ending) else 1
