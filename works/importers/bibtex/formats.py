"""Every entry of a BibTeX file, each with what it inherits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from works.importers.bibtex.entries import Entry, Strings, read_entry
from works.importers.bibtex.splitting import Piece, split
from works.importers.bibtex.work import read_work
from works.importers.checks import checked, excerpt, rejected
from works.importers.files import BrokenFile, chunks
from works.importers.record import ImportedWork, InvalidRecord, Rejection
from works.importers.typed import Told

# What a part takes from the volume that its `crossref` names, under which of the part's own fields.
INHERITED = {
    "booktitle": ("booktitle", "title"), "year": ("year",), "date": ("date",), "month": ("month",), "journal": ("journal", "journaltitle"),
    "publisher": ("publisher",), "series": ("series",), "issn": ("issn",), "langid": ("langid", "language"),
}  # fmt: skip
MOST_WAITING = 5_000  # parts whose volume has not come yet, and volumes that are remembered
MOST_KEYS = 100_000


class Library:
    """What one file has said so far: its strings, its volumes, the parts that wait for theirs, the keys that were used."""

    def __init__(self) -> None:
        self.strings = Strings()
        self.volumes: dict[str, dict[str, str]] = {}
        self.waiting: dict[str, list[Entry]] = {}
        self.keys: set[str] = set()
        self.told = Told()

    def takes(self, entry: Entry) -> list[Entry]:
        """The entries that are complete now: this one, unless it waits, and those that waited for it."""
        key = entry.key.lower()
        if key in self.keys:
            entry.doubts.append(f"the key {entry.key[:60]} stands twice in the file; both entries are read")
        elif key and len(self.keys) < MOST_KEYS:
            self.keys.add(key)
        ready = []
        if key in self.waiting or (
            "title" in entry.fields and entry.kind in {"proceedings", "book", "collection", "mvbook", "mvproceedings"}
        ):
            if len(self.volumes) < MOST_WAITING:
                self.volumes.setdefault(
                    key, {name: entry.fields[name] for names in INHERITED.values() for name in names if name in entry.fields}
                )
            ready = self.waiting.pop(key, [])
        parent = entry.fields.get("crossref", "").strip().lower()
        if parent and parent not in self.volumes and sum(map(len, self.waiting.values())) < MOST_WAITING:
            self.waiting.setdefault(parent, []).append(entry)
            return [self.inherits(part) for part in ready]
        return [self.inherits(entry)] + [self.inherits(part) for part in ready]

    def inherits(self, entry: Entry) -> Entry:
        parent = entry.fields.get("crossref", "").strip()
        if not parent:
            return entry
        volume = self.volumes.get(parent.lower())
        if volume is None:
            entry.doubts.append(f"crossref {parent[:60]} names no entry of the file")
            return entry
        for name, sources in INHERITED.items():
            found = next((volume[source] for source in sources if volume.get(source)), "")
            if found and not (name in {"year", "month", "date"} and entry.get("year", "date")):
                entry.fields.setdefault(name, found)
        return entry

    def rest(self) -> list[Entry]:
        """The parts whose volume never came."""
        return [self.inherits(entry) for entries in self.waiting.values() for entry in entries]


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """Every entry in `stream` as a record, or as a rejection that says where in `name` it stands and what is wrong with it.

    BibTeX or BibLaTeX, compressed or not; comments and preambles are passed over, strings put in where they are used. Raises nothing for
    any bytes; OSError passes.
    """
    library, last, count = Library(), 0, 0
    try:
        for piece in split(chunks(stream)):
            last, count = piece.line, count + 1
            yield from of_piece(piece, library, name)
        if not count:
            yield from nothing_in(stream, name)
    except BrokenFile as broken:
        yield rejected(f"{name}: after line {last}" if last else name, broken)
    for entry in library.rest():
        yield from of_entry(entry, library, name)


def nothing_in(stream: BinaryIO, name: str) -> Iterator[Rejection]:
    """A word on a file without entries, unless it is empty."""
    if stream.tell():
        yield rejected(name, "there is no BibTeX entry in this file: one begins with @article{ or the like")


def of_piece(piece: Piece, library: Library, name: str) -> Iterator[ImportedWork | Rejection]:
    place = f"{name}:{piece.line}"
    if piece.problem:
        yield rejected(place, piece.problem, raw=piece.body)
        return
    body, doubt = decoded(piece.body)
    try:
        if piece.kind == "string":
            library.strings.define(body)
        elif piece.kind not in {"comment", "preamble"}:
            entry = read_entry(piece.kind, body, piece.line, library.strings)
            entry.doubts += doubt
            for ready in library.takes(entry):
                yield from of_entry(ready, library, name)
    except ValueError as problem:
        yield rejected(place, problem, raw=piece.body)


def decoded(body: bytes) -> tuple[str, list[str]]:
    """The text in UTF-8, else in Windows-1252, which then is said."""
    try:
        return body.decode(), []
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace"), ["the entry is not UTF-8; it is read as Windows-1252"]


def of_entry(entry: Entry, library: Library, name: str) -> Iterator[ImportedWork | Rejection]:
    place = f"{name}:{entry.line}"
    written = f"@{entry.kind}{{{entry.key}"
    try:
        work, reservations = checked(library.told.distinct(read_work(entry)))
    except InvalidRecord as problem:
        yield rejected(place, problem, key=entry.key, raw=written)
        return
    yield work
    for reservation in (*entry.doubts, *reservations):
        yield replace(rejected(place, reservation, key=work.key, raw=excerpt(written)), is_reservation=True)
