"""Who stands at each place of a batch's bylines: rows of the record become facts for works.matching, its decisions become authors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from works.actions.imports.decided import fix_decided_places
from works.actions.imports.entities import fresh_public_ids
from works.actions.imports.staging import reserve_ids, select
from works.actions.imports.suppressed import leave_out
from works.importers.record import Identifier, ImportedAuthor, ImportedWork
from works.matching import ONE_PER_PERSON, NewPlace, Person, place_provisionally
from works.names import fold, parse_name, slugify

# Of the people of one name the first few hundred are asked: what one decision reads stays bounded.
KNOWN_NAMESAKES = 300


@dataclass(slots=True, kw_only=True)
class Place:
    """One byline position: what is printed there, and the author it was given to (None: not a person).

    `is_decided`: a person gave it to that author. `ruled_out`: authors of whom a person said that it is not theirs.
    """

    work: int
    position: int
    printed: ImportedAuthor
    name_key: str
    institutions: tuple[int | None, ...]
    authorship: int | None = None
    author: int | None = None
    matched_by: str = "not-a-person"
    confidence: float | None = None
    evidence: Mapping[str, float] = field(default_factory=dict)
    is_decided: bool = False
    ruled_out: frozenset[int] = frozenset()

    @property
    def identifiers(self) -> frozenset[Identifier]:
        return frozenset(identifier for identifier in self.printed.identifiers if identifier[0] in ONE_PER_PERSON)

    @property
    def block(self) -> str:
        return parse_name(self.printed.name).block if self.printed.is_person else ""


@dataclass(slots=True, kw_only=True)
class People:
    """The outcome: every place of the batch, the authors that were made, the slug of each author at a place, and who was touched."""

    places: dict[int, list[Place]]
    made: list[tuple[int, str, str, str]] = field(default_factory=list)  # id, public id, name, name key
    slugs: dict[int, str] = field(default_factory=dict)
    hidden: dict[tuple[int, str], str] = field(default_factory=dict)  # (author, folded name) that is not shown: what is shown in its place
    touched: set[int] = field(default_factory=set)
    unsettled: set[str] = field(default_factory=set)


def place_people(
    works: Mapping[int, ImportedWork],
    *,
    existing: Sequence[int],
    institutions: Mapping[int, Sequence[tuple[int | None, ...]]],
) -> People:
    """Give every byline position of `works` (by work id; `existing` are those already in the record) its author.

    A place whose name stood in the same byline before keeps its author: what a work's people are is asked once, but for an iD against it.
    What a person decided about a place stands above all that. A new place is given away for now, until its block is settled
    (works.actions.attribution). `institutions` by work, then byline position. About eight queries.
    """
    places = {
        work: [
            Place(work=work, position=position, printed=author, name_key=fold(author.name), institutions=institutions[work][position - 1])
            for position, author in enumerate(record.authors, start=1)
        ]
        for work, record in works.items()
    }
    people = People(places=places)
    fix_decided_places(places, existing)
    leave_out(places, works)
    keep_known_places(places, existing, people)
    open_places = [place for at in places.values() for place in at if place.author is None and place.printed.is_person]
    fresh = [
        NewPlace(work=place.work, name_key=place.name_key, identifiers=place.identifiers, ruled_out=place.ruled_out)
        for place in open_places
    ]
    known = known_people(fresh, places)
    for place, (person, reason) in zip(open_places, place_provisionally(fresh, known), strict=True):
        place.matched_by = reason
        if person.author is None:
            person.author = -len(people.made) - 1
            people.made.append((person.author, "", place.printed.name, place.name_key))
        place.author = person.author
    people.unsettled.update(place.block for place in open_places)
    number_new_authors(people, works, open_places)
    people.touched.update(place.author for at in places.values() for place in at if place.author)
    load_slugs(people)
    return people


def keep_known_places(places: Mapping[int, list[Place]], existing: Sequence[int], people: People) -> None:
    """Bring over the authors of the works' present bylines, name by name, unless another ORCID iD is printed there now; one query."""
    before: dict[tuple[int, str], list[tuple[int, int | None, str, float | None, dict[str, float], list[str]]]] = defaultdict(list)
    for work, authorship, author, name, matched_by, confidence, evidence, orcids in select(
        """
        SELECT work_id, id, author_id, name, matched_by, confidence, evidence,
            ARRAY(SELECT value FROM works_authoridentifier its WHERE its.author_id = authorship.author_id AND its.scheme = 'orcid')
        FROM works_authorship authorship WHERE work_id = ANY(%s) ORDER BY work_id, position
        """,
        [list(existing)],
    ):
        before[work, fold(name)].append((authorship, author, matched_by, confidence, orjson.loads(evidence), orcids))
        if author:
            people.touched.add(author)
    for work in existing:
        decided = {place.author for place in places[work] if place.is_decided}
        for place in places[work]:
            if known := before.get((work, place.name_key)):
                authorship, author, matched_by, confidence, evidence, orcids = known.pop(0)
                place.authorship = authorship
                printed = dict(place.printed.identifiers).get("orcid")
                if place.is_decided or author in place.ruled_out or author in decided:
                    continue
                if author and place.printed.is_person and (not printed or not orcids or printed in orcids):
                    place.author, place.matched_by = author, matched_by
                    place.confidence, place.evidence = confidence, evidence


