"""Same work or not, by what is printed: which slips and gaps are forgiven, and what looks alike and is not."""

from dataclasses import replace

import pytest

from works.matching import WorkFacts, same_work

TITLE = "Learning to Parse Long Documents: A Study of Attention"
PREPRINT = WorkFacts(
    title=TITLE,
    byline=("ada m lovelace", "emmy noether"),
    year=2020,
    type="preprint",
    identifiers=frozenset({("arxiv", "2001.00001")}),
)
ARTICLE = replace(PREPRINT, type="article", identifiers=frozenset({("doi", "10.1000/x")}))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": r"Learning to {P}arse \textsc{Long} Documents -- a study of attention."},
        {"title": "Learning to parse long documents"},
        {"title": "Learning to parse long doccuments: a study of attention"},
        {"year": 2023},
        {"byline": ("emmy noether", "ada lovelace"), "year": 2022},
        {"byline": ("a lovelace", "e noether")},
        {"byline": ("ada lovelace", "emmy noether", "charles babbage")},
        {"year": None},
    ],
)
def test_a_preprint_and_its_article(changes):
    assert same_work(PREPRINT, replace(ARTICLE, **changes))
    assert same_work(replace(ARTICLE, **changes), PREPRINT)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Learning to parse long documents", "byline": ("ada lovelace", "wei wang")},
        {"title": "Learning to parse long documents: correction"},
        {"title": "Learning to parse short documents: a study of attention"},
        {"title": f"{TITLE}, Part II"},
        {"title": f"{TITLE} in 2019"},
        {"year": 2024},
        {"year": 2022, "byline": ("ada lovelace", "wei wang")},
        {"byline": ("wei wang", "li chen")},
        {"type": "dataset"},
        {"identifiers": frozenset({("arxiv", "2001.00002")})},
    ],
)
def test_another_work_however_alike(changes):
    assert not same_work(PREPRINT, replace(ARTICLE, **changes))
    assert not same_work(replace(ARTICLE, **changes), PREPRINT)


@pytest.mark.parametrize("title", ["Introduction", "Author Index", "Briefly Noted", "Editorial", "Table of Contents", "Book Reviews"])
def test_titles_that_say_nothing_never_join(title: str):
    assert not same_work(replace(PREPRINT, title=title), replace(ARTICLE, title=title))


def test_two_articles_of_one_title_are_two_and_a_preprint_years_on_is_none():
    assert not same_work(ARTICLE, replace(ARTICLE, identifiers=frozenset({("doi", "10.1000/y")})))
    assert not same_work(replace(ARTICLE, identifiers=frozenset()), replace(ARTICLE, identifiers=frozenset(), year=2022))
    assert same_work(ARTICLE, replace(ARTICLE, identifiers=frozenset({("doi", "10.1101/y")})))
