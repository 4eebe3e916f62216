"""Which of ORCID's forms a stream has, told by its content, and every work in it."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from works.importers import json_records, xml_records
from works.importers.checks import each_checked, rejected
from works.importers.files import BrokenFile, chunks, from_first_sign
from works.importers.orcid.markup import as_json
from works.importers.orcid.person import Person, read_person
from works.importers.orcid.work import key_of, read_group
from works.importers.record import ImportedWork, InvalidRecord, Rejection

LONGEST_LINE = 16 * 1024 * 1024  # bytes; a record of 10,000 works has some 12 MB
ROOTS = frozenset({"record", "works", "work", "bulk", "activities-summary", "error", "search"})


def parse(stream: BinaryIO, *, name: str) -> Iterator[ImportedWork | Rejection]:
    """One work for each group of each record in `stream`, or a rejection that says where in `name` it stands and what is wrong with it.

    Whole records, lists of works, bulk answers and single works, in JSON (v2, v3, JSON Lines) or XML (v3). Raises nothing for any bytes;
    OSError passes.
    """
    last = ""
    try:
        pieces = from_first_sign(chunks(stream))
        head = next(pieces, b"")
        read = of_xml if head.lstrip()[:1] == b"<" else of_json
        for place, found in read(chain([head], pieces), name):
            last = place
            yield from found
    except BrokenFile as broken:
        yield rejected(f"{name}: after {last.removeprefix(name).lstrip(':')}" if last else name, broken)


def of_json(pieces: Iterator[bytes], name: str) -> Iterator[tuple[str, Iterator[ImportedWork | Rejection]]]:
    for record in json_records.records(pieces, longest_line=LONGEST_LINE, within=("bulk",)):
        place = name + record.place
        yield place, iter([rejected(place, record.problem, raw=record.raw)]) if record.problem else of_record(record.value, place)


def of_xml(pieces: Iterator[bytes], name: str) -> Iterator[tuple[str, Iterator[ImportedWork | Rejection]]]:
    for element in xml_records.records(pieces, roots=ROOTS, ends=ROOTS):
        value = as_json(element)
        for number, item in enumerate(value.get("bulk", [value]), start=1):
            place = f"{name}:entry {number}" if "bulk" in value else name
            yield place, of_record(item, place)


def of_record(value: Any, place: str) -> Iterator[ImportedWork | Rejection]:
    """The works of one record, of one list of works, or the one work that `value` is."""
    try:
        refuse(value)
        groups = groups_of(value)
        person = read_person(value, groups)
    except (InvalidRecord, KeyError, TypeError, ValueError, AttributeError) as error:
        why = error if isinstance(error, InvalidRecord) else f"the record is not built as expected: {type(error).__name__}: {error}"
        yield rejected(place, why, key=str(value.get("orcid") or "") if isinstance(value, dict) else "")
        return
    for number, group in enumerate(groups, start=1):
        yield from of_group(group, person, f"{place}:work {number}" if len(groups) > 1 else place)


def of_group(group: Any, person: Person, place: str) -> Iterator[ImportedWork | Rejection]:
    return each_checked(lambda: read_group(group, person), place=place, raw=lambda: str(group)[:2000], key=lambda: key_of(group, person))


def refuse(value: Any) -> None:
    """InvalidRecord where this is an answer of ORCID's that holds no works."""
    if not isinstance(value, dict):
        raise InvalidRecord(f"this is a JSON {type(value).__name__}, not an ORCID record")
    if "error" in value:
        raise InvalidRecord(f"ORCID gives no record of {str(value.get('orcid') or '')[:60]!r}: {value['error']}")
    if "response-code" in value or "error-code" in value:
        raise InvalidRecord(f"ORCID answers with an error: {value.get('developer-message') or value.get('user-message') or ''}")
    if "num-found" in value:
        raise InvalidRecord("this is a list of search results: ask for the records of the iDs in it")


def groups_of(value: dict[str, Any]) -> list[Any]:
    """The groups of summaries, or the single work as a group of one."""
    activities = value.get("activities-summary") or value
    works = activities.get("works") or activities
    if isinstance(works.get("group"), list):
        return [group.get("work-summary") or [] for group in works["group"]]
    work = value.get("work") or value
    if isinstance(work, dict) and "title" in work:
        return [[work]]
    if "person" in value or "activities-summary" in value:
        return []
    raise InvalidRecord("this is no ORCID record: it has neither works nor a person")
