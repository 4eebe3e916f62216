"""One work out of what several registries say of it.

The answer follows from the records alone, not from the order in which they came: each column is taken from the record that
speaks with most authority and has something to say, and among equals from the one with the smallest key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from works.importers.record import Identifier, ImportedAuthor, ImportedTopic, ImportedWork
from works.names import fold

# Who knows a work best: its publisher; then what was converted by hand; then the repository; then who collects from others; last what
# people typed.
AUTHORITY = {"publisher": 0, "converted": 1, "repository": 2, "aggregator": 3, "typed": 4}
PRELIMINARY_TYPES = frozenset({"preprint", "other"})
IDENTIFIER_ORDER = ("doi", "arxiv", "pmid", "pmcid", "openalex")


def by_authority(records: Iterable[ImportedWork]) -> list[ImportedWork]:
    """A finished work's record before a preprint's, then by authority, then by key: a total order."""
    return sorted(
        records, key=lambda record: (record.type in PRELIMINARY_TYPES, AUTHORITY.get(record.asserted_by, 9), record.registry, record.key)
    )


def reconcile(records: Sequence[ImportedWork]) -> ImportedWork:
    """The work that these records tell of. At least one record; the result's registry and key are the leading one's."""
    ordered = by_authority(records)
    first = ordered[0]
    if len(ordered) == 1:
        return replace(first, identifiers=sort_identifiers(first.identifiers))
    return replace(
        first,
        abstract=next((record.abstract for record in ordered if record.abstract), ""),
        year=next((record.year for record in ordered if record.year), None),
        published_on=next((record.published_on for record in ordered if record.published_on), ""),
        language=next((record.language for record in ordered if record.language), ""),
        notice=next((record.notice for record in ordered if record.notice == "retracted"), first.notice),
        identifiers=sort_identifiers({identifier for record in ordered for identifier in record.identifiers}),
        authors=reconcile_bylines(ordered),
        is_byline_cut=(leading_byline(ordered) or first).is_byline_cut,
        source=next((record.source for record in ordered if record.source), None),
        topics=unite_topics(ordered),
        references=tuple(sorted({reference for record in ordered for reference in record.references})),
        relations=tuple(sorted({relation for record in ordered for relation in record.relations})),
        publisher=next((record.publisher for record in ordered if record.publisher), ""),
        **printed_place(ordered),
    )


def printed_place(ordered: Sequence[ImportedWork]) -> dict[str, str]:
    """Volume, issue and pages from one record, so that the pages of one printing never stand in the volume of another; a preprint's never
    stand beside a finished work."""
    is_finished = ordered[0].type not in PRELIMINARY_TYPES
    told = [record for record in ordered if record.volume or record.pages]
    leading = next((record for record in told if not is_finished or record.type not in PRELIMINARY_TYPES), ordered[0])
    return {"volume": leading.volume, "issue": leading.issue, "pages": leading.pages}


def sort_identifiers(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """The best known schemes first, as pages show them."""
    order = {scheme: place for place, scheme in enumerate(IDENTIFIER_ORDER)}
    return tuple(sorted(identifiers, key=lambda identifier: (order.get(identifier[0], len(order)), identifier)))


def abstract_registry(records: Sequence[ImportedWork]) -> str:
    """Which registry the abstract comes from; "" where there is none."""
    return next((record.registry for record in by_authority(records) if record.abstract), "")


def affiliation_asserters(records: Sequence[ImportedWork]) -> tuple[str, ...]:
    """For each place of the reconciled byline, what kind of registry its affiliations come from; "" where it has none."""
    return tuple(next((asserter for place, asserter in told if place.affiliations), "") for told in told_of_places(by_authority(records)))


def orcid_asserters(records: Sequence[ImportedWork]) -> tuple[str, ...]:
    """For each place of the reconciled byline, the strongest kind of registry that gives its ORCID iD there; "" where it has none."""
    asserters = []
    for told in told_of_places(by_authority(records)):
        given = [(orcid, asserter) for place, asserter in told if (orcid := dict(place.identifiers).get("orcid"))]
        agreeing = [asserter for orcid, asserter in given if orcid == given[0][0]]
        asserters.append(min(agreeing, key=lambda asserter: AUTHORITY.get(asserter, 9), default=""))
    return tuple(asserters)


def reconcile_bylines(ordered: Sequence[ImportedWork]) -> tuple[ImportedAuthor, ...]:
    """The leading byline, its places enriched with the identifiers and affiliations that others print beside the same name."""
    byline = []
    for told in told_of_places(ordered):
        identifiers: dict[str, str] = {}
        for place, _ in told:
            identifiers = dict(place.identifiers) | identifiers
        affiliations = next((place.affiliations for place, _ in told if place.affiliations), ())
        byline.append(replace(told[0][0], identifiers=tuple(sorted(identifiers.items())), affiliations=affiliations))
    return tuple(byline)


def leading_byline(ordered: Sequence[ImportedWork]) -> ImportedWork | None:
    """The first record whose byline is whole; else the first that has one at all."""
    told = [record for record in ordered if record.authors]
    return next((record for record in told if not record.is_byline_cut), told[0] if told else None)


def told_of_places(ordered: Sequence[ImportedWork]) -> Iterator[list[tuple[ImportedAuthor, str]]]:
    """For each place of the leading byline: what its record, then each other one prints there, with what kind of registry that is.

    A name that stands twice in a byline (two people) is told of by nobody else: it is not known which of the two is meant.
    """
    leading = leading_byline(ordered)
    if leading is None:
        return
    others = [(places_by_name(record.authors), record.asserted_by) for record in ordered if record is not leading]
    own = places_by_name(leading.authors)
    for author in leading.authors:
        name_key = fold(author.name)
        twins = [(places[name_key], asserter) for places, asserter in others if name_key in places] if name_key in own else []
        yield [(author, leading.asserted_by), *twins]


def places_by_name(authors: Sequence[ImportedAuthor]) -> dict[str, ImportedAuthor]:
    """The byline's places by folded name, without the names that stand in it twice."""
    places: dict[str, ImportedAuthor] = {}
    twice = set()
    for author in authors:
        name_key = fold(author.name)
        if name_key in places:
            twice.add(name_key)
        places[name_key] = author
    return {name_key: author for name_key, author in places.items() if name_key not in twice}


def unite_topics(ordered: Sequence[ImportedWork]) -> tuple[ImportedTopic, ...]:
    """Every topic that a record names, once, the leading record's first."""
    topics = {(topic.scheme, topic.code): topic for record in reversed(ordered) for topic in record.topics}
    places = {(topic.scheme, topic.code): place for place, topic in reversed(list(enumerate(t for r in ordered for t in r.topics)))}
    return tuple(sorted(topics.values(), key=lambda topic: places[topic.scheme, topic.code]))
