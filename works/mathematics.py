"""Mathematics in titles and abstracts: TeX to MathML for the page, and to plain text for search, feeds and addresses. Pure.

Imported text is data. The converter's tree is written out here, element by element, from a list of what MathML Core knows: whatever else
a formula asks for (links, styles, raw markup) does not reach the page. What cannot be read as mathematics stays readable as TeX.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from pylatexenc.latex2text import LatexNodes2Text

# "$5 and $10" is money: a formula neither begins nor ends with a space, and no digit follows it.
FORMULA = re.compile(
    r"(?<!\\)(?:\$\$(?P<display>[^$]{1,2000})\$\$|\$(?P<dollar>(?:[^$\\\s]|\\.)(?:(?:[^$\\]|\\.){0,1000}?(?:[^$\\\s]|\\.))?)\$(?!\d)"
    r"|\\\((?P<inline>.{1,1000}?)\\\)|\\\[(?P<block>.{1,2000}?)\\\])",
    re.DOTALL,
)
LONGEST, DEEPEST = 1000, 40  # characters, braces: beyond, a formula is shown as TeX

ELEMENTS = frozenset(
    {
        "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mfrac",
        "msqrt", "mroot", "mtable", "mtr", "mtd", "mpadded", "mphantom",
    }
)  # fmt: skip
ATTRIBUTES = {
    "stretchy": {"true", "false"},
    "fence": {"true", "false"},
    "separator": {"true", "false"},
    "accent": {"true", "false"},
    "movablelimits": {"true", "false"},
    "form": {"prefix", "infix", "postfix"},
    "display": {"inline", "block"},
    "displaystyle": {"true", "false"},
}
LENGTH = re.compile(r"-?\d{0,2}(?:\.\d{1,4})?(?:em|ex|px)")
LENGTHS = frozenset({"width", "height", "linethickness"})

# Browsers draw no letter in another alphabet by an attribute; Unicode has the letters themselves. Starts of A, a and 0 in each alphabet.
ALPHABETS = {
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "italic": (0x1D434, 0x1D44E, 0),
    "bold-italic": (0x1D468, 0x1D482, 0),
    "script": (0x1D49C, 0x1D4B6, 0),
    "fraktur": (0x1D504, 0x1D51E, 0),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
    "sans-serif": (0x1D5A0, 0x1D5BA, 0x1D7E2),
    "monospace": (0x1D670, 0x1D68A, 0x1D7F6),
}
# Letters that stood in Unicode before these alphabets came: their places there are empty.
ELSEWHERE = {
    0x1D455: "ℎ", 0x1D49D: "ℬ", 0x1D4A0: "ℰ", 0x1D4A1: "ℱ", 0x1D4A3: "ℋ", 0x1D4A4: "ℐ", 0x1D4A7: "ℒ", 0x1D4A8: "ℳ", 0x1D4AD: "ℛ",
    0x1D4BA: "ℯ", 0x1D4BC: "ℊ", 0x1D4C4: "ℴ", 0x1D506: "ℭ", 0x1D50B: "ℌ", 0x1D50C: "ℑ", 0x1D515: "ℜ", 0x1D51D: "ℨ", 0x1D53A: "ℂ",
    0x1D53F: "ℍ", 0x1D545: "ℕ", 0x1D547: "ℙ", 0x1D548: "ℚ", 0x1D549: "ℝ", 0x1D551: "ℤ",
}  # fmt: skip

TEXT_MACRO = re.compile(r"\\(?:emph|textit|textbf|texttt|textsc|textrm|text|mbox)\{([^{}]*)\}")
ESCAPED_SIGN = re.compile(r"\\([%&_#${}])")
TO_TEXT = LatexNodes2Text(math_mode="text", strict_latex_spaces=True, keep_braced_groups=False)


def to_html(text: str) -> str:
    """`text` as HTML: formulas as MathML, everything else escaped.

    >>> to_html("Bounds on $x<1$ & more")
    'Bounds on <math display="inline"><mrow><mi>x</mi><mo>&lt;</mo><mn>1</mn></mrow></math> &amp; more'
    >>> to_html("It costs $5 and $10"), to_html("<b>")
    ('It costs $5 and $10', '&lt;b&gt;')
    """
    if "$" not in text and "\\" not in text:
        return escape(text)
    return "".join(formula_html(part, is_block) if is_formula else escape(as_text(part)) for part, is_formula, is_block in parts(text))


def to_plain(text: str) -> str:
    r"""`text` without TeX: formulas in the letters and signs of Unicode, where it has them.

    >>> to_plain(r"The $gg\to\gamma\gamma$ channel"), to_plain("GSBAK$^K$"), to_plain("It costs $5")
    ('The gg→γγ channel', 'GSBAK^K', 'It costs $5')
    """
    if "$" not in text and "\\" not in text:
        return text
    return "".join(formula_text(part) if is_formula else as_text(part) for part, is_formula, _ in parts(text))


def parts(text: str) -> Iterator[tuple[str, bool, bool]]:
    """The text in order, as (part, whether it is a formula, whether on lines of its own); delimiters left out."""
    end = 0
    for found in FORMULA.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], False, False
        inner = next(group for group in found.groups() if group is not None)
        yield inner, True, found["display"] is not None or found["block"] is not None
        end = found.end()
    if end < len(text):
        yield text[end:], False, False


def as_text(part: str) -> str:
    r"""The few macros that stand outside formulas in titles and abstracts; any other stays as it is.

    >>> as_text(r"Learning~(ESL) with \emph{large} models, 5\% better")
    'Learning\xa0(ESL) with large models, 5% better'
    """
    if "\\" in part:
        part = ESCAPED_SIGN.sub(r"\1", TEXT_MACRO.sub(r"\1", part))
    return re.sub(r"(?<=\w)~(?=[\w(\\])", "\xa0", part)


@lru_cache(maxsize=8192)
def formula_html(tex: str, is_block: bool) -> str:
    """One formula as MathML; as TeX in a `code` element where it cannot be read."""
    if len(tex) > LONGEST or tex.count("{") > DEEPEST:
        return f"<code>{escape(tex)}</code>"
    try:
        element = convert_to_element(tex, display="block" if is_block else "inline")
    except Exception:  # noqa: BLE001 -- the converter fails in many ways on what is no TeX
        return f"<code>{escape(tex)}</code>"
    return written(element)


@lru_cache(maxsize=8192)
def formula_text(tex: str) -> str:
    if len(tex) > LONGEST or tex.count("{") > DEEPEST:
        return tex
    try:
        text = unicodedata.normalize("NFKC", TO_TEXT.latex_to_text(tex))  # a letter is searched for as itself, in whatever alphabet
        return re.sub(r"\s+", " ", text).strip() or tex
    except Exception:  # noqa: BLE001 -- as above
        return tex


def written(element: Element) -> str:
    """An element and what is in it as markup: only what the lists above name; of anything else, its content."""
    variant = element.get("mathvariant", "")
    text = in_alphabet(unescape(element.text or ""), variant)
    inner = escape(text) + "".join(written(child) + escape(unescape(child.tail or "")) for child in element)
    if element.tag not in ELEMENTS:
        return inner
    attributes = "".join(f' {name}="{value}"' for name, value in element.attrib.items() if is_allowed(name, value))
    if variant == "normal" and element.tag == "mi":
        attributes += ' mathvariant="normal"'
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"


def is_allowed(name: str, value: str) -> bool:
    return value in ATTRIBUTES.get(name, ()) or (name in LENGTHS and LENGTH.fullmatch(value) is not None)


def in_alphabet(text: str, variant: str) -> str:
    """The letters and digits of `text` in one of the mathematical alphabets of Unicode.

    >>> in_alphabet("R3", "double-struck"), in_alphabet("Fx", "script"), in_alphabet("T", "normal")
    ('ℝ𝟛', 'ℱ𝓍', 'T')
    """
    starts = ALPHABETS.get(variant)
    if starts is None:
        return text
    return "".join(in_alphabet_at(char, starts) for char in text)


def in_alphabet_at(char: str, starts: tuple[int, int, int]) -> str:
    for first, start in zip("Aa0", starts, strict=True):
        offset = ord(char) - ord(first)
        if start and 0 <= offset < (10 if first == "0" else 26):
            return ELSEWHERE.get(start + offset, chr(start + offset))
    return char
