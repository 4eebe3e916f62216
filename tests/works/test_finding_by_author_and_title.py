"""Works for words of a title, names of authors and a year, mixed as somebody remembers them."""

import pytest

from tests.factories.imported import import_records
from tests.factories.records import make_record
from works.actions.search import rebuild_search
from works.models import Work
from works.models.finding import Order, WorkFilter, find_works

pytestmark = pytest.mark.django_db

TITLES = {
    "Debiasing retrieval with counterfactuals": (["Boxiao Liu", "Wei Wang"], 2022),
    "Retrieval of proteins": (["Boxiao Liu"], 2022),
    "Debiasing retrieval again": (["Ann Lee"], 2022),
    "Debiasing retrieval once": (["Boxiao Liu"], 2021),
    "Young stars": (["Mark Young"], 2020),
    "The Liu theorem": (["Ann Lee"], 1999),
}


@pytest.fixture
def works(db):
    import_records(*(make_record(title, people, year=year) for title, (people, year) in TITLES.items()))
    rebuild_search()


def titles(query, **how):
    found = find_works(query, **how)
    known = Work.objects.in_bulk(found.ids)
    return [known[work].title for work in found.ids]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("liu retrieval debiasing 2022", ["Debiasing retrieval with counterfactuals"]),
        ("boxiao liu debiasing", ["Debiasing retrieval with counterfactuals", "Debiasing retrieval once"]),
        ("b. liu debiasing 2021", ["Debiasing retrieval once"]),
        ("wang liu counterfactual", ["Debiasing retrieval with counterfactuals"]),
        ("Boxiao Liu 2021", ["Debiasing retrieval once"]),
        ("lee 1999", ["The Liu theorem"]),
        ("retrieval by liu of proteins", ["Retrieval of proteins"]),
        ("lee debiasing", ["Debiasing retrieval again"]),
        ("wang proteins", []),
        ("liu retrieval 1987", []),
        ("mark young", []),  # somebody's whole name
        ("wei lee", []),
        ("boxiao", []),
        ("zzz retrieval liu", []),
    ],
)
def test_names_beside_words_of_a_title(works, query, expected):
    assert sorted(titles(query)) == sorted(expected)


def test_a_mixed_search_is_narrowed_and_ordered_as_any_other(works):
    assert titles("liu debiasing", order=Order.OLDEST) == ["Debiasing retrieval once", "Debiasing retrieval with counterfactuals"]
    assert titles("liu debiasing", only=WorkFilter(year=2022)) == ["Debiasing retrieval with counterfactuals"]
    assert titles("liu debiasing 2022", only=WorkFilter(year=2021)) == []
    assert titles("liu debiasing", only=WorkFilter(type="book")) == []


@pytest.mark.parametrize("number", [1, 3])
def test_a_mixed_search_costs_two_statements_more(django_assert_num_queries, number):
    """Than the three of one for words that no title has together."""
    import_records(*(make_record(f"Fishing {part}", [f"Person Number{chr(97 + part)}"]) for part in range(number)))
    rebuild_search()
    with django_assert_num_queries(5):
        assert len(find_works("person fishing").ids) == number
