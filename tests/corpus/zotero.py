"""Compares what the importers of BibTeX, RIS and PubMed read with what Zotero reads in the same files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tests.corpus.paperlists import DATA
from works.importers import bibtex, pubmed, ris
from works.importers.record import ImportedWork
from works.importers.text import without_markup
from works.names import fold

CASES: tuple[tuple[ModuleType, str], ...] = ((bibtex, "bibtex/zotero_cases/*.bib"), (ris, "ris/*.ris"), (pubmed, "pubmed_xml/*.xml"))
AUTHORS = {"author", "programmer", "artist", "inventor", "sponsor", "interviewee", "cartographer", "presenter", "contributor"}
TITLES = ("title", "caseName", "nameOfAct", "subject")

# What differs, and why it shall: (file, what) -> reason.
REASONS = {
    ("zotero_02.bib", "date"): "The part inherits the year of the volume that its crossref names, as BibTeX has it.",
    ("zotero_02.bib", "item"): "A volume of proceedings, with editors alone, is not a work of a researcher.",
    ("zotero_06.bib", "title"): "Mathematics stay TeX.",
    ("zotero_22.bib", "title"): "Mathematics stay TeX.",
    ("zotero_18.bib", "title"): "Three letters stay three letters.",
    ("zotero_01.ris", "date"): "A patent has the date of its issue in a field of its own there.",
    ("zotero_04.ris", "date"): "A template without a date: no year rather than the year 0.",
    ("zotero_04.ris", "item"): "A record without a title is no work.",
    (
        "zotero_04.ris",
        "names",
    ): "Editors, supervisors, composers and performers are not authors; of films and records, the named author is.",
    ("zotero_09.ris", "item"): "A record without a title is no work.",
}


class Difference(NamedTuple):
    file: str
    what: str
    theirs: str
    ours: str
    why: str


def differences() -> list[Difference]:
    """Each way in which a file is read otherwise, once a file and kind, with the first instance."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for source, pattern in CASES:
        for path in sorted(DATA.glob(pattern)):
            for what, theirs, ours in compared(source, path):
                found.setdefault((path.name, what), []).append((theirs, ours))
    return [
        Difference(
            file, what if len(its) == 1 else f"{what} ({len(its)} times)", shown(its[0][0]), shown(its[0][1]), REASONS.get((file, what), "")
        )
        for (file, what), its in found.items()
    ]


def shown(text: str) -> str:
    return (text if len(text) < 90 else text[:88] + "…").replace("|", "/").replace("<", "&lt;") or "–"


def compared(source: ModuleType, path: Path) -> Iterator[tuple[str, str, str]]:
    with path.open("rb") as stream:
        works = [item for item in source.parse(stream, name=path.name) if isinstance(item, ImportedWork)]
    expected: list[dict[str, Any]] = json.loads(path.with_suffix(".expected.json").read_text())
    for item in expected:
        title = title_of(item)
        work = next((one for one in works if fold(one.title) == fold(title)), works[0] if len(expected) == 1 else None)
        if work is None:
            yield "item", f"{item['itemType']}: {title or 'without a title'}", "rejected"
            continue
        if len(expected) > 1:
            works.remove(work)
        yield from compared_item(item, work)


def compared_item(item: dict[str, Any], work: ImportedWork) -> Iterator[tuple[str, str, str]]:
    if fold(title_of(item)) != fold(work.title):
        yield "title", item["title"], work.title
    names = [name_of(creator) for creator in item["creators"] if creator["creatorType"] in AUTHORS]
    ours = [author.name for author in work.authors]
    if list(map(fold, names)) != list(map(fold, ours)):
        yield "names", "; ".join(names), "; ".join(ours)
    date, own = item.get("date") or "", work.published_on or str(work.year or "")
    if not re.match(re.escape(date[: len(own)]) + "$", own) or bool(date) != bool(own):
        yield "date", date, own


def title_of(item: dict[str, Any]) -> str:
    return without_markup(next((item[name] for name in TITLES if item.get(name)), ""))


def name_of(creator: dict[str, str]) -> str:
    return " ".join(filter(None, (creator.get("firstName"), creator.get("lastName"), creator.get("name"))))
