"""Who stands at each place of a batch's bylines: rows of the record become facts for works.matching, its decisions become authors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from works.actions.imports.entities import fresh_public_ids
from works.actions.imports.staging import reserve_ids, select
from works.importers.record import Identifier, ImportedAuthor, ImportedWork
from works.matching import Person, Signature, match_people
from works.names import fold, slugify

# What one decision reads stays bounded: an author of thousands of works is known well enough by the newest of them, a byline of
# thousands by its first names, and of the people of one name the first few hundred are asked.
KNOWN_BY_WORKS = 200
KNOWN_BY_COAUTHORS = 50
KNOWN_NAMESAKES = 300
PERSON_IDENTIFIERS = ("orcid", "openalex", "dblp")


@dataclass(slots=True, kw_only=True)
class Place:
    """One byline position: what is printed there, and the author it was given to (None: not a person)."""

    work: int
    position: int
    printed: ImportedAuthor
    name_key: str
    institutions: tuple[int | None, ...]
    authorship: int | None = None
    author: int | None = None
    matched_by: str = "not-a-person"

    @property
    def identifiers(self) -> frozenset[Identifier]:
        return frozenset(identifier for identifier in self.printed.identifiers if identifier[0] in PERSON_IDENTIFIERS)

    @property
    def affiliation_keys(self) -> frozenset[str]:
        """The institution that the registry names, and the printed line; either may agree."""
        named = {f"institution {institution}" for institution in self.institutions if institution}
        return frozenset(named | {fold(affiliation.raw) for affiliation in self.printed.affiliations if affiliation.raw})


@dataclass(slots=True, kw_only=True)
class People:
    """The outcome: every place of the batch, the authors that were made, the slug of each author at a place, and who was touched."""

    places: dict[int, list[Place]]
    made: list[tuple[int, str, str, str]] = field(default_factory=list)  # id, public id, name, name key
    slugs: dict[int, str] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)


def place_people(
    works: Mapping[int, ImportedWork],
    *,
    existing: Sequence[int],
    topics: Mapping[int, frozenset[int]],
    institutions: Mapping[int, Sequence[tuple[int | None, ...]]],
) -> People:
    """Give every byline position of `works` (by work id; `existing` are those already in the record) its author.

    A place whose name stood in the same byline before keeps its author: what a work's people are is asked once, but for an iD against it.
    `topics` and `institutions` (by work, then byline position) are what may agree. About eight queries.
    """
    places = {
        work: [
            Place(work=work, position=position, printed=author, name_key=fold(author.name), institutions=institutions[work][position - 1])
            for position, author in enumerate(record.authors, start=1)
        ]
        for work, record in works.items()
    }
    people = People(places=places)
    keep_known_places(places, existing, people)
    open_places = [place for at in places.values() for place in at if place.author is None and place.printed.is_person]
    signatures = [signature_of(place, places[place.work], topics[place.work]) for place in open_places]
    known = known_people(signatures, places)
    for place, (person, reason) in zip(open_places, match_people(signatures, known), strict=True):
        place.matched_by = reason
        if person.author is None:
            person.author = -len(people.made) - 1
            people.made.append((person.author, "", place.printed.name, place.name_key))
        place.author = person.author
    number_new_authors(people, works, open_places)
    people.touched.update(place.author for at in places.values() for place in at if place.author)
    load_slugs(people)
    return people


def keep_known_places(places: Mapping[int, list[Place]], existing: Sequence[int], people: People) -> None:
    """Bring over the authors of the works' present bylines, name by name, unless another ORCID iD is printed there now; one query."""
    before: dict[tuple[int, str], list[tuple[int, int | None, str, list[str]]]] = defaultdict(list)
    for work, authorship, author, name, matched_by, orcids in select(
        """
        SELECT work_id, id, author_id, name, matched_by,
            ARRAY(SELECT value FROM works_authoridentifier its WHERE its.author_id = authorship.author_id AND its.scheme = 'orcid')
        FROM works_authorship authorship WHERE work_id = ANY(%s) ORDER BY work_id, position
        """,
        [list(existing)],
    ):
        before[work, fold(name)].append((authorship, author, matched_by, orcids))
        if author:
            people.touched.add(author)
    for work in existing:
        for place in places[work]:
            if known := before.get((work, place.name_key)):
                authorship, author, matched_by, orcids = known.pop(0)
                place.authorship = authorship
                printed = dict(place.printed.identifiers).get("orcid")
                if author and place.printed.is_person and (not printed or not orcids or printed in orcids):
                    place.author, place.matched_by = author, matched_by


