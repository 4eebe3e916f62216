"""One note of OpenReview as a work. API 1 gives plain values, API 2 wraps each as {"value": …}."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from works.importers.markup import plain_text
from works.importers.record import ImportedAffiliation, ImportedAuthor, ImportedSource, ImportedTopic, ImportedWork, InvalidRecord
from works.names import fold

OPENREVIEW = ImportedSource(name="OpenReview", kind="repository")
JOURNALS = {"TMLR": "Transactions on Machine Learning Research", "DMLR": "Journal of Data-centric Machine Learning Research"}
TILDE_ID = re.compile(r"~\S+?\d+")
NOT_ACCEPTED = re.compile(r"submitted to|under review|reject|withdrawn|desk|submission", re.IGNORECASE)
MARK_OF_VENUE = re.compile(r"\s*\b(?:poster|oral|spotlight|notable top \d+%|conference|regular)\b.*$", re.IGNORECASE)
VENUE_YEAR = re.compile(r"\b(19|20)\d\d\b")
MOST_KEYWORDS = 10


def key_of(note: Any) -> str:
    return str(note.get("forum") or note.get("id") or "") if isinstance(note, dict) else ""


def value_of(content: dict[str, Any], field: str) -> Any:
    value = content.get(field)
    return value.get("value") if isinstance(value, dict) else value


def text_in(content: dict[str, Any], field: str) -> str:
    value = value_of(content, field)
    return value if isinstance(value, str) else ""


def read_note(note: Any) -> ImportedWork:
    """The submission. InvalidRecord for reviews, comments and decisions, and for what is deleted or not public."""
    refuse(note)
    content = note.get("content") or {}
    key = key_of(note)
    venue, venue_id = text_in(content, "venue"), text_in(content, "venueid")
    journal = JOURNALS.get(venue_id.partition("/")[0], "")
    is_accepted = bool(venue) and not NOT_ACCEPTED.search(f"{venue} {venue_id.rpartition('/')[2]}")
    source = OPENREVIEW
    if is_accepted:
        source = ImportedSource(name=journal, kind="journal") if journal else ImportedSource(name=venue_name(venue), kind="conference")
    created = date_of(note.get("pdate") or note.get("odate") or note.get("cdate") or note.get("tcdate"))
    year = VENUE_YEAR.search(venue) if is_accepted else None
    authors = tuple(byline(content))
    return ImportedWork(
        registry="openreview",
        key=key,
        asserted_by="repository",
        type=("article" if journal else "conference-paper") if is_accepted else "preprint",
        title=plain_text(text_in(content, "title")),
        abstract=plain_text(text_in(content, "abstract")),
        year=int(year.group()) if year else int(created[:4]) if created else None,
        published_on=created[:10] if created and not (year and year.group() != created[:4]) else "",
        notice="withdrawn" if is_withdrawn(note, venue_id) else "",
        updated=date_of(note.get("tmdate") or note.get("mdate")),
        identifiers=(("openreview", key),),
        authors=authors,
        is_byline_cut=not authors,
        source=source,
        topics=tuple(keywords(content)),
    )


def refuse(note: Any) -> None:
    if not isinstance(note, dict):
        raise InvalidRecord(f"this is a JSON {type(note).__name__}, not a note of OpenReview")
    if "error" in note:
        raise InvalidRecord(f"OpenReview gives no submission {str(note.get('id') or '')[:60]!r}: {note['error']}")
    if not note.get("id") or not isinstance(note.get("content"), dict):
        raise InvalidRecord("this is no note of OpenReview: it has no id or no content")
    if note.get("replyto"):
        invitations = [note.get("invitation"), *(note.get("invitations") or ())]
        kind = next((str(one).rpartition("/")[2] for one in invitations if one), "reply").replace("_", " ").lower()
        raise InvalidRecord(f"a reply to a submission ({kind[:60]}) is not a work of a researcher")
    if note.get("ddate"):
        raise InvalidRecord("the submission was deleted")
    if "everyone" not in (note.get("readers") or ["everyone"]):
        raise InvalidRecord("the submission is not public")


def is_withdrawn(note: dict[str, Any], venue_id: str) -> bool:
    said = [venue_id, note.get("invitation") or "", *(note.get("invitations") or ())]
    return any("withdrawn" in str(one).lower() for one in said)


def venue_name(venue: str) -> str:
    """The meeting without what a paper was there.

    >>> venue_name("ICLR 2024 poster"), venue_name("NeurIPS 2023 Datasets and Benchmarks Poster"), venue_name("CoRL 2022 Oral")
    ('ICLR 2024', 'NeurIPS 2023 Datasets and Benchmarks', 'CoRL 2022')
    """
    return MARK_OF_VENUE.sub("", venue) or venue


def date_of(milliseconds: Any) -> str:
    """An ISO date and time; "" where none is given.

    >>> date_of(1540035843524), date_of(None)
    ('2018-10-20T11:44:03.524', '')
    """
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool) or milliseconds <= 0:
        return ""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=milliseconds)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def byline(content: dict[str, Any]) -> Iterator[ImportedAuthor]:
    """The authors, if they are shown: before a decision they are "Anonymous", or not there at all.

    Ids stand beside the names in a list of their own; where the two are not of one length, nobody can say whose they are.
    """
    names, ids = value_of(content, "authors") or [], value_of(content, "authorids") or []
    is_aligned = isinstance(ids, list) and len(ids) == len(names)
    for place, author in enumerate(names):
        if isinstance(author, dict):  # newer venues describe each author
            yield of_profile(author)
        elif fold(str(author)) not in {"anonymous", "anonymous authors"}:
            yield ImportedAuthor(raw_name=str(author), name=str(author), identifiers=tuple(profile_id(ids[place] if is_aligned else "")))


def of_profile(author: dict[str, Any]) -> ImportedAuthor:
    name = str(author.get("fullname") or author.get("name") or "")
    institutions = [one for one in author.get("institutions") or () if isinstance(one, dict) and one.get("name")]
    return ImportedAuthor(
        raw_name=name,
        name=name,
        identifiers=tuple(profile_id(author.get("username") or "")),
        affiliations=tuple(ImportedAffiliation(raw=str(one["name"]), country=str(one.get("country") or "")) for one in institutions),
    )


def profile_id(text: Any) -> Iterator[tuple[str, str]]:
    """A profile's id (~First_Last1). E-mail addresses, which stand here where there is no profile, are passed over."""
    if isinstance(text, str) and TILDE_ID.fullmatch(text.strip()) and "@" not in text:
        yield "openreview", text.strip()


def keywords(content: dict[str, Any]) -> Iterator[ImportedTopic]:
    given = value_of(content, "keywords")
    for keyword in (given if isinstance(given, list) else [])[:MOST_KEYWORDS]:
        if isinstance(keyword, str) and (code := fold(keyword)):
            yield ImportedTopic(scheme="keyword", code=code, label=keyword)
