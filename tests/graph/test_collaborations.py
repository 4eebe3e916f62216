"""Collaborations: exact figures, and the law that counting piecemeal equals counting everything."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from graph.actions.collaborations import (
    count_collaborations,
    is_counting_owed,
    mark_collaborations_stale,
    rebuild_graph,
)
from graph.models import STRENGTH_UNIT, Collaboration, Neighbourhood, Slice, StaleCollaboration
from graph.signals import collaborations_counted
from tests.factories.works import make_author, make_work
from tests.graph.conftest import Cast
from works.models import Author, Authorship, Work


def stored() -> dict[tuple[int, int], tuple]:
    rows = Collaboration.objects.values_list("author_a_id", "author_b_id", "works_count", "strength_units", "first_year", "last_year")
    return {row[:2]: row[2:] for row in rows}


def neighbourhoods() -> dict[int, tuple]:
    return {row[0]: row[1:] for row in Neighbourhood.objects.values_list("author_id", "collaborators_count", "close_count", "closest")}


def by_hand() -> dict[tuple[int, int], tuple]:
    """The definition, pair by pair, in Python."""
    found: defaultdict[tuple[int, int], list[Work]] = defaultdict(list)
    for work in Work.objects.filter(authors_count__lte=50).prefetch_related("authorships"):
        authors = sorted(line.author_id for line in work.authorships.all() if line.author_id)
        for pair in combinations(authors, 2):
            found[pair].append(work)
    return {
        pair: (
            len(works),
            sum(STRENGTH_UNIT // (work.authors_count - 1) for work in works if work.authors_count <= 25),
            min((work.year for work in works if work.year), default=None),
            max((work.year for work in works if work.year), default=None),
        )
        for pair, works in found.items()
    }


def test_lists_call_people_by_the_names_they_bear_now(cast: Cast):
    """Matching may find a better name for somebody whose pairs stay as they are."""
    cast.count()
    Author.objects.filter(pk=cast.jihao.pk).update(name="Ji-Hao Liu")
    cast.count_these(cast.jihao)
    called = {entry["name"] for _, _, closest in neighbourhoods().values() for entry in closest if cast.jihao.public_id in entry["slug"]}
    assert called == {"Ji-Hao Liu"}


def test_figures_of_the_reference_page(cast: Cast):
    assert cast.count() == 6
    assert stored() == by_hand()
    assert len(stored()) == 11
    assert neighbourhoods()[cast.boxiao.pk] == (
        5,
        5,
        [
            {"name": "Yu Liu", "slug": cast.yu.slug, "works": 2, "strength": 0.6667, "first_year": 2022, "last_year": 2023},
            {"name": "Jihao Liu", "slug": cast.jihao.slug, "works": 1, "strength": 0.3333, "first_year": 2022, "last_year": 2022},
            {"name": "Hongsheng Li", "slug": cast.hongsheng.slug, "works": 1, "strength": 0.3333, "first_year": 2022, "last_year": 2022},
            {"name": "Bingqi Ma", "slug": cast.bingqi.slug, "works": 1, "strength": 0.3333, "first_year": 2023, "last_year": 2023},
            {"name": "Guanglu Song", "slug": cast.guanglu.slug, "works": 1, "strength": 0.3333, "first_year": 2023, "last_year": 2023},
        ],
    )


@pytest.mark.parametrize(
    ("authors_count", "strength"),
    [(2, STRENGTH_UNIT), (25, STRENGTH_UNIT // 24), (26, 0), (50, 0), (51, None), (3303, None)],
)
@pytest.mark.django_db
def test_long_bylines_add_no_strength_and_then_no_pair(authors_count, strength):
    one, other = make_author("One"), make_author("Other")
    make_work("A work", 2020, [one, other], authors_count=authors_count)
    mark_collaborations_stale(author_ids=[one.pk, other.pk])
    assert count_collaborations() == 2
    assert [figures[1] for figures in stored().values()] == ([] if strength is None else [strength])
    assert neighbourhoods()[one.pk][:2] == (0 if strength is None else 1, 1 if strength == STRENGTH_UNIT else 0)


@pytest.mark.django_db
def test_a_group_in_the_byline_shares_the_credit_but_is_nobody():
    one, other = make_author("One"), make_author("Other")
    make_work("A work", None, [one, None, other])
    mark_collaborations_stale(author_ids=[one.pk])
    count_collaborations()
    assert stored() == {(one.pk, other.pk): (1, STRENGTH_UNIT // 2, None, None)}


def test_the_strength_unit_divides_by_every_byline_length():
    assert all(STRENGTH_UNIT % places == 0 for places in range(1, 25))


def test_nothing_owed_writes_nothing_and_sends_nothing(cast: Cast):
    sent: list[list[int]] = []

    def listen(*, author_ids, **_):
        sent.append(author_ids)

    collaborations_counted.connect(listen)
    try:
        assert cast.count() == 6
        assert count_collaborations() == 0
    finally:
        collaborations_counted.disconnect(listen)
    assert sent == [sorted(author.pk for author in cast.people)]


def test_a_second_count_changes_no_row(cast: Cast):
    def versions():
        with connection.cursor() as cursor:
            cursor.execute("SELECT author_a_id, author_b_id, ctid::text FROM graph_collaboration ORDER BY 1, 2")
            pairs = cursor.fetchall()
            cursor.execute("SELECT author_id, ctid::text FROM graph_neighbourhood ORDER BY 1")
            return pairs, cursor.fetchall()

    cast.count()
    before = versions()
    assert cast.count() == 6
    assert versions() == before


def test_the_oldest_debts_are_paid_first(cast: Cast):
    for author in cast.people:
        mark_collaborations_stale(author_ids=[author.pk])
    assert count_collaborations(limit=2) == 2
    assert set(StaleCollaboration.objects.values_list("author_id", flat=True)) == {author.pk for author in cast.people[2:]}
    assert is_counting_owed()
    assert count_collaborations() == 4
    assert not is_counting_owed()


def test_collaborators_whose_figures_changed_are_refreshed_and_announced(cast: Cast):
    cast.count()
    Authorship.objects.filter(work=cast.faces, author=cast.boxiao).delete()
    Work.objects.filter(pk=cast.faces.pk).update(authors_count=3)
    mark_collaborations_stale(author_ids=[cast.boxiao.pk])
    assert count_collaborations() == 1
    assert (cast.boxiao.pk, cast.bingqi.pk) not in stored()
    figures = neighbourhoods()
    assert [entry["name"] for entry in figures[cast.boxiao.pk][2]] == ["Jihao Liu", "Hongsheng Li", "Yu Liu"]
    assert [entry["name"] for entry in figures[cast.bingqi.pk][2]] == ["Yu Liu", "Guanglu Song"]


def test_slices_that_show_a_changed_author_are_stale_and_others_are_not(cast: Cast):
    stranger = make_author("Stranger")
    cast.count()
    for author in (cast.boxiao, cast.bingqi, cast.jihao):
        cast.build(author)
    Slice.objects.create(author=stranger, version=1, payload={}, built_at="2026-01-01T00:00:00Z")
    mark_collaborations_stale(author_ids=[cast.bingqi.pk])
    count_collaborations()
    stale = set(Slice.objects.filter(stale_at__isnull=False).values_list("author_id", flat=True))
    assert stale == {cast.boxiao.pk, cast.bingqi.pk}  # Jihao has no work with Bingqi


def test_the_number_of_statements_does_not_grow(cast: Cast):
    few = make_author("A"), make_author("B")
    make_work("Few", 2020, few)
    needed = []
    for authors in (few, cast.people):
        mark_collaborations_stale(author_ids=[author.pk for author in authors])
        with CaptureQueriesContext(connection) as queries:
            assert count_collaborations() == len(authors)
        needed.append(len(queries))
    assert needed[0] == needed[1] == 14  # one for each kind of slice among them, and for similar people


def test_the_command_counts_everything(cast: Cast, capsys):
    call_command("rebuild_graph")
    assert capsys.readouterr().out.startswith("Counted 11 collaborations in ")
    assert stored() == by_hand()
    assert neighbourhoods()[cast.boxiao.pk][0] == 5


def test_a_rebuild_keeps_pages_filled(cast: Cast):
    cast.count()
    cast.build()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert rebuild_graph() == 11
    kept = Slice.objects.get(author=cast.boxiao)
    assert kept.fragment
    assert kept.stale_at is not None
    assert kept.error == ""


bylines = st.lists(st.integers(0, 5), unique=True, max_size=6)
years = st.none() | st.integers(1990, 2026)
lengths = st.sampled_from([0, 0, 0, 20, 44, 50])  # further byline places that nobody is matched to
changes = st.one_of(
    st.tuples(st.just("add"), bylines, years, lengths),
    st.tuples(st.just("remove"), st.integers(0, 9)),
    st.tuples(st.just("rewrite"), st.integers(0, 9), bylines, years, lengths),
    st.tuples(st.just("count"), st.integers(1, 6)),
)


class Incremental(TestCase):
    """Whatever happens to bylines, in whatever portions it is counted, the result is that of counting everything once."""

    @settings(max_examples=60, deadline=None)
    @given(st.lists(changes, min_size=1, max_size=14))
    def test_counting_piecemeal_equals_counting_everything(self, sequence):
        authors = [make_author(f"Author {number}") for number in range(6)]
        mark_collaborations_stale(author_ids=[author.pk for author in authors])
        works: list[Work] = []
        for name, *given_values in sequence:
            self.change(name, given_values, authors, works)
        while count_collaborations():
            pass
        assert stored() == by_hand()
        piecemeal = stored(), neighbourhoods()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        rebuild_graph()
        assert (stored(), neighbourhoods()) == piecemeal

    def change(self, name: str, values: list, authors: list[Author], works: list[Work]) -> None:
        if name == "count":
            count_collaborations(limit=values[0])
            return
        if name == "add":
            byline, year, more = values
            people = [authors[number] for number in byline]
            works.append(make_work(f"Work {len(works)}", year, people, authors_count=len(people) + more))
            mark_collaborations_stale(author_ids=[author.pk for author in people])
            return
        if not works:
            return
        work = works[values[0] % len(works)]
        touched = set(work.authorships.values_list("author_id", flat=True))
        work.authorships.all().delete()
        if name == "rewrite":
            _, byline, year, more = values
            Authorship.objects.bulk_create(
                Authorship(work=work, position=place, author=authors[number], raw_name="x", name="x", matched_by="first", year=year)
                for place, number in enumerate(byline, 1)
            )
            Work.objects.filter(pk=work.pk).update(year=year, authors_count=len(byline) + more)
            touched |= {authors[number].pk for number in byline}
        mark_collaborations_stale(author_ids=touched)
