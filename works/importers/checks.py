"""The last step of every importer: what a record must be before it may leave its source. Pure.

Lengths are those of the columns in works.models; a text beyond them is cut, and the cut reported.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from works.identifiers import normalise
from works.importers.people import byline
from works.importers.record import (
    Identifier,
    ImportedAffiliation,
    ImportedAuthor,
    ImportedInstitution,
    ImportedSource,
    ImportedTopic,
    ImportedWork,
    InvalidRecord,
    Rejection,
    Relation,
)
from works.importers.text import cut, one_line, storable
from works.mailboxes import digest_of_mailbox
from works.names import fold, printed_addresses, without_addresses

WORK_TYPES = frozenset(
    {
        "article", "book", "book-chapter", "conference-paper", "dataset", "dissertation", "editorial", "letter", "preprint", "report",
        "review", "software", "other",
    }
)  # fmt: skip
SOURCE_KINDS = frozenset({"journal", "conference", "repository", "book-series", "other"})
REGISTRY_KINDS = frozenset({"repository", "publisher", "aggregator", "converted", "typed"})
AFFILIATION_ASSERTERS = frozenset({"", "institution"})
INSTITUTION_NAME_KINDS = frozenset({"name", "label", "alias", "acronym"})
INSTITUTION_RELATIONS = frozenset({"parent", "child", "related", "predecessor", "successor"})
INSTITUTION_STATUS = frozenset({"", "active", "inactive", "withdrawn"})
MOST_INSTITUTION_NAMES = 200
MOST_INSTITUTION_RELATIONS = 500
NOTICES = frozenset({"", "retracted", "withdrawn"})
# What a work may be to another. The first row says that two records may tell of one work in several states.
RELATIONS = frozenset(
    {
        "is-preprint-of", "has-preprint", "is-version-of", "has-version", "is-same-as",
        "corrects", "retracts", "withdraws", "questions",
        "is-corrected-by", "is-retracted-by", "is-withdrawn-by", "is-questioned-by",
    }
)  # fmt: skip

# Bounds on what one record may hold. The longest byline known has 15,025 names; a work's byline position is a 16-bit number.
MOST_AUTHORS = 20_000
MOST_AFFILIATIONS = 50
MOST_MAILBOXES = 5
MOST_TOPICS = 50
MOST_IDENTIFIERS = 50
MOST_REFERENCES = 5_000
MOST_RELATIONS = 100
LONGEST_TITLE = 2_000
LONGEST_ABSTRACT = 50_000
LONGEST_RAW_NAME = 1_000
LONGEST_NAME = 500
LONGEST_AFFILIATION = 2_000
LONGEST_KEY = 400
LONGEST_VOLUME = 60
LONGEST_PAGES = 60
LONGEST_PUBLISHER = 300
LONGEST_EXCERPT = 300
Record = TypeVar("Record")
SCHEME = re.compile(r"[a-z][a-z0-9-]{0,15}")
DASHES = re.compile(r"\s*(?:[‐‑‒–—―−]|-+)\s*")


def excerpt(raw: bytes | str) -> str:
    """The beginning of what could not be read, as text that can be stored and shown."""
    text = raw[: 4 * LONGEST_EXCERPT].decode(errors="replace") if isinstance(raw, bytes) else raw[: 4 * LONGEST_EXCERPT]
    return cut(one_line(text), LONGEST_EXCERPT)


def rejected(place: str, reason: object, *, key: str = "", raw: bytes | str = "") -> Rejection:
    """A rejection whose texts fit their columns."""
    return Rejection(
        place=cut(one_line(place), 300), reason=cut(one_line(str(reason)), 500), key=cut(one_line(key), LONGEST_KEY), excerpt=excerpt(raw)
    )


def each_checked(
    read: Callable[[], ImportedWork], *, place: str, raw: Callable[[], bytes | str], key: Callable[[], str] = str
) -> Iterator[ImportedWork | Rejection]:
    """What `read` makes of one record, checked; or the rejection of that record alone, whatever its structure."""
    return each_sound(lambda: checked(read()), place=place, raw=raw, key=key)


def each_sound(
    read: Callable[[], tuple[Record, list[str]]], *, place: str, raw: Callable[[], bytes | str], key: Callable[[], str] = str
) -> Iterator[Record | Rejection]:
    """The record that `read` gives, and its reservations; or the rejection of that record alone.

    `raw` and `key` are asked only where something must be reported.
    """
    try:
        record, reservations = read()
    except InvalidRecord as error:
        yield rejected(place, error, key=key(), raw=raw())
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        yield rejected(place, f"the record is not built as expected: {type(error).__name__}: {error}", key=key(), raw=raw())
    else:
        yield record
        for reservation in reservations:
            yield replace(rejected(place, reservation, key=getattr(record, "key", "")), is_reservation=True)


def checked(work: ImportedWork) -> tuple[ImportedWork, list[str]]:
    """The record in the form that the import relies on, and what had to be left out of it. InvalidRecord where it cannot be taken in."""
    title = one_line(work.title)
    if not title:
        raise InvalidRecord("the record has no title")
    key = one_line(work.key)
    if not key or len(key) > LONGEST_KEY:
        raise InvalidRecord(f"a record's key must have 1 to {LONGEST_KEY} characters; this one has {len(key)}")
    if not SCHEME.fullmatch(work.registry):
        raise InvalidRecord(f"registry {work.registry[:40]!r} is no name of a registry: small letters, digits and hyphens, at most 16")
    reservations: list[str] = []
    if len(title) > LONGEST_TITLE:
        reservations.append(f"the title has {len(title):,} characters; the first {LONGEST_TITLE:,} are kept")
    abstract = one_line(work.abstract)
    if len(abstract) > LONGEST_ABSTRACT:
        reservations.append(f"the abstract has {len(abstract):,} characters; the first {LONGEST_ABSTRACT:,} are kept")
    authors, is_cut, nameless = byline(work.authors)
    if nameless:
        reservations.append(f"{nameless} of {len(work.authors)} authors have no name and are left out")
    if len(authors) > MOST_AUTHORS:
        reservations.append(f"the byline has {len(authors):,} names; the first {MOST_AUTHORS:,} are kept")
    identifiers = clean_identifiers(work.identifiers, MOST_IDENTIFIERS, reservations)
    own = set(identifiers)
    year = work.year if plausible_year(work.year) else None
    if work.year is not None and year is None:
        reservations.append(f"{work.year} is not a year in which a work can have appeared; the work has no year")
    source = clean_source(work.source, reservations)
    references = clean_identifiers((pair for pair in work.references if pair not in own), MOST_REFERENCES, reservations)
    return (
        replace(
            work,
            key=key,
            title=cut(title, LONGEST_TITLE),
            type=one_of(work.type, WORK_TYPES, "type"),
            asserted_by=one_of(work.asserted_by, REGISTRY_KINDS, "asserted_by"),
            notice=one_of(work.notice, NOTICES, "notice"),
            abstract=cut(abstract, LONGEST_ABSTRACT),
            year=year,
            published_on=iso_date(work.published_on),
            language=language(work.language),
            version=one_line(work.version)[:40],
            updated=one_line(work.updated)[:40],
            identifiers=identifiers,
            authors=tuple(clean_author(author, reservations) for author in authors[:MOST_AUTHORS]),
            is_byline_cut=work.is_byline_cut or is_cut or len(authors) > MOST_AUTHORS,
            source=source,
            topics=clean_topics(work.topics),
            references=tuple(pair for pair in references if pair not in own),
            relations=clean_relations(work.relations, own, reservations),
            **printed_place(work, source, reservations),
        ),
        reservations,
    )


def printed_place(work: ImportedWork, source: ImportedSource | None, reservations: list[str]) -> dict[str, str]:
    """Volume, issue, pages and publisher, clean. A repository has none but the last: what stands there is an address ("abs/2202.07940")."""
    found = {"publisher": printed(work.publisher, LONGEST_PUBLISHER, "the publisher", reservations)}
    if source is not None and source.kind == "repository":
        return found | {"volume": "", "issue": "", "pages": ""}
    return found | {
        "volume": printed(work.volume, LONGEST_VOLUME, "the volume", reservations),
        "issue": printed(work.issue, LONGEST_VOLUME, "the issue", reservations),
        "pages": pages(printed(work.pages, LONGEST_PAGES, "the pages", reservations)),
    }


def printed(text: str, longest: int, what: str, reservations: list[str]) -> str:
    found = one_line(text) if text else ""
    if len(found) > longest:
        reservations.append(f"{what} has {len(found):,} characters; the first {longest} are kept")
    return cut(found, longest)


def pages(text: str) -> str:
    """Pages with a plain hyphen between the first and the last, and the last one whole.

    >>> pages("1025–34"), pages("12 -- 34"), pages("e1-e9"), pages("117"), pages("3-3"), pages("1, 4–6")
    ('1025-1034', '12-34', 'e1-e9', '117', '3', '1, 4-6')
    """
    text = DASHES.sub("-", text).strip("- ")
    first, _, last = text.partition("-")
    if first == last:
        return first
    if first.isdecimal() and last.isdecimal() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return f"{first}-{last}" if last else first


def checked_institution(item: ImportedInstitution) -> tuple[ImportedInstitution, list[str]]:
    """The organisation in the form that the import relies on, and what had to be left out. InvalidRecord where it cannot be taken in."""
    name = cut_name(one_line(item.name))
    if not fold(name):
        raise InvalidRecord("the organisation has no name")
    reservations: list[str] = []
    country = item.country.strip().upper()
    names: dict[tuple[str, str], tuple[str, str]] = {("name", fold(name)): ("name", name)}
    for kind, text in item.names:
        other = cut_name(one_line(text))
        if fold(other):
            names.setdefault((one_of(kind, INSTITUTION_NAME_KINDS, "a name's kind"), fold(other)), (kind, other))
    relations: dict[Relation, None] = {}
    for kind, scheme, value in item.relations:
        for pair in clean_identifiers([(scheme, value)], 1, reservations):
            relations[one_of(kind, INSTITUTION_RELATIONS, "a relation's kind"), *pair] = None
    return (
        replace(
            item,
            name=name,
            country=country if re.fullmatch("[A-Z]{2}", country) else "",
            city=one_line(item.city)[:200],
            kind=one_line(item.kind)[:32],
            status=one_of(item.status, INSTITUTION_STATUS, "status"),
            identifiers=clean_identifiers(item.identifiers, MOST_IDENTIFIERS, reservations),
            names=tuple(names.values())[:MOST_INSTITUTION_NAMES],
            relations=tuple(relations)[:MOST_INSTITUTION_RELATIONS],
        ),
        reservations,
    )


def cut_name(name: str, limit: int = LONGEST_NAME) -> str:
    """At most `limit` characters of `name`, as it is written and as it is folded: "æ" is two letters there, and some signs are eighteen.

    >>> len(cut_name("Æ" * 490)) <= 250, cut_name("Ælfric")
    (True, 'Ælfric')
    """
    short = cut(name, limit)
    while not short.isascii() and len(fold(short)) > limit:
        short = cut(short, len(short) // 2)
    return short


def one_of(value: str, known: frozenset[str], field: str) -> str:
    if value not in known:
        raise InvalidRecord(f"{field} {value[:40]!r} is not known; it is one of: {', '.join(sorted(known - {''}))}")
    return value


def plausible_year(year: int | None) -> bool:
    """From the year 1000 to the one after next: registries announce works ahead of their date, and mistype years."""
    return year is not None and 1000 <= year <= dt.datetime.now(tz=dt.UTC).year + 2


def iso_date(text: str) -> str:
    """The date in front of `text` as 2024-02-29; "" where there is none that a calendar and `plausible_year` know.

    >>> iso_date("2017-07-27T08:18:33Z"), iso_date("2024-02-30"), iso_date("2024")
    ('2017-07-27', '', '')
    """
    try:
        date = dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return ""
    return date.isoformat() if plausible_year(date.year) else ""


def language(text: str) -> str:
    """A language tag of at most 8 characters ("en", "pt-BR"), else ""."""
    tag = text.strip()
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?", tag) else ""


def clean_identifiers(pairs: Iterable[Identifier], most: int, reservations: list[str]) -> tuple[Identifier, ...]:
    """Each pair normalised and once, in order; what is no identifier of its scheme is left out and reported."""
    found: dict[Identifier, None] = {}
    for scheme, value in pairs:
        if not SCHEME.fullmatch(scheme):
            reservations.append(f"{scheme[:40]!r} is no scheme of identifiers: small letters, digits and hyphens, at most 16; left out")
            continue
        try:
            normalised = one_line(normalise(scheme, storable(value)))
        except ValueError as error:
            reservations.append(f"{scheme}: {error}; left out")
            continue
        if len(normalised) > 400:
            reservations.append(f"{scheme}: an identifier of {len(normalised)} characters is left out")
        elif normalised:
            found[scheme, normalised] = None
    if len(found) > most:
        reservations.append(f"{len(found):,} identifiers of one kind stand here; the first {most:,} are kept")
    return tuple(found)[:most]


def clean_relations(relations: Iterable[Relation], own: set[Identifier], reservations: list[str]) -> tuple[Relation, ...]:
    """Each relation once, in order, its identifier normalised; none to the work itself."""
    found: dict[Relation, None] = {}
    for kind, scheme, value in relations:
        one_of(kind, RELATIONS, "a relation's kind")
        for other in clean_identifiers([(scheme, value)], 1, reservations):
            if other not in own:
                found[kind, *other] = None
    return tuple(found)[:MOST_RELATIONS]


def clean_author(author: ImportedAuthor, reservations: list[str]) -> ImportedAuthor:
    """`author`, whose name `byline` has cleaned, with everything else about it clean too."""
    if len(author.name) > LONGEST_NAME:
        reservations.append(f"a name of {len(author.name):,} characters is cut: {author.name[:60]}…")
    affiliations = tuple(clean_affiliation(item, reservations) for item in author.affiliations if one_line(item.raw or item.name))
    if any(item.mailboxes for item in affiliations):
        affiliations = with_printed_lines(affiliations)
    if len(affiliations) > MOST_AFFILIATIONS:
        reservations.append(f"{author.name[:60]} has {len(affiliations)} affiliations; the first {MOST_AFFILIATIONS} are kept")
    return replace(
        author,
        raw_name=cut(storable(author.raw_name).strip() or author.name, LONGEST_RAW_NAME),
        name=cut_name(author.name),
        identifiers=author.identifiers and clean_identifiers(author.identifiers, MOST_IDENTIFIERS, reservations),
        affiliations=tuple(dict.fromkeys(affiliations))[:MOST_AFFILIATIONS],
    )


def with_printed_lines(affiliations: tuple[ImportedAffiliation, ...]) -> tuple[ImportedAffiliation, ...]:
    """Those of which more than an e-mail address was printed. The mailbox of one that was nothing else belongs to the last of them."""
    lines = [item for item in affiliations if item.raw]
    if not lines:
        return ()
    *others, last = lines
    alone = [mailbox for item in affiliations if not item.raw for mailbox in item.mailboxes]
    return *others, replace(last, mailboxes=tuple(dict.fromkeys([*last.mailboxes, *alone]))[:MOST_MAILBOXES])


def clean_affiliation(item: ImportedAffiliation, reservations: list[str]) -> ImportedAffiliation:
    country = item.country.strip().upper()
    """What is printed, without e-mail addresses: nobody is shown them. Their digests stay, for whoever can prove that one is theirs."""
    name, line = cut_name(one_line(item.name)), one_line(item.raw)
    printed = without_addresses(line)
    return ImportedAffiliation(
        raw=cut(printed or name, LONGEST_AFFILIATION),
        name=name,
        country=country if re.fullmatch("[A-Z]{2}", country) else "",
        kind=one_line(item.kind)[:32],
        identifiers=item.identifiers and clean_identifiers(item.identifiers, MOST_IDENTIFIERS, reservations),
        asserted_by=one_of(item.asserted_by, AFFILIATION_ASSERTERS, "an affiliation's asserted_by"),
        mailboxes=tuple(digest_of_mailbox(address) for address in printed_addresses(line)[:MOST_MAILBOXES]),
    )


def clean_source(source: ImportedSource | None, reservations: list[str]) -> ImportedSource | None:
    name = cut_name(one_line(source.name)) if source else ""
    if source is None or not name:
        return None
    kind = one_of(source.kind, SOURCE_KINDS, "the source's kind")
    return ImportedSource(name=name, kind=kind, identifiers=clean_identifiers(source.identifiers, MOST_IDENTIFIERS, reservations))


def clean_topics(topics: Iterable[ImportedTopic]) -> tuple[ImportedTopic, ...]:
    """Each topic once, in order; those without a code or a scheme go."""
    found: dict[tuple[str, str], ImportedTopic] = {}
    for topic in topics:
        code = one_line(topic.code)[:200]
        if code and SCHEME.fullmatch(topic.scheme):
            found.setdefault(
                (topic.scheme, code), ImportedTopic(scheme=topic.scheme, code=code, label=cut(one_line(topic.label) or code, 300))
            )
    return tuple(found.values())[:MOST_TOPICS]
