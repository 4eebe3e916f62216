"""BZPEER records: our own JSON Lines, one work a line. The format of dumps, of the sample corpus, and of whatever somebody converts for us.

docs/importing.md shows it, docs/bzpeer-record.schema.json describes it. `works.importers.record.to_json` writes it in full; this reader
also takes what people write by hand (authors as plain names; registry, key and asserted_by left out) and says exactly what it does not
understand.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from works.identifiers import normalise
from works.importers.checks import RELATIONS, SCHEME
from works.importers.json_source import parse_json
from works.importers.record import (
    Identifier,
    ImportedAffiliation,
    ImportedAuthor,
    ImportedSource,
    ImportedTopic,
    ImportedWork,
    InvalidRecord,
    Rejection,
    Relation,
)
from works.names import fold

LONGEST_LINE = 4 * 1024 * 1024  # bytes; a work of 5,000 authors with two affiliations each has under 3 MB

WORK_TEXTS = (
    "registry", "key", "title", "type", "asserted_by", "published_on", "abstract", "language", "notice", "version", "updated", "volume",
    "issue", "pages", "publisher",
)  # fmt: skip
WORK_LISTS = ("identifiers", "authors", "topics", "references", "relations")
AFFILIATION_TEXTS = ("raw", "name", "country", "kind", "asserted_by")
WORK_FIELDS = (*WORK_TEXTS, *WORK_LISTS, "year", "is_byline_cut", "source")


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """Every record in `stream`, or a rejection that says where in `name` it stands and what is wrong with it.

    JSON Lines, gzip or not; a JSON array of records is read too. Raises nothing for any bytes; OSError passes.
    """
    yield from parse_json(stream, name=name, read=read_work, key_of=key_of, longest_line=LONGEST_LINE)


def key_of(item: Any) -> str:
    return str(item.get("key") or item.get("title") or "") if isinstance(item, dict) else ""


def read_work(item: Any) -> ImportedWork:
    """The record of one line; InvalidRecord with the field's name and what it should be."""
    known_fields(item, WORK_FIELDS, "a record")
    texts = {name: text(item, name) for name in WORK_TEXTS if name in item}
    if not texts.get("title", "").strip():
        raise InvalidRecord("title is missing")
    if "type" not in texts:
        raise InvalidRecord("type is missing: article, preprint, conference-paper, …")
    identifiers = pairs(item, "identifiers")
    authors = tuple(read_author(value, position) for position, value in enumerate(listed(item, "authors"), start=1))
    year = item.get("year")
    if year is not None and (not isinstance(year, int) or isinstance(year, bool)):
        raise InvalidRecord(f"year must be a whole number, such as 2022, or be left out; it is {shown(year)}")
    fields: dict[str, Any] = {"registry": "bzpeer", "asserted_by": "converted", **texts}
    fields["key"] = texts.get("key") or default_key(identifiers, texts["title"], authors, year)
    return ImportedWork(
        **fields,
        year=year,
        is_byline_cut=yes_or_no(item, "is_byline_cut", default=False),
        identifiers=identifiers,
        authors=authors,
        source=read_source(item.get("source")),
        topics=tuple(read_topic(value, place) for place, value in enumerate(listed(item, "topics"), start=1)),
        references=pairs(item, "references"),
        relations=relations(item),
    )


def default_key(identifiers: tuple[Identifier, ...], title: str, authors: tuple[ImportedAuthor, ...], year: int | None) -> str:
    """The first identifier; without any, a hash of title, first author and year: the same record has the same key when it comes again."""
    if identifiers:
        return ":".join(identifiers[0])
    facts = (fold(title), fold(authors[0].name) if authors else "", str(year or ""))
    return "hash:" + hashlib.blake2b("\x1f".join(facts).encode(errors="replace"), digest_size=12).hexdigest()


def read_author(item: Any, position: int) -> ImportedAuthor:
    where = f"author {position}"
    if isinstance(item, str):
        return ImportedAuthor(raw_name=item, name=item)
    known_fields(item, ("raw_name", "name", "is_person", "identifiers", "affiliations", "is_orcid_authenticated"), where)
    name = text(item, "name", where) if "name" in item else text(item, "raw_name", where)
    return ImportedAuthor(
        raw_name=text(item, "raw_name", where) if "raw_name" in item else name,
        name=name,
        is_person=yes_or_no(item, "is_person", default=True, where=where),
        identifiers=pairs(item, "identifiers", where),
        affiliations=tuple(read_affiliation(value, f"an affiliation of {where}") for value in listed(item, "affiliations", where)),
        is_orcid_authenticated=yes_or_no(item, "is_orcid_authenticated", default=False, where=where),
    )


