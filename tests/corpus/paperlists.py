"""Turns the conference paper lists of the sample data into BZPEER records: a corpus of middle size, with every defect that such lists have.

The lists hold what would give the answer away to whoever judges how authors are told apart (platform ids of persons, ORCID iDs),
and what is nobody's business (addresses, gender, home pages). Neither is read here, with one exception: `or_profile`, because the
affiliations of OpenReview venues stand in its order and not in the byline's. Only the name inside such an id is used; the id goes nowhere.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from works.identifiers import normalise
from works.importers.checks import checked
from works.importers.people import clean_name, is_group, name_of_inverted
from works.importers.record import (
    Identifier,
    ImportedAffiliation,
    ImportedAuthor,
    ImportedSource,
    ImportedTopic,
    ImportedWork,
    InvalidRecord,
    Rejection,
    to_json,
)
from works.importers.text import one_line
from works.names import fold

DATA = Path(os.environ.get("BZPEER_SAMPLE_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
FOLDER = DATA / "corpus_paperlists"
REGISTRY = "paperlists"
MOST_TOPICS = 5
# "H. F. M. Van der Loos" is one person; six words without initials and particles are several.
MOST_LONG_WORDS_IN_NAME = 5

VENUES = {
    "3dv": "International Conference on 3D Vision",
    "aaai": "AAAI Conference on Artificial Intelligence",
    "acl": "Annual Meeting of the Association for Computational Linguistics",
    "aistats": "International Conference on Artificial Intelligence and Statistics",
    "colm": "Conference on Language Modeling",
    "corl": "Conference on Robot Learning",
    "cvpr": "IEEE/CVF Conference on Computer Vision and Pattern Recognition",
    "eccv": "European Conference on Computer Vision",
    "iccv": "IEEE/CVF International Conference on Computer Vision",
    "iclr": "International Conference on Learning Representations",
    "icml": "International Conference on Machine Learning",
    "icra": "IEEE International Conference on Robotics and Automation",
    "ijcai": "International Joint Conference on Artificial Intelligence",
    "kdd": "ACM SIGKDD Conference on Knowledge Discovery and Data Mining",
    "naacl": "Annual Conference of the North American Chapter of the Association for Computational Linguistics",
    "nips": "Conference on Neural Information Processing Systems",
    "siggraph": "ACM SIGGRAPH",
    "www": "The Web Conference",
}
OPENREVIEW = frozenset({"3dv", "aistats", "colm", "corl", "iclr", "www"})
# www has lost both or_profile and the empty places of its affiliations, so that nothing says whose they are.
NOT_ALIGNED = frozenset({"www"})
NOT_ACCEPTED = frozenset({"Reject", "Withdraw", "Active"})

FILE_NAME = re.compile(r"(?P<venue>[a-z0-9]+?)(?P<year>(?:19|20)\d\d)\.json\.gz")
BIBTEX_DOI = re.compile(r'\bdoi\s*=\s*[{"]\s*([^}"]+)', re.IGNORECASE)
NOBODY = frozenset({"anonymous", "authors", "withdrawn", ""})
SUFFIX = re.compile(r"(?:jr|sr)\.?", re.IGNORECASE)
FOOTNOTE_MARK = re.compile(r"\(\W*\)|\[\d+\]")
ORGANISATION = re.compile(r"\b(?:agency|institute|university|laboratory)\b.* \b(?:for|of|and)\b", re.IGNORECASE)
BARE_CHARACTER_REFERENCE = re.compile(r"&?#x([0-9A-Fa-f]{2,5});")
CONTACT = re.compile(r"[\s.,;(]*\b(?:corresponding author|phone|tel|telephone|fax|e-?mails?)\b\s*[.:=].*|\S*@.*", re.IGNORECASE | re.DOTALL)
AND_ALSO = re.compile(r"\+(?!\d)")  # "+39" begins a telephone number
NO_AFFILIATION = frozenset({"", "none", "unknown", "n a", "na", "not available", "affiliation not available", "missing", "unaffiliated"})


def convert(folder: Path = FOLDER) -> Iterator[ImportedWork | Rejection]:
    """Every row of every list as a record, or the reason why it is none; in the order of file names, one file in memory at a time."""
    for path in sorted(folder.rglob("*.json.gz")):
        found = FILE_NAME.fullmatch(path.name)
        if not found:
            raise ValueError(f"{path.name} does not say which venue and year it lists")
        venue, year = found["venue"], int(found["year"])
        with gzip.open(path) as stream:
            rows = json.load(stream)
        for number, row in enumerate(rows, start=1):
            key = f"{venue}{year}:{row.get('id') or row.get('pid') or row.get('ssid') or number}"
            try:
                yield work_of(row, venue=venue, year=year, key=key)
            except InvalidRecord as error:
                yield Rejection(place=f"{path.name}: record {number}", reason=str(error), key=key)


def write_jsonl(path: Path, folder: Path = FOLDER) -> int:
    """Writes the records, one a line, and says how many there are."""
    count = 0
    with path.open("wb") as stream:
        for item in convert(folder):
            if isinstance(item, ImportedWork):
                stream.write(orjson.dumps(to_json(item), option=orjson.OPT_SORT_KEYS) + b"\n")
                count += 1
    return count


def work_of(row: dict[str, Any], *, venue: str, year: int, key: str) -> ImportedWork:
    title = unquoted(row["title"])
    if not fold(title):
        raise InvalidRecord("the row has no title")
    accepted = row.get("status") not in NOT_ACCEPTED
    work, _reservations = checked(
        ImportedWork(
            registry=REGISTRY,
            key=key,
            title=title,
            type="conference-paper" if accepted else "preprint",
            asserted_by="converted",
            year=year,
            abstract=unquoted(row.get("abstract") or ""),
            notice="withdrawn" if row.get("status") == "Withdraw" else "",
            identifiers=identifiers_of(row, venue),
            authors=tuple(byline_of(row, venue)),
            source=ImportedSource(name=VENUES[venue], kind="conference")
            if accepted
            else ImportedSource(name="OpenReview", kind="repository"),
            topics=topics_of(row, venue),
        )
    )
    return work


def unquoted(text: str) -> str:
    """On one line, without the quotation marks that wrap some titles and abstracts whole."""
    text = one_line(text)
    while len(text) > 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def identifiers_of(row: dict[str, Any], venue: str) -> tuple[Identifier, ...]:
    """The work's own: DOI, OpenReview forum, ACL Anthology id. Nothing about its authors."""
    found: list[Identifier] = []
    doi = row.get("doi") or ""
    if not doi and (in_bibtex := BIBTEX_DOI.search(row.get("bibtex") or "")):
        doi = in_bibtex[1]
    if doi := "".join(doi.split()):  # some have a space before the number of the chapter
        found.append(("doi", normalise("doi", doi)))
    if venue in OPENREVIEW:
        found.append(("openreview", row["id"]))
    elif venue in {"acl", "naacl"}:
        found.append(("acl", row["id"]))
    return tuple(found)


