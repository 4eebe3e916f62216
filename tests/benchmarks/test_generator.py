"""The synthetic corpus: the same each time, uneven as real ones are, and fit for the tables."""

from collections import Counter
from itertools import islice

import pytest

from tests.benchmarks.generator import HUB, SyntheticCorpus, load, opaque
from works.importers.checks import checked
from works.models import Author, Authorship, Work, WorkIdentifier, WorkTopic
from works.names import fold


@pytest.fixture(scope="module")
def corpus() -> SyntheticCorpus:
    return SyntheticCorpus(20_000)


@pytest.fixture(scope="module")
def works_of(corpus) -> Counter[int]:
    return Counter(author for plan in corpus.plans() for author in plan.authors)


def test_the_same_seed_gives_the_same_corpus_and_another_another():
    one, same, other = SyntheticCorpus(400), SyntheticCorpus(400), SyntheticCorpus(400, seed=1)
    assert one.names == same.names != other.names
    assert list(one.plans()) == list(same.plans()) != list(other.plans())


def test_it_has_the_number_of_works_and_authors_asked_for(corpus):
    assert [plan.id for plan in corpus.plans()] == list(range(1, 20_001))
    assert (corpus.authors, len(corpus.names) - 1) == (14_000, 14_000)


def test_bylines_name_each_author_once_and_one_is_very_long(corpus):
    sizes = []
    for plan in corpus.plans():
        assert len(set(plan.authors)) == len(plan.authors)
        sizes.append(len(plan.authors))
    assert max(sizes) == 3_000
    assert 3.3 < sum(sizes) / len(sizes) < 4


def test_one_person_has_a_two_hundredth_of_all_works(works_of):
    assert works_of[HUB] == 100


def test_works_of_an_author_fall_off_as_a_power_law(works_of):
    counts = sorted(works_of.values(), reverse=True)
    assert counts[len(counts) // 2] <= 5
    assert counts[len(counts) // 1_000] > 20
    assert len(counts) > 0.9 * 14_000


def test_names_come_in_several_scripts_and_with_namesakes(corpus):
    names = corpus.names[1:]
    assert len(set(names)) < len(names)
    surnames = Counter(name.split()[-1] for name in names)
    assert surnames["Wang"] > 5 * surnames["Zou"] > 0
    scripts = [("一", "鿿"), ("가", "힣"), ("Ѐ", "ӿ"), ("À", "ſ"), ("Ạ", "ỹ")]
    assert all(any(first <= char <= last for name in names for char in name) for first, last in scripts)
    assert all(fold(name) for name in names)


def test_public_ids_are_never_alike():
    assert len({opaque(number) for number in range(200_000)}) == 200_000


def test_records_pass_the_importers_checks_unchanged(corpus):
    for record in islice(corpus.records(), 0, 20_000, 97):
        assert checked(record) == (record, [])


def test_a_corpus_too_small_for_its_busiest_author_is_refused():
    with pytest.raises(ValueError, match="200"):
        SyntheticCorpus(199)


@pytest.mark.django_db
def test_it_loads_into_the_tables():
    corpus = SyntheticCorpus(1_000)
    load(corpus)
    plans = list(corpus.plans())
    assert (Author.objects.count(), Work.objects.count()) == (700, 1_000)
    assert Authorship.objects.count() == sum(len(plan.authors) for plan in plans)
    assert WorkTopic.objects.count() == sum(len(plan.topics) for plan in plans)
    assert WorkIdentifier.objects.count() == sum(len(plan.identifiers) for plan in plans)
    hub = Author.objects.get(pk=HUB)
    assert hub.works_count == 5
    assert sum(works for _type, works in hub.summary["types"]) == 5

    plan = plans[41]
    work = Work.objects.select_related("source").get(pk=plan.id)
    authors = Author.objects.in_bulk(plan.authors)
    assert work.source is not None
    assert work.title_key == fold(plan.title)
    assert work.card == {
        "authors": [{"name": author.name, "slug": author.slug} for author in (authors[pk] for pk in plan.authors)],
        "topics": [
            {"label": row.topic.label, "slug": row.topic.slug} for row in work.work_topics.select_related("topic").order_by("place")
        ],
        "identifiers": [list(identifier) for identifier in plan.identifiers],
        "source": work.source.name,
    }
    assert Author.objects.create(public_id="later", name="Later").pk == 701


@pytest.mark.django_db
def test_it_does_not_load_beside_other_authors():
    Author.objects.create(public_id="first", name="First")
    with pytest.raises(ValueError, match="not empty"):
        load(SyntheticCorpus(200))


def test_making_rows(benchmark):
    """How fast rows are made without a database: what a load or an import is measured by must not be this."""
    corpus = SyntheticCorpus(20_000)
    corpus.author_cards, corpus.topic_cards  # noqa: B018  (made once, outside the measurement)
    assert benchmark.pedantic(lambda: sum(len(rows.works) for rows in corpus.rows()), rounds=3) == 20_000
