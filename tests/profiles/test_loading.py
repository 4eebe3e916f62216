"""From rows to inputs."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graph.actions.collaborations import count_collaborations, mark_collaborations_stale
from graph.models import Neighbourhood
from profiles.loading import load_inputs
from profiles.trust.score import Inputs, Record
from tests.factories.registries import RETRIEVED, register
from tests.factories.works import make_author, make_institution, make_work
from works.models import Affiliation, Authorship

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


def record_of(author) -> Record:
    return load_inputs([author.pk], on=TODAY)[author.pk].record


def registries_of(author) -> frozenset[str]:
    return record_of(author).registries


def test_an_author_without_anything_is_a_name_only():
    author = make_author("Nobody Yet")
    assert load_inputs([author.pk], on=TODAY) == {author.pk: Inputs(record=Record(), on=TODAY)}


def test_all_facts_of_one_author():
    author, other = make_author("Ann Author"), make_author("Someone Else")
    register(make_work("First", 2021, [author, other], ["Learning", "Vision"]), ("arxiv", "2101.00001"))
    later = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
    register(make_work("Second", 2022, [other, author], ["Vision"]), ("doi", "10.1/2"), retrieved_at=later)
    make_work("Known to nobody", 2023, [author], ["Speech"])
    mark_collaborations_stale(author_ids=[author.pk, other.pk])
    count_collaborations()
    assert record_of(author) == Record(
        works=2,
        registries=frozenset({"arxiv", "doi"}),
        topics=3,
        topics_from=frozenset({"keyword"}),
        close_collaborators=1,
        as_of=date(2026, 11, 21),
    )


@pytest.mark.parametrize(
    ("scheme", "counts"),
    [("doi", 1), ("arxiv", 1), ("pmid", 1), ("pmcid", 1), ("hal", 1), ("acl", 1), ("openalex", 0), ("dblp", 0), ("whatever", 0)],
)
def test_works_count_by_the_identifiers_of_registries(scheme, counts):
    author = make_author("Ann Author")
    register(make_work("Work", authors=[author]), (scheme, "1"))
    assert record_of(author).works == counts


@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [
        ([("arxiv", "2202.07940")], {"arxiv"}),
        ([("arxiv", "2202.07940"), ("doi", "10.48550/arxiv.2202.07940")], {"arxiv"}),
        ([("doi", "10.48550/arxiv.2202.07940")], {"arxiv"}),
        ([("arxiv", "2202.07940"), ("doi", "10.1007/978-3-031-19775-8_36")], {"arxiv", "doi"}),
        ([("pmid", "1"), ("pmcid", "2")], {"pubmed"}),
        ([("openalex", "W1"), ("dblp", "conf/x")], set()),
        ([], set()),
    ],
)
def test_converted_records_count_for_the_registries_whose_identifiers_they_carry(identifiers, expected):
    author = make_author("Ann Author")
    register(make_work("Work", authors=[author]), *identifiers)
    assert registries_of(author) == expected


def test_a_work_converted_today_and_imported_tomorrow_stands_in_one_registry():
    author = make_author("Ann Author")
    work = make_work("Work", authors=[author])
    register(work, ("arxiv", "2202.07940"))
    register(work, ("arxiv", "2202.07940"), ("doi", "10.1/journal"), registry="arxiv")
    assert registries_of(author) == {"arxiv"}


def test_what_an_aggregator_adds_to_a_work_is_not_the_word_of_a_registry():
    author = make_author("Ann Author")
    work = make_work("Work", authors=[author])
    register(work, ("arxiv", "2202.07940"))
    register(work, ("openalex", "W1"), ("doi", "10.1/journal"), registry="openalex")
    assert registries_of(author) == {"arxiv", "openalex"}  # and openalex earns nothing


@pytest.mark.parametrize("source", ["bibtex", "ris", "csl"])
def test_what_somebody_typed_earns_nothing_until_another_source_tells_of_it(source):
    author = make_author("Ann Author")
    work = make_work("Work", authors=[author])
    register(work, ("doi", "10.1/1"), registry=source)
    assert (record_of(author).works, registries_of(author)) == (0, {source})
    register(work, ("doi", "10.1/1"), registry="crossref")
    assert (record_of(author).works, registries_of(author)) == (1, {source, "doi"})


@pytest.mark.parametrize("source", ["crossref", "datacite"])
def test_all_doi_agencies_are_one_registry(source):
    author = make_author("Ann Author")
    work = make_work("Work", authors=[author])
    register(work, ("doi", "10.1/1"))
    register(work, ("doi", "10.1/1"), registry=source)
    assert registries_of(author) == {"doi"}


def test_an_uncounted_neighbourhood_is_unknown_and_an_empty_one_is_none():
    author = make_author("Ann Author")
    assert record_of(author).close_collaborators is None
    Neighbourhood.objects.create(author=author, collaborators_count=3, close_count=0, closest=[])
    assert record_of(author).close_collaborators == 0


def test_affiliations_count_where_a_publisher_or_an_institution_names_the_institution():
    author = make_author("Ann Author")
    make_work("Work", authors=[author])
    authorship = Authorship.objects.get()
    for place, (asserter, institution) in enumerate(
        [("publisher", "A"), ("institution", "B"), ("repository", "C"), ("aggregator", "D"), ("converted", "E"), ("publisher", None)], 1
    ):
        Affiliation.objects.create(
            authorship=authorship,
            place=place,
            raw="x",
            institution=make_institution(institution) if institution else None,
            asserted_by=asserter,
        )
    assert record_of(author).affiliations == {("publisher", "A"), ("institution", "B")}


def test_an_orcid_id_on_a_work_is_not_a_publishers_word():
    author = make_author("Ann Author")
    register(make_work("Work", authors=[author]), ("doi", "10.1/1"))
    Authorship.objects.update(orcid="0000-0002-1825-0097")
    assert record_of(author).orcid_works == ()


@pytest.mark.parametrize("number", [1, 3])
def test_queries_are_fourteen_for_any_number_of_authors(number):
    authors = [make_author(f"Author {place}") for place in range(number)]
    for place in range(number):
        register(make_work(f"Work {place}", authors=authors, topics=["a", "b"]), ("arxiv", str(place)))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        loaded = load_inputs([author.pk for author in authors], on=TODAY)
    assert len(queries) == 14
    assert {page.record.works for page in loaded.values()} == {number}
    assert {page.record.as_of for page in loaded.values()} == {RETRIEVED.date()}