def topics_of(row: dict[str, Any], venue: str) -> tuple[ImportedTopic, ...]:
    labels = [row.get("primary_area") or "", *re.split(r"[;,]" if venue == "ijcai" else ";", row.get("keywords") or "")]
    topics = {
        code: ImportedTopic(scheme="keyword", code=code, label=one_line(label)) for label in reversed(labels) if (code := fold(label)[:200])
    }
    return tuple(reversed(topics.values()))[:MOST_TOPICS]


def byline_of(row: dict[str, Any], venue: str) -> list[ImportedAuthor]:
    """The authors with the affiliations printed for each. InvalidRecord where the byline names nobody, or cannot be told into names."""
    text = row.get("author") or ""
    if "@" in text:
        raise InvalidRecord("the byline holds an address instead of names")
    slots = once([slot.strip() for slot in text.split("," if venue == "siggraph" else ";")])
    affiliations = affiliations_of(row, slots, venue)
    authors: list[ImportedAuthor] = []
    for slot, printed in zip(slots, affiliations, strict=True):
        if SUFFIX.fullmatch(slot) and authors:
            last = authors[-1]
            authors[-1] = ImportedAuthor(raw_name=f"{last.raw_name} {slot}", name=f"{last.name} {slot}", affiliations=last.affiliations)
            continue
        for raw_name in names_in(slot):
            name = clean_name(FOOTNOTE_MARK.sub("", name_of_inverted(raw_name)))
            if fold(name) not in NOBODY:
                authors.append(ImportedAuthor(raw_name=raw_name, name=name, is_person=not is_organisation(name), affiliations=printed))
    check_byline(authors)
    return authors


