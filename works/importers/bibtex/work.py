"""One BibTeX entry as a record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from works.importers.bibtex.dates import read_dates
from works.importers.bibtex.entries import Entry
from works.importers.bibtex.names import read_names
from works.importers.bibtex.tex import plain
from works.importers.record import Identifier, ImportedSource, ImportedWork, InvalidRecord
from works.importers.typed import arxiv_in, identifiers_in, language_of, typed_key

TYPES = {
    "article": "article",
    "inproceedings": "conference-paper",
    "conference": "conference-paper",
    "book": "book",
    "mvbook": "book",
    "booklet": "book",
    "collection": "book",
    "mvcollection": "book",
    "reference": "book",
    "inbook": "book-chapter",
    "bookinbook": "book-chapter",
    "suppbook": "book-chapter",
    "incollection": "book-chapter",
    "suppcollection": "book-chapter",
    "inreference": "book-chapter",
    "phdthesis": "dissertation",
    "mastersthesis": "dissertation",
    "thesis": "dissertation",
    "techreport": "report",
    "report": "report",
    "dataset": "dataset",
    "software": "software",
    "letter": "letter",
    "review": "review",
    "preprint": "preprint",
}
VOLUMES = {"proceedings": "a volume of proceedings is", "mvproceedings": "a volume of proceedings is", "periodical": "a periodical is"}
# Kinds that say nothing of what the work is: there an arXiv id makes it a preprint.
OPEN = frozenset({"article", "unpublished", "misc", "online", "electronic", "www", "techreport", "report", "web_page", "generic"})
# Elsewhere a number is a report's, or a book's in its series.
NUMBERED = frozenset({"article", "inproceedings", "conference", "incollection", "inbook", "review", "letter"})
PREPRINT_VENUE = re.compile(r"arxiv|corr\b|preprint", re.IGNORECASE)
PREPRINT_NOTE = re.compile(r"(?:(?:retracted|withdrawn)\. )?preprint\b", re.IGNORECASE)
WHERE = ("journal", "journaltitle", "booktitle", "volume", "number", "pages")
PMID = re.compile(r"pmid:?\s*\}?\s*(\d{4,9})", re.IGNORECASE)
PMCID = re.compile(r"\bPMC\d{3,9}", re.IGNORECASE)


def read_work(entry: Entry) -> ImportedWork:
    """The work of an entry that has all its fields, inherited ones too. InvalidRecord for volumes of works."""
    if entry.kind in VOLUMES:
        raise InvalidRecord(f"{VOLUMES[entry.kind]} not a work of a researcher")
    title = plain(entry.get("title"))
    if not title:
        raise InvalidRecord(f"the entry @{entry.kind}{{{entry.key} has no title")
    if subtitle := plain(entry.get("subtitle")):
        title = f"{title}: {subtitle}"
    authors = tuple(read_names(entry.get("author", "authors")))
    year, published_on = read_dates(entry.get("date"), entry.get("year"), entry.get("month"), entry.get("day"))
    found = tuple(dict.fromkeys(identifiers(entry)))
    source = source_of(entry, found)
    return ImportedWork(
        registry="bibtex",
        key=typed_key(found, title, *(author.name for author in authors), year, *(entry.get(name) for name in WHERE)),
        asserted_by="typed",
        type=type_of(entry, found),
        title=title,
        abstract=plain(entry.get("abstract")),
        year=year,
        published_on=published_on,
        language=language_of(entry.get("langid", "language")),
        identifiers=found,
        authors=authors,
        source=source,
        volume=plain(entry.get("volume")),
        issue=plain(entry.get("number", "issue")) if entry.kind in NUMBERED else "",
        pages=plain(entry.get("pages", "eid", "articleno")),
        publisher="" if source and source.kind == "repository" else plain(entry.get("publisher")),
    )


def type_of(entry: Entry, found: tuple[Identifier, ...]) -> str:
    venue = entry.get("journaltitle", "journal", "booktitle")
    if entry.kind in OPEN and is_on_arxiv(found) and (not venue or PREPRINT_VENUE.search(venue)):
        return "preprint"
    if entry.kind in {"misc", "online", "unpublished"} and not venue and PREPRINT_NOTE.match(entry.get("note", "pubstate", "howpublished")):
        return "preprint"
    return TYPES.get(entry.kind, "other")


def identifiers(entry: Entry) -> Iterator[Identifier]:
    """Each identifier that the entry gives, the telling ones first. One that is none is reported, except where it was only guessed at."""
    addresses = [entry.get("url"), entry.get("doi"), entry.get("ee"), entry.get("howpublished"), entry.get("bdsk-url-1")]
    if doi := entry.get("doi"):
        yield "doi", tidy(doi)
    archive = entry.get("archiveprefix", "eprinttype", "archive").lower()
    eprint = entry.get("eprint", "arxivid")
    if eprint and (archive == "arxiv" or "arxivid" in entry.fields or not archive):
        yield from (("arxiv", tidy(eprint)),) if archive == "arxiv" else arxiv_in(tidy(eprint))
    elif eprint and archive in {"pubmed", "pmid"}:
        yield "pmid", tidy(eprint)
    venue = entry.get("journaltitle", "journal") + " " + entry.get("volume")
    if "arxiv" in venue.lower() or "corr" in venue.lower():
        yield from arxiv_in(venue.replace("abs/", "arXiv:"))
    yield from identifiers_in(tidy(address) for address in addresses)
    if found := re.search(r"\d{4,9}", entry.get("pmid")) or PMID.search(entry.get("note")[:2000]):
        yield "pmid", found.group(found.lastindex or 0)
    if found := PMCID.search(entry.get("pmcid", "pmc")):
        yield "pmcid", found.group()
    if entry.kind in {"book", "mvbook", "collection"} and (isbn := entry.get("isbn")):
        yield "isbn", tidy(isbn)


def tidy(value: str) -> str:
    """An address or a number without the braces and escapes that TeX wants.

    >>> tidy("{10.1007/978-3-319-43283-0\\\\_7}")
    '10.1007/978-3-319-43283-0_7'
    """
    return re.sub(r"\\([_%&#~$^])", r"\1", value).replace("{", "").replace("}", "").replace("\\", "").strip()


def source_of(entry: Entry, found: tuple[Identifier, ...]) -> ImportedSource | None:
    """The journal, proceedings or book; arXiv for what stands nowhere else."""
    pairs: tuple[Identifier, ...] = tuple(("issn", issn) for issn in re.findall(r"\b\d{4}-?\d{3}[\dXx]\b", entry.get("issn"))[:4])
    if journal := plain(entry.get("journaltitle", "journal")):
        if re.match(r"arxiv|corr$", journal, re.IGNORECASE):
            return ImportedSource(name="arXiv", kind="repository")
        return ImportedSource(name=journal, kind="journal", identifiers=pairs)
    if booktitle := plain(entry.get("booktitle", "maintitle")):
        is_conference = entry.kind in {"inproceedings", "conference"}
        return ImportedSource(name=booktitle, kind="conference" if is_conference else "other", identifiers=pairs)
    if type_of(entry, found) != "preprint":
        return None
    where = plain(entry.get("howpublished", "publisher"))
    is_named = where and "://" not in where and not PREPRINT_NOTE.match(where)
    return ImportedSource(name=where if is_named else "arXiv", kind="repository") if is_named or is_on_arxiv(found) else None


def is_on_arxiv(found: tuple[Identifier, ...]) -> bool:
    return any(scheme == "arxiv" for scheme, _ in found)