def read_affiliation(item: Any, where: str) -> ImportedAffiliation:
    if isinstance(item, str):
        return ImportedAffiliation(raw=item)
    known_fields(item, (*AFFILIATION_TEXTS, "identifiers"), where)
    texts: dict[str, Any] = {name: text(item, name, where) for name in AFFILIATION_TEXTS if name in item}
    raw = texts.pop("raw", "") or texts.get("name", "")
    if not raw.strip():
        raise InvalidRecord(f"{where} has neither raw nor name")
    return ImportedAffiliation(raw=raw, identifiers=pairs(item, "identifiers", where), **texts)


def read_source(item: Any) -> ImportedSource | None:
    if item is None:
        return None
    known_fields(item, ("name", "kind", "identifiers"), "source")
    return ImportedSource(
        name=text(item, "name", "source"), kind=text(item, "kind", "source"), identifiers=pairs(item, "identifiers", "source")
    )


def read_topic(item: Any, place: int) -> ImportedTopic:
    where = f"topic {place}"
    known_fields(item, ("scheme", "code", "label"), where)
    scheme, code = text(item, "scheme", where), text(item, "code", where)
    if not SCHEME.fullmatch(scheme) or not code.strip():
        raise InvalidRecord(f'{where} needs a scheme of small letters, such as "arxiv", and a code, such as "cs.LG"')
    return ImportedTopic(scheme=scheme, code=code, label=text(item, "label", where) if "label" in item else code)


def known_fields(item: Any, known: tuple[str, ...], where: str) -> None:
    """InvalidRecord unless `item` is an object with no other fields than these."""
    if not isinstance(item, dict):
        raise InvalidRecord(f"{where} must be a JSON object; it is {shown(item)}")
    for name in item:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            raise InvalidRecord(f"{where} has a field {str(name)[:40]!r}, which is not known" + (f"; is {near[0]} meant?" if near else ""))


def text(item: dict[str, Any], name: str, where: str = "") -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise InvalidRecord(
            f"{name}{where and ' of ' + where} " + ("is missing" if name not in item else f"must be a text; it is {shown(value)}")
        )
    return value


def yes_or_no(item: dict[str, Any], name: str, *, default: bool, where: str = "") -> bool:
    value = item.get(name, default)
    if not isinstance(value, bool):
        raise InvalidRecord(f"{name}{where and ' of ' + where} must be true or false; it is {shown(value)}")
    return value


def listed(item: dict[str, Any], name: str, where: str = "") -> list[Any]:
    value = item.get(name, [])
    if not isinstance(value, list):
        raise InvalidRecord(f"{name}{where and ' of ' + where} must be a list; it is {shown(value)}")
    return value


def pairs(item: dict[str, Any], name: str, where: str = "") -> tuple[Identifier, ...]:
    """[["arxiv", "2202.07940"], …], normalised; InvalidRecord names the one that is no identifier of its scheme."""
    found: dict[Identifier, None] = {}
    for pair in listed(item, name, where):
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
            raise InvalidRecord(f'{name}{where and " of " + where} must hold pairs such as ["arxiv", "2202.07940"]; one is {shown(pair)}')
        scheme, value = pair
        if not SCHEME.fullmatch(scheme):
            raise InvalidRecord(
                f"{name}{where and ' of ' + where}: {shown(scheme)} is no scheme: small letters, digits and hyphens, at most 16"
            )
        try:
            found[scheme, normalise(scheme, value)] = None
        except ValueError as error:
            raise InvalidRecord(f"{name}{where and ' of ' + where}: {error}") from None
    return tuple(found)


def relations(item: dict[str, Any]) -> tuple[Relation, ...]:
    """[["is-preprint-of", "doi", "10.1000/x"], …], normalised."""
    found: dict[Relation, None] = {}
    for triple in listed(item, "relations"):
        if not (isinstance(triple, list) and len(triple) == 3 and triple[0] in RELATIONS):
            kinds = ", ".join(sorted(RELATIONS))
            raise InvalidRecord(
                f'relations must hold triples such as ["is-preprint-of", "doi", "10.1000/x"]; kinds are {kinds}; one is {shown(triple)}'
            )
        for scheme, value in pairs({"relations": [triple[1:]]}, "relations"):
            found[triple[0], scheme, value] = None
    return tuple(found)


def shown(value: Any) -> str:
    """A value as the message shows it: short, in JSON's words."""
    names = {dict: "an object", list: "a list", bool: "true" if value is True else "false", type(None): "null"}
    return names.get(type(value)) or repr(value)[:60]
