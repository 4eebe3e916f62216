"""Works as other programs read them: one module a format, each with `write(entries)` that yields text. Pure: rows become entries in
works.models.exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from works.exports import bibtex, csl, ris, table
from works.exports.entry import Entry


class Format(NamedTuple):
    """label: what a link says. suffix: of the file's name. note: a line that the format can carry before its entries, or None."""

    label: str
    content_type: str
    suffix: str
    write: Callable[[Iterable[Entry]], Iterator[str]]
    note: Callable[[str], str] | None = None


FORMATS = {
    "bibtex": Format("BibTeX", "application/x-bibtex; charset=utf-8", "bib", bibtex.write, bibtex.note),
    "ris": Format("RIS", "application/x-research-info-systems; charset=utf-8", "ris", ris.write),
    "csl": Format("CSL-JSON", "application/vnd.citationstyles.csl+json", "json", csl.write),
    "csv": Format("CSV", "text/csv; charset=utf-8; header=present", "csv", table.write),
}

__all__ = ["FORMATS", "Entry", "Format"]
