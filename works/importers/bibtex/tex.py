r"""TeX in the values of a BibTeX file as Unicode: accents, letters, dashes and quotation marks; mathematics stay. Pure."""

import functools
import logging
import re

from pylatexenc.latex2text import LatexNodes2Text

from works.importers.text import one_line

LONGEST = 10_000  # characters; of a longer text the braces go, and the rest stays as it is
TEX = re.compile(r"\\[^\s{}]")
MATH = re.compile(r"(?<!\\)\$")
LOGOS = re.compile(r"\\((?:La|Bib|Xe|Lua|AmS-?)?TeX)(?![A-Za-z])(?:\{\}|\\ )?")
NAMED_SIGNS = re.compile(r"\\text(braceleft|braceright|asciicircum|quotedbl|less|greater|bar)(?![A-Za-z])(?:\{\}|\s+)?")
SIGNS = {"braceleft": r"\{", "braceright": r"\}", "asciicircum": "^", "quotedbl": '"', "less": "<", "greater": ">", "bar": "|"}
TIES = str.maketrans({"~": "\u00a0"})
WRAPPERS = re.compile(r"\\(?:textsc|textsubscript|textsuperscript|mkbibquote|enquote|href\{[^{}]*\}|url)\s*(?=\{)")


def plain(value: str) -> str:
    r"""The text that TeX would set, on one line.

    >>> plain("B{\\'u}s{\\'a}haldabyltingin : P{\\'o}lit{\\'i}skt jafnr{\\ae}{\\dh}i"), plain("{{Turkey Divided}} between {A} and~B")
    ('Búsáhaldabyltingin : Pólitískt jafnræði', 'Turkey Divided between A and B')
    >>> plain("Production of $\\Sigma^{0}$ {Hyperon} \\& more --- \\textit{in vivo}")
    'Production of $\\Sigma^{0}$ Hyperon & more — in vivo'
    """
    if len(value) <= LONGEST and (TEX.search(value) or MATH.search(value)):
        return one_line(decoded(value))
    bare = value.replace("{", "").replace("}", "").translate(TIES)
    return one_line(bare.replace("---", "—").replace("--", "–").replace("``", "“").replace("''", "”"))


@functools.lru_cache(maxsize=1024)
def decoded(value: str) -> str:
    """What pylatexenc makes of it. What it cannot read stays as it is, without braces."""
    logging.getLogger("pylatexenc").setLevel(logging.ERROR)  # it logs what it mends
    value = NAMED_SIGNS.sub(lambda found: SIGNS[found[1]], value)
    try:
        text: str = LatexNodes2Text(math_mode="verbatim", keep_comments=True).latex_to_text(
            LOGOS.sub(r"{\1}", WRAPPERS.sub("", value)), tolerant_parsing=True
        )
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError):
        return value.replace("{", "").replace("}", "")
    return text
