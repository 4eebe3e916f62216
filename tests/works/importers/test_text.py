"""Text fit to store and show; and the examples that stand in the documentation of the modules."""

import doctest
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from works import identifiers
from works.importers import checks, people, text
from works.importers.arxiv import free_text, oai_pmh
from works.importers.openalex import authorship, service
from works.importers.text import one_line, without_heading, without_markup


@pytest.mark.parametrize("module", [identifiers, checks, people, text, free_text, oai_pmh, authorship, service])
def test_examples(module: ModuleType):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


@given(st.text(st.characters(exclude_categories=[])))
def test_one_line_can_be_stored_and_is_settled(given_text: str):
    line = one_line(given_text)
    line.encode()
    assert not set(line) & set("\0\n\r\t\x07\ufeff")
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<i>Eleutheronema tetradactylum,</i>\n      a fish", "Eleutheronema tetradactylum, a fish"),
        ("<jats:sec><jats:title>Background</jats:title><jats:p>We show</jats:p></jats:sec>", "Background We show"),
        ('10<sup>4</sup> <span class="x">m</span>', "104 m"),
        ("<mml:math><mml:mrow><mml:mi>α</mml:mi></mml:mrow></mml:math> decay", "α decay"),
        ("$a<b$ and p<0.05, i<j>k", "$a<b$ and p<0.05, i<j>k"),
        ("GSBAK$^K$ &lt;script&gt; &amp;amp;", "GSBAK$^K$ <script> &amp;"),
    ],
)
def test_markup_becomes_text(marked: str, plain: str):
    assert one_line(without_markup(marked)) == plain


def test_only_a_heading_goes():
    assert without_heading("Abstract. We show") == "We show"
    assert without_heading("Abstract We show") == "We show"
    assert without_heading("Abstract argumentation is") == "Abstract argumentation is"
    assert without_heading("Abstracts of posters") == "Abstracts of posters"