def signature_of(place: Place, byline: Sequence[Place], topics: frozenset[int]) -> Signature:
    near = [other.name_key for other in byline[: KNOWN_BY_COAUTHORS + 1] if other is not place and other.printed.is_person]
    return Signature(
        work=place.work,
        name_key=place.name_key,
        identifiers=place.identifiers,
        coauthors=frozenset(near[:KNOWN_BY_COAUTHORS]) - {place.name_key},
        affiliations=place.affiliation_keys,
        topics=topics,
    )


def known_people(signatures: Sequence[Signature], places: Mapping[int, list[Place]]) -> list[Person]:
    """The authors of the record who may be meant, with what is known of them from their newest works; oldest author first. Five queries."""
    identifiers = sorted({identifier for signature in signatures for identifier in signature.identifiers})
    people = {
        author: Person(author=author, name_key=name_key)
        for author, name_key in select(
            """
            SELECT namesake.id, namesake.name_key FROM unnest(%s::text[]) AS wanted (name_key)
            CROSS JOIN LATERAL (
                SELECT id, name_key FROM works_author WHERE name_key = wanted.name_key ORDER BY id LIMIT %s
            ) AS namesake
            UNION
            SELECT author.id, author.name_key FROM works_authoridentifier identifier
            JOIN unnest(%s::text[], %s::text[]) AS wanted (scheme, value) USING (scheme, value)
            JOIN works_author author ON author.id = identifier.author_id
            ORDER BY 1
            """,
            [
                sorted({signature.name_key for signature in signatures}),
                KNOWN_NAMESAKES,
                [scheme for scheme, _ in identifiers],
                [value for _, value in identifiers],
            ],
        )
    }
    if not people:
        return []
    ids = list(people)
    for author, scheme, value in select("SELECT author_id, scheme, value FROM works_authoridentifier WHERE author_id = ANY(%s)", [ids]):
        people[author].identifiers.add((scheme, value))
    newest = f"""
        unnest(%s::bigint[]) AS candidate (author) CROSS JOIN LATERAL (
            SELECT id, work_id FROM works_authorship WHERE author_id = candidate.author
            ORDER BY year DESC NULLS LAST, work_id DESC LIMIT {KNOWN_BY_WORKS}
        ) AS own
    """
    for author, name_keys in select(
        f"""
        SELECT candidate.author, array_agg(DISTINCT coauthor.name_key) FROM {newest}
        JOIN works_authorship other ON other.work_id = own.work_id AND other.position <= {KNOWN_BY_COAUTHORS}
            AND other.author_id <> candidate.author
        JOIN works_author coauthor ON coauthor.id = other.author_id
        WHERE coauthor.name_key = ANY(%s)
        GROUP BY 1
        """,
        [ids, sorted({name_key for signature in signatures for name_key in signature.coauthors})],
    ):
        people[author].coauthors.update(name_keys)
    for author, topic_ids in select(
        f"""
        SELECT candidate.author, array_agg(DISTINCT topic.topic_id) FROM {newest}
        JOIN works_worktopic topic ON topic.work_id = own.work_id
        WHERE topic.topic_id = ANY(%s)
        GROUP BY 1
        """,
        [ids, sorted({topic for signature in signatures for topic in signature.topics})],
    ):
        people[author].topics.update(topic_ids)
    if any(signature.affiliations for signature in signatures):
        for author, institution, raw in select(
            f"""
            SELECT DISTINCT candidate.author, affiliation.institution_id, affiliation.raw FROM {newest}
            JOIN works_affiliation affiliation ON affiliation.authorship_id = own.id
            """,
            [ids],
        ):
            people[author].affiliations.update({fold(raw)} - {""} | ({f"institution {institution}"} if institution else set()))
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
    """The page address of every author at a place; one query for those who were not made just now."""
    people.slugs = {author: f"{slugify(name)}-{opaque}" for author, opaque, name, _ in people.made}
    known = sorted({place.author for at in people.places.values() for place in at if place.author} - people.slugs.keys())
    people.slugs |= {
        author: f"{slugify(name)}-{opaque}"
        for author, opaque, name in select("SELECT id, public_id, name FROM works_author WHERE id = ANY(%s)", [known])
    }
