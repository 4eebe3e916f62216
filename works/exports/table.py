"""CSV by RFC 4180, in UTF-8 without a byte order mark: one line a work. Pure.

A spreadsheet takes a cell that begins with one of = + - @ for a formula and would run what a title says. Such a cell gets an apostrophe
before it, which spreadsheets take for "this is text".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from works.exports.entry import Entry
from works.exports.names import one_line

COLUMNS = (
    "title", "authors", "year", "date", "type", "source", "volume", "issue", "pages", "publisher", "doi", "arxiv", "pmid", "pmcid",
    "topics", "notice", "authors_listed_in_full", "page",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def write(entries: Iterable[Entry]) -> Iterator[str]:
    """The names of the columns, then a line for each entry."""
    yield line(COLUMNS)
    for entry in entries:
        yield line(map(defused, cells(entry)))


def cells(entry: Entry) -> tuple[str, ...]:
    return (
        entry.plain_title,
        "; ".join(one_line(creator.name).replace(";", ",") for creator in entry.authors),
        str(entry.year or ""),
        entry.day.isoformat() if entry.day else "",
        entry.type,
        *(one_line(text) for text in (entry.source, entry.volume, entry.issue, entry.pages.replace("-", "–"), entry.publisher)),
        *(entry.identifier(scheme) for scheme in ("doi", "arxiv", "pmid", "pmcid")),
        "; ".join(one_line(topic).replace(";", ",") for topic in entry.topics),
        entry.remark,
        "no" if entry.is_byline_cut else "yes",
        entry.page,
    )


def defused(cell: str) -> str:
    """
    >>> defused('=HYPERLINK("x")'), defused("-5 °C"), defused("A title"), defused(" =1")
    ('\\'=HYPERLINK("x")', "'-5 °C", 'A title', "' =1")
    """
    return f"'{cell}" if cell.lstrip().startswith(FORMULA) or cell.startswith(FORMULA) else cell


def line(values: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(list(values))
    return out.getvalue()
