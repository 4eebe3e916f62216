"""Who is who: is this the same work, is this the same person? Pure: facts in, decisions out, precision before recall.

The first rules, and the seam for better ones. A decision always says why (`works.models.Authorship.Match`), so that the page can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Identifier = tuple[str, str]

# A registry gives a work one identifier of these schemes: two different ones mean two works, however alike the titles.
ONE_PER_WORK = frozenset({"arxiv", "openalex", "pmid"})
# Schemes in which a person has one identifier, or whose registry already told its people apart.
ONE_PER_PERSON = frozenset({"orcid", "openalex", "dblp"})
TELLING_TITLE_WORDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """What tells a work from another: the folded title, the folded names of its byline, its year, its identifiers."""

    title_key: str
    byline: tuple[str, ...]
    year: int | None
    identifiers: frozenset[Identifier]


def same_name(one: str, other: str) -> bool:
    """Whether two folded names may belong to one person, as far as a registry's identifier already says so.

    They share a word, or one is the initials of the other; or they are written in different scripts, where nothing can be said.

    >>> same_name("celia a harvey", "c harvey"), same_name("gudrun gisladottir", "g gisladottir"), same_name("wei wang", "li chen")
    (True, True, False)
    >>> same_name("江常皓", "changhao jiang")
    True
    """
    if one.isascii() != other.isascii():
        return True
    words, others = set(one.split()), set(other.split())
    return any(len(word) > 1 for word in words & others) or {word[:1] for word in words} == {word[:1] for word in others}


def contradicts(identifiers: Iterable[Identifier], others: Iterable[Identifier]) -> bool:
    """Whether two sets of identifiers of one work each tell the works apart: a scheme of which a work has one, and two values.

    >>> contradicts([("arxiv", "2201.00001"), ("doi", "10.1/x")], [("arxiv", "2201.00002"), ("doi", "10.1/x")])
    True
    >>> contradicts([("arxiv", "2201.00001")], [("arxiv", "2201.00001"), ("openalex", "W1")])
    False
    """
    theirs = defaultdict(set)
    for scheme, value in others:
        theirs[scheme].add(value)
    return any(scheme in ONE_PER_WORK and theirs[scheme] and value not in theirs[scheme] for scheme, value in identifiers)


def same_work(one: WorkFacts, other: WorkFacts) -> bool:
    """Whether two records tell of one work: equal title, first author and year within one, and no identifier against it.

    A short title ("Introduction", "Author Index") says nothing by itself: there the whole byline and the year must be equal.
    """
    if one.title_key != other.title_key or not one.title_key or not one.byline or not other.byline:
        return False
    if contradicts(one.identifiers, other.identifiers):
        return False
    if len(one.title_key.split()) < TELLING_TITLE_WORDS:
        return one.byline == other.byline and one.year == other.year and one.year is not None
    if one.year is None or other.year is None:
        return one.byline == other.byline
    return abs(one.year - other.year) <= 1 and same_name(one.byline[0], other.byline[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One person's place in one byline, and what is known around it.

    work: any key of the work; two signatures of one work are two people. coauthors: folded names; affiliations and topics: any keys.
    """

    work: int
    name_key: str
    identifiers: frozenset[Identifier]
    coauthors: frozenset[str]
    affiliations: frozenset[str]
    topics: frozenset[int]


@dataclass(slots=True, kw_only=True)
class Person:
    """An author as matching sees one: what is known from all the signatures that were given to it. `author` is None for a new one."""

    author: int | None
    name_key: str
    identifiers: set[Identifier] = field(default_factory=set)
    coauthors: set[str] = field(default_factory=set)
    affiliations: set[str] = field(default_factory=set)
    topics: set[int] = field(default_factory=set)
    works: set[int] = field(default_factory=set)

    def takes(self, signature: Signature) -> None:
        self.identifiers |= signature.identifiers
        self.coauthors |= signature.coauthors
        self.affiliations |= signature.affiliations
        self.topics |= signature.topics
        self.works.add(signature.work)

    def is_ruled_out_by(self, signature: Signature) -> bool:
        """Another name of the same byline is this person already, or a registry tells the two apart."""
        if signature.work in self.works:
            return True
        return any(scheme in ONE_PER_PERSON and self.is_another(scheme, value) for scheme, value in signature.identifiers)

    def has_another_orcid(self, signature: Signature) -> bool:
        """Whether the person has an ORCID iD, and not the one printed here. No other registry's clusters outweigh that."""
        return any(scheme == "orcid" and self.is_another(scheme, value) for scheme, value in signature.identifiers)

    def is_another(self, scheme: str, value: str) -> bool:
        """Whether the person has identifiers of the scheme, and this is none of them."""
        own = {its for known, its in self.identifiers if known == scheme}
        return bool(own) and value not in own


def has_full_name(name_key: str) -> bool:
    """Whether a folded name has more than initials beside one word: "j smith" has not, "mausam" and "jane smith" have."""
    words = name_key.split()
    return len(words) == 1 or sum(len(word) > 1 for word in words) > 1


def agreement(person: Person, signature: Signature) -> tuple[int, int, int]:
    """How many co-authors, affiliations and topics the two have in common. A topic says too little beside mere initials."""
    return (
        len(person.coauthors & signature.coauthors),
        len(person.affiliations & signature.affiliations),
        len(person.topics & signature.topics) if has_full_name(signature.name_key) else 0,
    )


def match_people(signatures: Iterable[Signature], known: Iterable[Person]) -> Iterator[tuple[Person, str]]:
    """For each signature in order, the person it is given to and the reason why (a value of `works.models.Authorship.Match`).

    An identifier decides, where the names do not speak against it. Else the same folded name with at least one further agreement:
    the person with most co-authors in common, then affiliations, then topics, then the one known longest. Else a new person.
    A person learns from each signature it takes, so that the order of the records matters, and is the caller's to keep.
    Cost: for each signature, the people of its name.
    """
    by_name: dict[str, list[Person]] = defaultdict(list)
    by_identifier: dict[Identifier, Person] = {}
    for person in known:
        by_name[person.name_key].append(person)
        by_identifier.update(dict.fromkeys(person.identifiers, person))

    work: int | None = None
    made: list[Person] = []
    for signature in signatures:
        if signature.work != work:
            # Only now: nobody stands twice in one byline, and a byline may hold one name thousands of times.
            for one in made:
                by_name[one.name_key].append(one)
            work, made = signature.work, []
        chosen, reason = choose_person(signature, by_name, by_identifier)
        person = chosen or Person(author=None, name_key=signature.name_key)
        if chosen is None:
            made.append(person)
        person.takes(signature)
        for identifier in signature.identifiers:
            by_identifier.setdefault(identifier, person)
        yield person, reason


def choose_person(
    signature: Signature, by_name: dict[str, list[Person]], by_identifier: dict[Identifier, Person]
) -> tuple[Person | None, str]:
    """The person for one signature, and why; None for a new one. ORCID iDs are asked first."""
    for identifier in sorted(signature.identifiers, key=lambda identifier: (identifier[0] != "orcid", identifier)):
        named = by_identifier.get(identifier)
        if named is None or signature.work in named.works or named.has_another_orcid(signature):
            continue
        if same_name(named.name_key, signature.name_key):
            return named, "identifier"
    best: Person | None = None
    most = (0, 0, 0)
    for person in by_name.get(signature.name_key, ()):
        if not person.is_ruled_out_by(signature) and (common := agreement(person, signature)) > most:
            best, most = person, common
    reasons = [reason for reason, count in zip(("coauthor", "affiliation", "topic"), most, strict=True) if count]
    return best, reasons[0] if reasons else "first"
