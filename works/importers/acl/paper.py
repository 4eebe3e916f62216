"""One paper of the ACL Anthology."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from works.importers.people import name_of_parts
from works.importers.record import Identifier, ImportedAffiliation, ImportedAuthor, ImportedSource, ImportedWork, InvalidRecord
from works.importers.text import one_line
from works.importers.xml_records import child, children, local_name, text_of

LANGUAGES = {
    "fra": "fr", "fre": "fr", "zho": "zh", "chi": "zh", "eng": "en", "deu": "de", "spa": "es", "por": "pt", "jpn": "ja", "kor": "ko",
    "rus": "ru", "ita": "it", "ara": "ar", "hin": "hi", "nld": "nl", "vie": "vi",
}  # fmt: skip
# Before 2020 an id is a letter, two digits of the year, a hyphen and four digits: P18-1001, W19-0102.
OLD_COLLECTION = re.compile(r"[A-Z]\d\d")
JOURNALS = {"cl": "Computational Linguistics", "tacl": "Transactions of the Association for Computational Linguistics"}


class Volume:
    """What the `meta` of the volume that is being read says, for all its papers."""

    def __init__(self) -> None:
        self.id = self.year = self.booktitle = self.venue = self.journal = self.volume = self.issue = self.publisher = ""
        self.is_journal = False

    def begin(self, meta: etree._Element) -> None:
        """Of a volume only: an event has a `meta` too."""
        volume = meta.getparent()
        if volume is None or local_name(volume) != "volume":
            return
        self.id = volume_id(volume)
        self.year = text_of(meta, "year")
        self.booktitle = text_of(meta, "booktitle")
        self.venue = text_of(meta, "venue")
        self.journal = text_of(meta, "journal-title")
        self.volume = text_of(meta, "journal-volume")
        self.issue = text_of(meta, "journal-issue")
        self.publisher = text_of(meta, "publisher")
        self.is_journal = volume.get("type") == "journal" or bool(self.journal or self.volume)

    def source(self, paper: etree._Element) -> ImportedSource | None:
        """The journal by its own name, else the volume of proceedings."""
        journal = text_of(paper, "journal") or self.journal or (JOURNALS.get(self.venue, "") if self.is_journal else "")
        if journal:
            return ImportedSource(name=journal, kind="journal")
        return ImportedSource(name=self.booktitle, kind="journal" if self.is_journal else "conference") if self.booktitle else None


def volume_id(volume: etree._Element) -> str:
    collection = volume.getparent()
    return f"{'' if collection is None else collection.get('id', '')} {volume.get('id', '')}"


def key_of(paper: etree._Element) -> str:
    """The Anthology's id of a paper: 2024.naacl-long.1, J89-1001, W19-0101."""
    volume = paper.getparent()
    collection = None if volume is None else volume.getparent()
    if volume is None or collection is None:
        return ""
    return full_id(str(collection.get("id", "")), str(volume.get("id", "")), str(paper.get("id", "")))


def full_id(collection: str, volume: str, paper: str) -> str:
    """
    >>> full_id("2024.naacl", "long", "1"), full_id("J89", "1", "1"), full_id("W19", "1", "2"), full_id("P18", "2", "13")
    ('2024.naacl-long.1', 'J89-1001', 'W19-0102', 'P18-2013')

    Workshops, which are many, have two digits for the volume and two for the paper.
    """
    if not OLD_COLLECTION.fullmatch(collection) or not volume.isdigit() or not paper.isdigit():
        return f"{collection}-{volume}.{paper}"
    if collection.startswith("W") or collection == "C69" or (collection == "D19" and int(volume) >= 5):
        return f"{collection}-{int(volume):02}{int(paper):02}"
    return f"{collection}-{int(volume)}{int(paper):03}"


def read_paper(paper: etree._Element, volume: Volume) -> ImportedWork:
    """The paper of one element; InvalidRecord for one that the Anthology has removed."""
    parent = paper.getparent()
    key = key_of(paper)
    if parent is None or volume_id(parent) != volume.id:
        raise InvalidRecord("the paper stands in no volume that says of itself what it is")
    if (removed := child(paper, "removed")) is not None:
        raise InvalidRecord(f"the Anthology has removed this paper ({removed.get('date', 'without a date')}): {one_line(text_of(removed))}")
    year = volume.year
    language = text_of(paper, "language").lower()
    return ImportedWork(
        registry="acl",
        key=key,
        asserted_by="publisher",
        type="article" if volume.is_journal else "conference-paper",
        title=marked_up(child(paper, "title")),
        abstract=marked_up(child(paper, "abstract")),
        year=int(year) if year.isascii() and year.isdigit() and len(year) < 5 else None,
        language=LANGUAGES.get(language, language),
        notice="" if child(paper, "retracted") is None else "retracted",
        version=version_of(paper),
        identifiers=(("acl", key), *(("doi", text_of(item)) for item in children(paper, "doi"))),
        authors=tuple(read_person(item) for item in children(paper, "author")),
        source=volume.source(paper),
        volume=volume.volume,
        issue=volume.issue or text_of(paper, "issue"),
        pages=text_of(paper, "pages"),
        publisher=volume.publisher,
    )


def version_of(paper: etree._Element) -> str:
    """ "v2" where the paper was revised once."""
    numbers = [int(text) for item in children(paper, "revision") if (text := str(item.get("id", ""))).isascii() and text.isdecimal()]
    return f"v{max(numbers)}" if numbers else ""


def marked_up(element: etree._Element | None) -> str:
    """The words of mixed content. TeX mathematics gets its dollars back, so that it reads as elsewhere; other markup goes."""
    return "" if element is None else one_line("".join(pieces(element)))


def pieces(element: etree._Element) -> Iterator[str]:
    """Without recursion: what a file nests is its own choice."""
    for event, item in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            text = str(item.text or "")
            yield f"${text}$" if local_name(item) == "tex-math" and text and "$" not in text else text
        elif item is not element:
            yield str(item.tail or "")


def read_person(author: etree._Element) -> ImportedAuthor:
    """One author. An explicit id tells people of one name apart; everybody else the Anthology knows by name alone."""
    first, last = text_of(author, "first"), text_of(author, "last")
    return ImportedAuthor(
        raw_name=", ".join(part for part in (last, first) if part),
        name=name_of_parts(last, first),
        identifiers=tuple(identifiers_of(author)),
        affiliations=tuple(ImportedAffiliation(raw=raw) for item in children(author, "affiliation") if (raw := text_of(item))),
    )


def identifiers_of(author: etree._Element) -> Iterator[Identifier]:
    if author.get("id"):
        yield "acl", str(author.get("id"))
    if orcid := str(author.get("orcid", "")) or text_of(author, "orcid"):
        yield "orcid", orcid
