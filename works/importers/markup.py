r"""Marked-up text with its mathematics kept: MathML becomes TeX between dollar signs, JATS formulas keep the TeX that they carry. Pure.

Only what titles and abstracts use is written out; an element that is not known gives its contents.
"""

import re
from collections.abc import Callable

from lxml import etree

from works.importers.text import one_line, without_markup
from works.importers.xml_records import local_name

LONGEST_FORMULA = 20_000  # characters; a longer one keeps its words only
MATHML = re.compile(r"<(?P<prefix>(?:\w+:)?)math\b[^<>]*>.*?</(?P=prefix)math\s*>", re.DOTALL)
ALTERNATIVES = re.compile(r"<(?:jats:)?alternatives\b[^<>]*>(?P<inside>.*?)</(?:jats:)?alternatives\s*>", re.DOTALL)
TEX_MATH = re.compile(r"<(?:jats:)?tex-math\b[^<>]*>(?P<tex>.*?)</(?:jats:)?tex-math\s*>", re.DOTALL)
TEX_DOCUMENT = re.compile(r"\\begin\{document\}(?P<body>.*?)\\end\{document\}", re.DOTALL)
CDATA = re.compile(r"<!\[CDATA\[(?P<text>.*?)\]\]>", re.DOTALL)
PADDED = re.compile(r"(?<=\()\s+|\s+(?=\))")
FUNCTIONS = frozenset({"sin", "cos", "tan", "log", "ln", "exp", "min", "max", "lim", "det", "dim"})
SIGNS = {"\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u2212": "-", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&"}


def plain_text(text: str) -> str:
    r"""The words of a text with HTML, JATS or MathML in it, and its mathematics as TeX.

    >>> plain_text("Growth of <i>E. coli</i>(\n   <jats:italic>s. l.</jats:italic> ) in H<sub>2</sub>O &amp; heat, p<0.05")
    'Growth of E. coli(s. l.) in H2O & heat, p<0.05'
    >>> plain_text("about 22<mml:math><mml:msup><mml:mn>10</mml:mn><mml:mn>9</mml:mn></mml:msup></mml:math>/L")
    'about 22$10^{9}$/L'
    >>> plain_text(r"<jats:alternatives><jats:tex-math>$$\alpha$$</jats:tex-math><mml:math/></jats:alternatives>")
    '$\\alpha$'
    """
    if "<" in text:
        text = CDATA.sub(lambda found: found["text"], text)
        text = ALTERNATIVES.sub(lambda found: preferred(found["inside"]), text)
        text = TEX_MATH.sub(lambda found: of_tex(found["tex"]), text)
        text = MATHML.sub(lambda found: of_mathml(found.group()), text)
        text = PADDED.sub("", without_markup(text))
    else:
        text = without_markup(text)
    return one_line(text)


def preferred(inside: str) -> str:
    """Of a formula's alternatives, the TeX; else what there is."""
    tex = TEX_MATH.search(inside)
    return tex.group() if tex else inside


def of_tex(tex: str) -> str:
    """A formula as journals deposit it, often as a whole TeX document, between single dollar signs."""
    whole = TEX_DOCUMENT.search(tex)
    body = one_line(whole["body"] if whole else tex).strip("$").strip()
    body = re.sub(r"^\\[(\[]|\\[)\]]$", "", body).strip()
    return f"${body}$" if body else ""


def of_mathml(source: str) -> str:
    """One `math` element as TeX between dollar signs; a single letter or number stays as it is."""
    if len(source) > LONGEST_FORMULA:
        return without_markup(source)
    bare = re.sub(r"<(/?)\w+:", r"<\1", re.sub(r"\sxmlns(?::\w+)?\s*=\s*(\"[^\"]*\"|'[^']*')", "", source))
    bare = re.sub(r"\s\w+:(\w+\s*=)", r" \1", bare)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(bare.encode(errors="replace"), parser)
    if root is None:
        return without_markup(source)
    tex = one_line(tex_of(root))
    return f"${tex}$" if re.search(r"[\\^_]", tex) else tex


def tex_of(element: etree._Element) -> str:
    name = local_name(element)
    if name in {"annotation", "annotation-xml", "mprescripts", "none"} or not name:
        return ""
    parts = [tex_of(child) for child in element]
    if name in WRITTEN and len(parts) >= WRITTEN[name][0]:
        return WRITTEN[name][1](parts)
    if parts:
        return "".join(parts)
    text = "".join(SIGNS.get(sign, sign) for sign in one_line(element.text or ""))
    return f"\\{text} " if name == "mi" and text in FUNCTIONS else rf"\text{{{text}}}" if name == "mtext" and " " in text else text


WRITTEN: dict[str, tuple[int, Callable[[list[str]], str]]] = {
    "msup": (2, lambda parts: f"{parts[0]}^{{{parts[1]}}}"),
    "msub": (2, lambda parts: f"{parts[0]}_{{{parts[1]}}}"),
    "msubsup": (3, lambda parts: f"{parts[0]}_{{{parts[1]}}}^{{{parts[2]}}}"),
    "munder": (2, lambda parts: f"{parts[0]}_{{{parts[1]}}}"),
    "mover": (2, lambda parts: f"{parts[0]}^{{{parts[1]}}}"),
    "munderover": (3, lambda parts: f"{parts[0]}_{{{parts[1]}}}^{{{parts[2]}}}"),
    "mfrac": (2, lambda parts: rf"\frac{{{parts[0]}}}{{{parts[1]}}}"),
    "msqrt": (1, lambda parts: rf"\sqrt{{{''.join(parts)}}}"),
    "mroot": (2, lambda parts: rf"\sqrt[{parts[1]}]{{{parts[0]}}}"),
    "mfenced": (1, lambda parts: f"({','.join(parts)})"),
}
