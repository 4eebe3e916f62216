"""A work as an export needs it, and what the formats have in common. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from works.exports.names import Parts, one_line, split
from works.identifiers import address
from works.mathematics import to_plain
from works.names import fold

NOTICES = {"retracted": "Retracted", "withdrawn": "Withdrawn"}
# Words that a title begins with and nobody remembers it by.
SMALL_WORDS = frozenset(
    {
        "a", "an", "and", "at", "by", "for", "from", "in", "into", "of", "on", "or", "the", "to", "towards", "toward", "via",
        "with", "de", "der", "die", "das", "des", "du", "el", "en", "et", "la", "las", "le", "les", "los", "un", "una", "und",
        "une",
    }
)  # fmt: skip
LONGEST_KEY_WORD = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Creator:
    """One byline position. raw: the name as the source gives it, which may tell the family name by a comma."""

    name: str
    raw: str = ""
    is_person: bool = True

    @property
    def parts(self) -> Parts:
        return split(self.name, self.raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One work. source_kind is one of works.models.Source.Kind, or ""; pages are "12-34" or "e1002"; page is its address here;
    arxiv_class its first arXiv category."""

    public_id: str
    type: str
    title: str
    year: int | None = None
    published_on: dt.date | None = None
    language: str = ""
    notice: str = ""
    source: str = ""
    source_kind: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    authors: tuple[Creator, ...] = ()
    is_byline_cut: bool = False
    topics: tuple[str, ...] = ()
    arxiv_class: str = ""
    page: str = ""

    def identifier(self, scheme: str) -> str:
        """The first identifier of this scheme, or ""."""
        return next((value for its, value in self.identifiers if its == scheme), "")

    @property
    def plain_title(self) -> str:
        """The title on one line, without TeX."""
        return one_line(to_plain(self.title))

    @property
    def day(self) -> dt.date | None:
        """The whole date, where it is one of the work's year."""
        return self.published_on if self.published_on and self.published_on.year == self.year else None

    @property
    def first_and_last(self) -> tuple[str, str]:
        """The first page and the last; ("117", "") where there is one, or pages that are no plain range."""
        first, _, last = self.pages.partition("-")
        return (self.pages, "") if "-" in last else (first, last)

    @property
    def remark(self) -> str:
        """ "Retracted", "Withdrawn" or nothing."""
        return NOTICES.get(self.notice, "")

    @property
    def link(self) -> str:
        """Where the work itself is, by the first of its identifiers that leads somewhere; nothing where none does."""
        named = ((scheme, self.identifier(scheme)) for scheme in ("doi", "arxiv", "pmid", "pmcid"))
        return next((address(scheme, value) for scheme, value in named if value), "")

    @property
    def key(self) -> str:
        """What names the entry in a bibliography: always the same for one work, and never that of another.

        >>> who = (Creator(name="José Ñúñez"),)
        >>> Entry(public_id="k3x9abcd", type="article", title="The $K$-Theory of Rings", year=2022, authors=who).key
        'nunez2022k-k3x9abcd'
        """
        first = self.authors[0] if self.authors else Creator(name="anonymous")
        family = first.parts.family if first.is_person else first.name.partition(" ")[0]
        word = next((word for word in fold(self.plain_title).split() if word not in SMALL_WORDS), "")
        return f"{letters(family) or 'anonymous'}{self.year or ''}{letters(word)}-{self.public_id}"


def letters(text: str) -> str:
    """The letters and digits of ASCII in `text`, the only ones that every program takes in a key."""
    return re.sub(r"[^a-z0-9]", "", fold(text))[:LONGEST_KEY_WORD]
