"""What matching is told: one person's place in one byline, and what stands around it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from works.names import ParsedName

Identifier = tuple[str, str]

# Schemes in which a person has one identifier, or whose registry already told its people apart.
ONE_PER_PERSON = frozenset({"orcid", "openalex", "dblp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A byline position. `id` is any number of the caller's; two signatures of one `work` are two people.

    coauthors: the other names of the byline, folded, by their block (`ParsedName.block`).
    affiliations: the words of each affiliation printed here; institutions: keys of those that the registry names.
    title: the telling words of the title; topics and venue: any keys.
    author: whom the record gives it to at present, if anybody. is_locked: a person decided that, or the author is claimed.
    ruled_out: authors of whom a person said that it is not them.
    """

    id: int
    work: int
    name: ParsedName
    identifiers: frozenset[Identifier] = frozenset()
    coauthors: dict[str, str] = field(default_factory=dict)
    affiliations: tuple[frozenset[str], ...] = ()
    institutions: frozenset[int] = frozenset()
    title: frozenset[str] = frozenset()
    topics: frozenset[int] = frozenset()
    venue: int | None = None
    year: int | None = None
    author: int | None = None
    is_locked: bool = False
    ruled_out: frozenset[int] = frozenset()

    def freed(self) -> Signature:
        """The same, without a decision about it."""
        return replace(self, is_locked=False)


# Words that stand in the titles of any field.
COMMON_WORDS = frozenset(
    {
        "a", "an", "the", "of", "and", "for", "in", "on", "with", "to", "by", "from", "using", "via", "at", "is", "are", "be", "towards",
        "toward", "based", "new", "approach", "method", "methods",
    }
)  # fmt: skip


def title_words(title_key: str) -> frozenset[str]:
    """The telling words of a folded title."""
    return frozenset(word for word in title_key.split() if len(word) > 2 and word not in COMMON_WORDS)
