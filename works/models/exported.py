"""Works as entries of an export: rows in, works.exports.Entry out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from works.exports.entry import Creator, Entry
from works.models.author import AuthorName
from works.models.authorship import Authorship
from works.models.work import Work, WorkTopic
from works.names import printed_name

WORKS_AT_ONCE = 200
PRINTED = ("volume", "issue", "pages", "publisher")
BYLINES_AT_ONCE = 20_000  # byline positions, unless one work has more


def exported(work_ids: Iterable[int], *, site: str) -> Iterator[Entry]:
    """The works of these ids as entries, in the order given; ids of no work are left out. `site` is the beginning of our own addresses.

    Read in batches as the entries are taken: one query for 200 works, and two more for every 20,000 places in their bylines. No more than
    that is in memory at a time, however many works there are.
    """
    ids = iter(work_ids)
    while batch := list(islice(ids, WORKS_AT_ONCE)):
        fields = (
            "public_id", "type", "title", "year", "published_on", "language", "notice", "authors_count", "is_byline_cut", "card", *PRINTED,
        )  # fmt: skip
        known = Work.objects.select_related("source").only(*fields, "source__name", "source__kind").in_bulk(batch)
        for works in groups([known[one] for one in batch if one in known]):
            bylines, classes = bylines_of(works), arxiv_classes_of(works)
            yield from (entry_of(work, bylines.get(work.pk, ()), classes.get(work.pk, ""), site) for work in works)


def groups(works: Sequence[Work]) -> Iterator[list[Work]]:
    """The works in order, as many together as have BYLINES_AT_ONCE places in their bylines."""
    group: list[Work] = []
    places = 0
    for work in works:
        if group and places + work.authors_count > BYLINES_AT_ONCE:
            yield group
            group, places = [], 0
        group.append(work)
        places += work.authors_count
    if group:
        yield group


def bylines_of(works: Sequence[Work]) -> dict[int, list[Creator]]:
    """The bylines in order. A name that its bearer hides is the one that they go by now. One query."""
    hidden = AuthorName.objects.filter(author=OuterRef("author"), is_public=False).values("name_key")
    rows = (
        Authorship.objects.filter(work__in=[work.pk for work in works])
        .annotate(hidden=ArraySubquery(hidden))
        .order_by("work", "position")
        .values_list("work_id", "name", "raw_name", "author__name", "hidden", "matched_by")
    )
    found: dict[int, list[Creator]] = {}
    for work, name, raw, present, its_hidden, matched_by in rows:
        shown = printed_name(name, present, its_hidden) if its_hidden and present else name
        is_person = matched_by != Authorship.Match.NOT_A_PERSON
        found.setdefault(work, []).append(Creator(name=shown, raw=raw if shown == name else "", is_person=is_person))
    return found


def arxiv_classes_of(works: Sequence[Work]) -> dict[int, str]:
    """The first category that arXiv gives each work. One query."""
    rows = WorkTopic.objects.filter(work__in=[work.pk for work in works], topic__scheme="arxiv").order_by("-place")
    return dict(rows.values_list("work_id", "topic__code"))


def entry_of(work: Work, byline: Iterable[Creator], arxiv_class: str, site: str) -> Entry:
    return Entry(
        public_id=work.public_id,
        type=work.type,
        title=work.title,
        year=work.year,
        published_on=work.published_on,
        language=work.language,
        notice=work.notice,
        source=work.source.name if work.source else "",
        source_kind=work.source.kind if work.source else "",
        **{name: getattr(work, name) for name in PRINTED},
        identifiers=tuple((scheme, value) for scheme, value in work.card.get("identifiers", ())),
        authors=tuple(byline),
        is_byline_cut=work.is_byline_cut,
        topics=tuple(topic["label"] for topic in work.card.get("topics", ())),
        arxiv_class=arxiv_class,
        page=f"{site}{work.get_absolute_url()}",
    )