def once(slots: list[str]) -> list[str]:
    """A byline that is written down twice, or four times, one time: "A;B;A;B" is A and B."""
    while len(slots) % 2 == 0 and slots[: len(slots) // 2] == slots[len(slots) // 2 :]:
        slots = slots[: len(slots) // 2]
    return slots


def check_byline(authors: list[ImportedAuthor]) -> None:
    if not any(author.is_person for author in authors):
        raise InvalidRecord("the byline names no person")
    if any(author.is_person and sum(len(word) > 2 for word in author.name.split()) > MOST_LONG_WORDS_IN_NAME for author in authors):
        raise InvalidRecord("the byline runs several names together")


def names_in(slot: str) -> list[str]:
    """The names in one slot of a byline: mostly one, now and then several joined by "and" or commas."""
    names = [name.strip() for name in slot.split(" and ")]
    if len(names) > 1 and (ORGANISATION.search(slot) or is_group(slot)):
        names = [slot]
    elif len(names) == 1 and len(parts := [part.strip() for part in slot.split(",")]) > 1 and all(" " in part for part in parts):
        names = parts
    return names


def is_organisation(name: str) -> bool:
    return is_group(name) or bool(ORGANISATION.search(name))


def affiliations_of(row: dict[str, Any], slots: list[str], venue: str) -> list[tuple[ImportedAffiliation, ...]]:
    """What is printed for each slot of the byline; nothing for any of them where it cannot be said whose it is."""
    nothing: list[tuple[ImportedAffiliation, ...]] = [() for _ in slots]
    text = BARE_CHARACTER_REFERENCE.sub(lambda found: chr(int(found[1], 16)), row.get("aff") or row.get("affs") or "")
    printed = [part.strip() for part in text.split(";")]
    if venue in NOT_ALIGNED or not any(printed) or any(part.count("(") != part.count(")") for part in printed):
        return nothing
    if venue in OPENREVIEW:
        places = places_of_profiles(row, slots)
        if len(printed) != len(places):
            return nothing
        for place, part in zip(places, printed, strict=True):
            if place is not None:
                nothing[place] = affiliations_in(part)
        return nothing
    return [affiliations_in(part) for part in printed] if len(printed) == len(slots) else nothing


def places_of_profiles(row: dict[str, Any], slots: list[str]) -> list[int | None]:
    """For each entry of `or_profile` the slot with the same name; the one entry that is left over belongs to the one slot left over."""
    profiles = [profile.strip() for profile in (row.get("or_profile") or "").split(";")]
    keys = [fold(clean_name(slot)) for slot in slots]
    names = [fold(re.sub(r"\d+$", "", profile.removeprefix("~")).replace("_", " ")) for profile in profiles]
    places = [keys.index(name) if keys.count(name) == 1 and names.count(name) == 1 else None for name in names]
    left = [place for place in range(len(slots)) if place not in places]
    if len(left) == 1 and places.count(None) == 1 and len(slots) == len(profiles):
        places[places.index(None)] = left[0]
    return places


def affiliations_in(part: str) -> tuple[ImportedAffiliation, ...]:
    """The affiliations of one author, joined by "+" in the lists, without addresses and telephone numbers."""
    texts = [one_line(CONTACT.sub("", text)).strip(" ,.") for text in AND_ALSO.split(part)]
    return tuple(
        ImportedAffiliation(raw=text) for text in dict.fromkeys(texts) if fold(text) not in NO_AFFILIATION and not text.isdecimal()
    )
