"""Who objected to a page stays without one: each byline position that an import brings is compared with what was hashed of them.

A position is theirs if it prints one of their identifiers; or their name, in any spelling or with initials, together with a work of
theirs, or a co-author of theirs; or a name that nobody else in the record had. Another person's ORCID iD printed there speaks against it.
The byline keeps the printed name; there is no author behind it. Where nobody has objected, this costs one query a batch and no hashing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from django.conf import settings

from works.actions.imports.staging import select
from works.importers.record import ImportedAuthor, ImportedWork
from works.names import fold, parse_name, title_hash

COAUTHORS_UP_TO = 50
SUPPRESSED = "suppressed"


class BylinePlace(Protocol):
    """works.actions.imports.people.Place, as far as suppression is concerned."""

    work: int
    position: int
    printed: ImportedAuthor
    author: int | None
    matched_by: str
    is_decided: bool


def digest(*parts: str) -> bytes:
    return hmac.digest(settings.SUPPRESSION_SECRET.encode(), "\x1f".join(parts).encode(), "sha256")


def known_as(name: str) -> set[str]:
    """Under which a person of this name is kept: the whole name, and the initials by which others print it."""
    parsed = parse_name(name)
    if not parsed.first:
        return {f"initials {parsed.block}", f"only {parsed.block}"}
    return {f"name {parsed.bare_family} {parsed.bare_given}", f"initials {parsed.block}"}


def printed_as(name: str) -> set[str]:
    """What of that a printed name can meet: a whole name only the same, or somebody of whom initials alone are known."""
    parsed = parse_name(name)
    own = f"name {parsed.bare_family} {parsed.bare_given}" if parsed.first else f"initials {parsed.block}"
    return {own, f"only {parsed.block}"}


def of_identifier(scheme: str, value: str) -> bytes:
    return digest("identifier", scheme, value)


def of_name(token: str) -> bytes:
    return digest("known", token)


def of_whole_name(token: str) -> bytes:
    return digest("nobody else", token)


def of_work(token: str, *about: str) -> bytes:
    return digest("work", token, *about)


def of_coauthor(token: str, coauthor: str) -> bytes:
    return digest("coauthor", token, fold(coauthor))


def leave_out(places: Mapping[int, Sequence[BylinePlace]], works: Mapping[int, ImportedWork]) -> None:
    """Take the author from the places of those who objected. At most four queries."""
    if not select("SELECT 1 FROM works_suppression LIMIT 1", []):
        return
    open_places = [place for at in places.values() for place in at if place.printed.is_person and not place.is_decided]
    by_identifier = owners([of_identifier(*one) for place in open_places for one in place.printed.identifiers])
    tokens = {place.printed.name: printed_as(place.printed.name) for place in open_places}
    gate = owners([of_name(token) for its in tokens.values() for token in its])
    orcids = dict(select("SELECT id, has_orcid FROM works_suppression", []))
    asked: list[tuple[BylinePlace, list[bytes], set[int]]] = []
    for place in open_places:
        if any(of_identifier(*one) in by_identifier for one in place.printed.identifiers):
            suppress(place)
            continue
        named = {token: found for token in tokens[place.printed.name] if (found := gate.get(of_name(token)))}
        who = set().union(*named.values()) if named else set()
        if any(scheme == "orcid" for scheme, _ in place.printed.identifiers):
            who = {one for one in who if not orcids[one]}  # their own iD would have been known
        if who:
            asked.append((place, marks_of_place(place, works[place.work], named), who))
    theirs = owners([mark for _, marks, _ in asked for mark in marks])
    for place, marks, who in asked:
        if any(theirs.get(mark, set()) & who for mark in marks):
            suppress(place)


def marks_of_place(place: BylinePlace, record: ImportedWork, tokens: Iterable[str]) -> list[bytes]:
    others = [author.name for author in record.authors[:COAUTHORS_UP_TO] if author is not place.printed]
    marks = []
    for token in tokens:
        marks.append(of_whole_name(token))
        marks.append(of_work(token, "title", str(title_hash(fold(record.title)))))
        marks += [of_work(token, scheme, value) for scheme, value in record.identifiers]
        marks += [of_coauthor(token, other) for other in others]
    return marks


def owners(digests: Iterable[bytes]) -> dict[bytes, set[int]]:
    """Whose marks these are. One query."""
    found: dict[bytes, set[int]] = {}
    wanted = sorted(set(digests))
    if wanted:
        for mark, suppression in select("SELECT digest, suppression_id FROM works_suppressionmark WHERE digest = ANY(%s)", [wanted]):
            found.setdefault(bytes(mark), set()).add(suppression)
    return found


def suppress(place: BylinePlace) -> None:
    """The name stays as printed text; nothing ties it to anybody."""
    place.printed = replace(place.printed, is_person=False, identifiers=())
    place.author, place.matched_by = None, SUPPRESSED
