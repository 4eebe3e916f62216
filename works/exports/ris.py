"""RIS: tagged lines, one value a line, as reference managers read them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from works.exports.entry import Creator, Entry
from works.exports.names import one_line
from works.identifiers import address

TYPES = {
    "book": "BOOK", "book-chapter": "CHAP", "conference-paper": "CPAPER", "dataset": "DATA", "dissertation": "THES", "preprint": "UNPB",
    "report": "RPRT", "software": "COMP", "other": "GEN",
}  # fmt: skip
LINKED = ("arxiv", "pmid", "pmcid")


def write(entries: Iterable[Entry]) -> Iterator[str]:
    """Each entry as text, from TY to ER. Lines end as the format says, with a carriage return and a line feed."""
    return ("".join(f"{tag}  - {value}\r\n" for tag, value in tags(entry) if value or tag == "ER") + "\r\n" for entry in entries)


def tags(entry: Entry) -> Iterator[tuple[str, str]]:
    kind = TYPES.get(entry.type, "JOUR")
    yield "TY", kind
    yield "ID", entry.key
    yield from (("AU", name_text(creator)) for creator in entry.authors)
    yield "TI", entry.plain_title
    yield ("JO" if kind == "JOUR" else "PB" if kind in {"THES", "RPRT"} else "T2"), one_line(entry.source)
    if kind not in {"THES", "RPRT"}:
        yield "PB", one_line(entry.publisher)
    yield "VL", one_line(entry.volume)
    yield "IS", one_line(entry.issue)
    yield from zip(("SP", "EP"), entry.first_and_last, strict=True)
    yield "PY", str(entry.year or "")
    yield "DA", f"{entry.day:%Y/%m/%d}/" if entry.day else ""
    yield "DO", entry.identifier("doi")
    yield from (("UR", address(scheme, value)) for scheme in LINKED if (value := entry.identifier(scheme)))
    yield "SN", entry.identifier("isbn") if kind == "BOOK" else ""
    yield from (("KW", one_line(topic)) for topic in entry.topics)
    yield "LA", entry.language
    yield "N1", "; ".join(filter(None, (entry.remark, "The list of authors is cut." if entry.is_byline_cut else "")))
    yield "ER", ""


def name_text(creator: Creator) -> str:
    """ "Last, First, Suffix". A comma divides a name, so a group has one at its end only, which says that it is no person.

    >>> name_text(Creator(name="Jan van der Berg Jr.")), name_text(Creator(name="CERN, Geneva", is_person=False))
    ('van der Berg, Jan, Jr.', 'CERN Geneva,')
    """
    if not creator.is_person:
        return f"{one_line(creator.name.replace(',', ' '))},"
    its = creator.parts
    return ", ".join(filter(None, (its.whole_family, its.given, its.suffix)))
