"""Formulas are drawn, and whatever a title holds, nothing but text and MathML reaches the page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from works.mathematics import ATTRIBUTES, ELEMENTS, LENGTHS, to_html, to_plain

HOSTILE = [
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{background:url(//evil.example)}{x}$",
    r"$\class{a\" onload=alert(1) b=\"}{x}$",
    r"<script>alert(1)</script> $x$ </math><script>alert(1)</script>",
    r"\(\mathrm{</mi><script>alert(1)</script>}\)",
    r"\[\unicode{x3c}script\unicode{x3e}\]",
    r"$\rule{1e9em}{1e9em}$",
    r"$&lt;img src=x onerror=alert(1)&gt;$",
    r"$\text{&lt;img src=x onerror=alert(1)&gt;}$",
    "$" + "{" * 5000 + "$",
    "$" + r"\frac{1}{" * 60 + "$",
    r"\def\x{\x\x}$\x$",
    "$$",
    "$\\",
]


def is_harmless(markup: str) -> bool:
    for element in html.fromstring(f"<div>{markup}</div>").iterdescendants():
        if element.tag not in ELEMENTS | {"code"} or not set(element.attrib) <= ATTRIBUTES.keys() | LENGTHS | {"mathvariant"}:
            return False
    return True


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_mathematics_is_harmless(text):
    assert is_harmless(to_html(text))
    assert isinstance(to_plain(text), str)


@given(st.text(alphabet=st.sampled_from("$\\{}()[]<>&\"'_^~ ax1\n\x00é") | st.characters(), max_size=60))
@settings(max_examples=500)
def test_any_text_is_harmless(text):
    assert is_harmless(to_html(text.replace("\x00", "")))
    to_plain(text)


@given(st.text(alphabet=st.characters(exclude_characters="$\\~"), max_size=60))
def test_text_without_tex_is_only_escaped(text):
    assert to_plain(text) == text
    assert html.fromstring(f"<div>{to_html('x' + text)}</div>") is not None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"The process $gg\to\gamma\gamma$", "The process gg→γγ"),
        (r"GSBAK$^K$: ranking", "GSBAK^K: ranking"),
        (r"Di$\mathtt{[M]}$O", "Di[M]O"),
        (r"At \(\sqrt{s}\) 5\% of $5 and $10", "At √(s) 5% of $5 and $10"),
    ],
)
def test_the_plain_twin(text, plain):
    assert to_plain(text) == plain
