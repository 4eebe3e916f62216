"""Rows of the record, made directly: no importer, no derived summaries but those a test needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from works.models import Affiliation, Author, Authorship, Institution, Reference, Topic, Work, WorkTopic
from works.names import fold, public_id


def make_author(name: str, **fields) -> Author:
    """An author whose public id follows from the name alone."""
    fields.setdefault("public_id", public_id("author", name))
    return Author.objects.create(name=name, name_key=fold(name), **fields)


def make_topic(label: str) -> Topic:
    return Topic.objects.get_or_create(
        scheme="keyword", code=fold(label), defaults={"label": label, "public_id": public_id("topic", label)}
    )[0]


def make_institution(name: str) -> Institution:
    return Institution.objects.get_or_create(public_id=public_id("institution", name), defaults={"name": name, "name_key": fold(name)})[0]


def make_work(
    title: str,
    year: int | None = 2022,
    authors: Sequence[Author | None] = (),
    topics: Iterable[str] = (),
    institutions: dict[Author, str] | None = None,
    cites: Iterable[Work] = (),
    **fields,
) -> Work:
    """A work with its byline in order (None for a group), topics, affiliations by author, and references to other works."""
    fields.setdefault("public_id", public_id("work", title))
    work = Work.objects.create(
        title=title,
        title_key=fold(title),
        title_hash=0,
        type="preprint",
        year=year,
        authors_count=fields.pop("authors_count", len(authors)),
        **fields,
    )
    byline = Authorship.objects.bulk_create(
        Authorship(
            work=work,
            position=position,
            author=author,
            raw_name=author.name if author else "The Collaboration",
            name=author.name if author else "The Collaboration",
            matched_by=Authorship.Match.FIRST if author else Authorship.Match.NOT_A_PERSON,
            year=year,
        )
        for position, author in enumerate(authors, 1)
    )
    WorkTopic.objects.bulk_create(WorkTopic(work=work, topic=make_topic(label), place=place) for place, label in enumerate(topics, 1))
    Affiliation.objects.bulk_create(
        Affiliation(
            authorship=line,
            place=1,
            raw=institutions[line.author],
            institution=make_institution(institutions[line.author]),
            asserted_by="test",
        )
        for line in byline
        if institutions and line.author in institutions
    )
    Reference.objects.bulk_create(Reference(work=work, scheme="doi", value=f"10.1/{other.pk}", cited=other) for other in cites)
    return work
