"""Whose a byline position is until its block is settled: an identifier decides, else an equal full name. Pure.

An import gives each new place its author this way, in one pass and with little reading, and notes that the block is owed a look
(works.matching.clusters). Most people are the only ones of their name, so that most of these answers stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from works.matching.signatures import ONE_PER_PERSON, Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlace:
    """A byline position that has no author yet. ruled_out: authors of whom a person said that it is not them."""

    work: int
    name_key: str
    identifiers: frozenset[Identifier]
    ruled_out: frozenset[int] = frozenset()


@dataclass(slots=True, kw_only=True)
class Person:
    """An author (None: a new one): the folded names by which they go, their identifiers, the works of the batch in which they stand."""

    author: int | None
    name_keys: tuple[str, ...]
    identifiers: set[Identifier] = field(default_factory=set)
    works: set[int] = field(default_factory=set)

    def cannot_be(self, place: NewPlace) -> bool:
        return place.work in self.works or self.author in place.ruled_out

    def is_another(self, place: NewPlace, schemes: frozenset[str]) -> bool:
        """Whether one of these registries gives the person an identifier, and another one here."""
        for scheme, value in place.identifiers:
            own = {its for known, its in self.identifiers if known == scheme}
            if scheme in schemes and own and value not in own:
                return True
        return False


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


def place_provisionally(places: Iterable[NewPlace], known: Iterable[Person]) -> Iterator[tuple[Person, str]]:
    """For each place in order, the person it is given to for now, and the reason (a value of `works.models.Authorship.Match`).

    Of several of one name, the one that was given first. Cost: for each place, the people of its name until one fits.
    """
    by_name: dict[str, list[Person]] = defaultdict(list)
    by_identifier: dict[Identifier, Person] = {}
    for person in known:
        for name_key in person.name_keys:
            by_name[name_key].append(person)
        by_identifier.update(dict.fromkeys(person.identifiers, person))
    work: int | None = None
    made: list[Person] = []
    for place in places:
        if place.work != work:
            # Only now: nobody stands twice in one byline, and a byline may hold one name thousands of times.
            for one in made:
                by_name[one.name_keys[0]].append(one)
            work, made = place.work, []
        chosen, reason = choose(place, by_name[place.name_key], by_identifier)
        person = chosen or Person(author=None, name_keys=(place.name_key,))
        if chosen is None:
            made.append(person)
        person.works.add(place.work)
        person.identifiers |= place.identifiers
        for identifier in place.identifiers:
            by_identifier.setdefault(identifier, person)
        yield person, reason


def choose(place: NewPlace, namesakes: Iterable[Person], by_identifier: dict[Identifier, Person]) -> tuple[Person | None, str]:
    """The person, and why; None for a new one. ORCID iDs are asked first, and no other registry's cluster outweighs one."""
    for identifier in sorted(place.identifiers, key=lambda identifier: (identifier[0] != "orcid", identifier)):
        named = by_identifier.get(identifier)
        if named is None or named.cannot_be(place) or named.is_another(place, frozenset({"orcid"})):
            continue
        if any(same_name(name_key, place.name_key) for name_key in named.name_keys):
            return named, "identifier"
    for person in namesakes:
        if not person.cannot_be(place) and not person.is_another(place, ONE_PER_PERSON):
            return person, "name"
    return None, "first"
