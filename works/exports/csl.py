"""CSL-JSON: what citation processors and Zotero read. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from works.exports.entry import Creator, Entry
from works.exports.names import one_line

TYPES = {
    "book": "book", "book-chapter": "chapter", "conference-paper": "paper-conference", "dataset": "dataset", "dissertation": "thesis",
    "preprint": "article", "report": "report", "software": "software", "other": "document",
}  # fmt: skip
PUBLISHED_BY = frozenset({"article", "dataset", "thesis", "report", "software", "document"})  # types whose source is no container


def write(entries: Iterable[Entry]) -> Iterator[str]:
    """One JSON array, an item a line."""
    opening = "[\n"
    for entry in entries:
        yield opening + json.dumps(item(entry), ensure_ascii=False)
        opening = ",\n"
    yield "\n]\n" if opening == ",\n" else "[]\n"


def item(entry: Entry) -> dict[str, Any]:
    """The entry as one item of the schema, empty fields left out."""
    kind = TYPES.get(entry.type, "article-journal")
    day = entry.day
    parts = [day.year, day.month, day.day] if day else [entry.year] if entry.year else []
    arxiv = entry.identifier("arxiv")
    place = "publisher" if kind in PUBLISHED_BY else "collection-title" if kind == "book" else "container-title"
    found: dict[str, Any] = {
        "id": entry.key,
        "type": kind,
        "title": entry.plain_title,
        "author": [name(creator) for creator in entry.authors],
        "issued": {"date-parts": [parts]} if parts else None,
        "publisher": one_line(entry.publisher),
        "volume": one_line(entry.volume),
        "issue": one_line(entry.issue),
        "page": one_line(entry.pages),
        **({place: one_line(entry.source)} if entry.source else {}),
        "DOI": entry.identifier("doi"),
        "PMID": entry.identifier("pmid"),
        "PMCID": entry.identifier("pmcid"),
        "ISBN": entry.identifier("isbn") if kind == "book" else "",
        "number": f"arXiv:{arxiv}" if arxiv else "",
        "URL": entry.link,
        "language": entry.language,
        "note": entry.remark,
    }
    return {field: value for field, value in found.items() if value}


def name(creator: Creator) -> dict[str, str]:
    """A person in parts, or a group as it stands.

    >>> name(Creator(name="Jan van der Berg Jr.")), name(Creator(name="CERN", is_person=False))
    ({'family': 'Berg', 'given': 'Jan', 'non-dropping-particle': 'van der', 'suffix': 'Jr.'}, {'literal': 'CERN'})
    """
    if not creator.is_person:
        return {"literal": one_line(creator.name)}
    its = creator.parts
    found = {"family": its.family, "given": its.given, "non-dropping-particle": its.particle, "suffix": its.suffix}
    return {field: value for field, value in found.items() if value}