def known_people(fresh: Sequence[NewPlace], places: Mapping[int, list[Place]]) -> list[Person]:
    """The authors of the record who may be meant, oldest first. Two queries."""
    identifiers = sorted({identifier for place in fresh for identifier in place.identifiers})
    keys = sorted({place.name_key for place in fresh})
    people = {
        author: Person(author=author, name_keys=(name_key, *filter(None, other_keys.split("\n"))))
        for author, name_key, other_keys in select(
            """
            SELECT namesake.id, namesake.name_key, namesake.other_keys FROM unnest(%s::text[]) AS wanted (name_key)
            CROSS JOIN LATERAL (
                SELECT id, name_key, other_keys FROM works_author
                WHERE name_key = wanted.name_key AND merged_into_id IS NULL ORDER BY id LIMIT %s
            ) AS namesake
            UNION
            SELECT author.id, author.name_key, author.other_keys FROM works_authorname other
            JOIN works_author author ON author.id = other.author_id AND author.merged_into_id IS NULL
            WHERE other.name_key = ANY(%s)
            UNION
            SELECT author.id, author.name_key, author.other_keys FROM works_authoridentifier identifier
            JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value)
            JOIN works_author author ON author.id = identifier.author_id
            ORDER BY 1
            """,
            [keys, KNOWN_NAMESAKES, keys, [scheme for scheme, _ in identifiers], [value for _, value in identifiers]],
        )
    }
    for author, scheme, value in select(
        "SELECT author_id, scheme, value FROM works_authoridentifier WHERE author_id = ANY(%s)", [list(people)]
    ):
        people[author].identifiers.add((scheme, value))
    for at in places.values():
        for place in at:
            if place.author in people:
                people[place.author].works.add(place.work)
    return list(people.values())


def number_new_authors(people: People, works: Mapping[int, ImportedWork], open_places: Iterable[Place]) -> None:
    """Give the new authors ids and public ids. A public id follows from the record and position where the author first stood."""
    first_places: dict[int, Place] = {}
    for place in open_places:
        if place.author is not None and place.author < 0:
            first_places.setdefault(place.author, place)
    ids = dict(zip((author for author, *_ in people.made), reserve_ids("works_author", len(people.made)), strict=True))
    opaque = fresh_public_ids(
        "works_author",
        [("author", works[place.work].registry, works[place.work].key, place.position) for place in first_places.values()],
    )
    people.made = [
        (ids[author], opaque_id, name, name_key) for (author, _, name, name_key), opaque_id in zip(people.made, opaque, strict=True)
    ]
    for at in people.places.values():
        for place in at:
            if place.author is not None and place.author < 0:
                place.author = ids[place.author]


def load_slugs(people: People) -> None:
    """The page address of every author at a place, and which printed names are not shown; two queries for those not made just now."""
    people.slugs = {author: f"{slugify(name)}-{opaque}" for author, opaque, name, _ in people.made}
    known = sorted({place.author for at in people.places.values() for place in at if place.author} - people.slugs.keys())
    people.slugs |= {
        author: f"{slugify(name)}-{opaque}"
        for author, opaque, name in select("SELECT id, public_id, name FROM works_author WHERE id = ANY(%s)", [known])
    }
    people.hidden = {
        (author, name_key): name
        for author, name_key, name in select(
            """
            SELECT other.author_id, other.name_key, author.name
            FROM works_authorname other JOIN works_author author ON author.id = other.author_id
            WHERE other.author_id = ANY(%s) AND NOT other.is_public
            """,
            [known],
        )
    }
