"""Reading records without writing them: a few at a time, to be looked at before they are taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import BinaryIO

from works.actions.imports.batch import Fresh, Tally, resolve_works
from works.actions.imports.runs import REGISTRY_LOCK, client, unlock, wait_for_lock
from works.actions.imports.staging import select
from works.importers.record import ImportedWork, Rejection
from works.importers.sources import SOURCES


def read_file(*, source: str, stream: BinaryIO, name: str, most: int) -> list[ImportedWork | Rejection]:
    """The first `most` works and rejections of a file."""
    return list(islice(works_only(SOURCES[source].parse(stream, name=name)), most))


def read_live(*, source: str, ids: Sequence[str], most: int) -> list[ImportedWork | Rejection]:
    """The same of what a registry gives for these ids, by one process at a time. RegistryUnavailable where it does not answer."""
    place = list(SOURCES).index(source)
    wait_for_lock(REGISTRY_LOCK, place)
    try:
        return list(islice(pages(source, ids), most))
    finally:
        unlock(REGISTRY_LOCK, place)


def pages(source: str, ids: Sequence[str]) -> Iterator[ImportedWork | Rejection]:
    for number, (page, _) in enumerate(SOURCES[source].fetch(ids=ids, query="", after="", client=client()), start=1):
        yield from works_only(SOURCES[source].parse(BytesIO(page), name=f"page {number}"))


def works_only(items: Iterable[object]) -> Iterator[ImportedWork | Rejection]:
    return (item for item in items if isinstance(item, ImportedWork | Rejection))


def find_works(records: Sequence[ImportedWork]) -> list[int | None]:
    """The work in which each record would be taken in, by the rules of an import; None for a new one. Four queries."""
    keys = [[its.registry for its in records], [its.key for its in records]]
    known = {
        (registry, key): work
        for registry, key, work in select(
            "SELECT registry, key, work_id FROM works_registryrecord"
            " JOIN unnest(%s::text[], %s::text[]) AS wanted (registry, key) USING (registry, key)",
            keys,
        )
    }
    asked = [
        Fresh(
            id=None,
            work=known.get((record.registry, record.key)),
            content_hash=b"",
            past_hashes=[],
            updated=record.updated,
            version=record.version,
            record=record,
            payload={},
            place="",
        )
        for record in records
    ]
    found = {id(its): work for work, members in resolve_works(asked, Tally())[0].items() for its in members}
    return [work if (work := found[id(its)]) > 0 else None for its in asked]
