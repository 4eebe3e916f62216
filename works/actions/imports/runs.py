"""Import runs: asked for, begun, gone on with after an interruption, finished.

A run goes batch by batch. Each batch commits its rows, its counts and the place to go on from in one transaction, so that a run
that was killed anywhere goes on where it stopped, and ends with the rows of a run that was not.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from works.actions.attribution import settle
from works.actions.imports.batch import Tally, take_in
from works.actions.imports.institutions import take_in_institutions
from works.actions.imports.listed import take_in_listed
from works.importers.files import open_stream
from works.importers.http import Client, Pace, RegistryUnavailable
from works.importers.record import ImportedInstitution, ImportedItem, ImportedWork, Rejection
from works.importers.sources import SOURCES, is_live
from works.models import ImportRun, RejectedRecord, UnsettledBlock
from works.signals import authorships_changed, import_requested

logger = logging.getLogger(__name__)

BATCH_WORKS = 1000
BATCH_AUTHORSHIPS = 20_000
RUN_LOCK = 5_317_002  # (RUN_LOCK, run id): held while a process works on the run
OPEN_LOCK = 5_317_004  # (OPEN_LOCK, fingerprint): held while a run for a request is looked for or made
REGISTRY_LOCK = 5_317_003  # (REGISTRY_LOCK, source): registries allow one connection at a time
FINGERPRINT_EDGE = 1 << 20

Item = ImportedItem | Rejection


class ImportImpossible(ValueError):
    """The import cannot be begun. The message says why, for the person who asked for it."""


def request_import(*, source: str, files: Sequence[str] = (), ids: Sequence[str] = (), query: str = "", by: str) -> ImportRun:
    """Ask for an import by a worker; the run to look at. ImportImpossible where the request makes no sense."""
    with transaction.atomic():
        run = open_run(source=source, files=files, ids=ids, query=query, by_worker=True, by=by)
        import_requested.send(sender=ImportRun, run_id=run.pk)
    return run


def open_run(
    *, source: str, files: Sequence[str] = (), ids: Sequence[str] = (), query: str = "", by_worker: bool = False, by: str
) -> ImportRun:
    """The run for this request: one that was begun and interrupted, if there is one for the same files or query, else a new one."""
    if source not in SOURCES:
        raise ImportImpossible(f"There is no source {source!r}; there are {', '.join(SOURCES)}.")
    if not (files or ids or query):
        raise ImportImpossible("Nothing to import: name files, ids or a query.")
    if not files and not is_live(source):
        raise ImportImpossible(f"{source} has no live service; name files.")
    paths = [Path(file).resolve() for file in files]
    for path in paths:
        if not path.is_file():
            raise ImportImpossible(f"There is no file {os.fsencode(path).decode(errors='replace')}.")
        if not str(path).isprintable():
            raise ImportImpossible("A file's name is not UTF-8, or has signs that cannot be shown: rename it.")
    request = {"files": [str(path) for path in paths], "ids": list(ids), "query": query, "worker": by_worker}
    fingerprint = fingerprint_of(source, paths, ids, query)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT pg_advisory_xact_lock(%s::int, hashtext(%s))", [OPEN_LOCK, fingerprint])
        run = ImportRun.objects.filter(source=source, fingerprint=fingerprint).exclude(status=ImportRun.Status.FINISHED).first()
        if run is None:
            return ImportRun.objects.create(source=source, request=request, fingerprint=fingerprint, requested_by=by)
        if not is_under_way(run):
            run.request = request  # the same bytes may lie under another name now
            run.save(update_fields=["request"])
        return run


def fingerprint_of(source: str, paths: Sequence[Path], ids: Sequence[str], query: str) -> str:
    """What tells one request from another: the files' sizes and both their ends, not their names; the ids in their order, by which the
    cursor counts; the query."""
    digest = hashlib.blake2b(repr((source, list(ids), query)).encode(), digest_size=32)
    for path in paths:
        size = path.stat().st_size
        with path.open("rb") as file:
            digest.update(f"{size}:".encode() + file.read(FINGERPRINT_EDGE))
            file.seek(max(0, size - FINGERPRINT_EDGE))
            digest.update(file.read(FINGERPRINT_EDGE))
    return digest.hexdigest()


def run_import(*, run_id: int, on_batch: Callable[[ImportRun], None] | None = None, seconds: float | None = None) -> ImportRun:
    """Work on a run until it is finished, failed, or `seconds` are over (then it is to be gone on with).

    `on_batch` is called after each commit. A run that another process works on is returned as it is.
    """
    run = ImportRun.objects.get(pk=run_id)
    if run.status == ImportRun.Status.FINISHED or not try_lock(RUN_LOCK, run.pk):
        return run
    until = time.monotonic() + seconds if seconds else None
    try:
        begin(run)
        for cursor, items in batches(run):
            commit_batch(run, cursor, items)
            if on_batch:
                on_batch(run)
            if until and time.monotonic() > until:
                return run
        settle(seconds=until - time.monotonic() if until else None, on_step=lambda _: beat(run))
        if until and time.monotonic() > until and UnsettledBlock.objects.exists():
            return run
        ImportRun.objects.filter(pk=run.pk).update(status=ImportRun.Status.FINISHED, finished_at=timezone.now())
        remove_uploads(run)
    except (RegistryUnavailable, OSError, DataError, IntegrityError) as error:
        ImportRun.objects.filter(pk=run.pk).update(status=ImportRun.Status.FAILED, error=str(error)[:2000], finished_at=timezone.now())
    finally:
        with contextlib.suppress(OperationalError, InterfaceError):  # a connection that is gone has taken its locks with it
            unlock(RUN_LOCK, run.pk)
    run.refresh_from_db()
    logger.info("Import %s from %s %s: %s", run.pk, run.source, run.status, summary_of(run))
    return run


def beat(run: ImportRun) -> None:
    """Say that somebody works on the run."""
    ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())


def remove_uploads(run: ImportRun) -> None:
    """Files that were uploaded for this run are not needed any more; files that lay where they lie are somebody's own."""
    uploads = Path(settings.MEDIA_ROOT) / "imports"
    for file in run.request["files"]:
        if Path(file).parent == uploads:
            Path(file).unlink(missing_ok=True)


def summary_of(run: ImportRun) -> str:
    return ", ".join(f"{name} {getattr(run, name)}" for name in ("read", "new", "changed", "unchanged", "merged", "rejected"))


def begin(run: ImportRun) -> None:
    """Note that the run is under way; after an interruption, that it is again. Postgres is to notice soon if this process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SET client_connection_check_interval = '1s'")
    ImportRun.objects.filter(pk=run.pk).update(
        status=ImportRun.Status.RUNNING,
        started_at=run.started_at or timezone.now(),
        heartbeat_at=timezone.now(),
        finished_at=None,
        error="",
    )
    run.refresh_from_db()


def batches(run: ImportRun) -> Iterator[tuple[dict[str, object], list[tuple[str, Item]]]]:
    """The batches that are still to be taken in, each with the cursor that stands once it is: {"piece", "items"} counts whole files
    or pages and the items read of the next one; {"after"} is the registry's own page token.
    """
    for cursor, name, stream in pieces(run):
        done = int(cursor["items"])
        batch: list[tuple[str, Item]] = []
        authorships = 0
        count = 0
        for count, item in enumerate(SOURCES[run.source].parse(stream, name=name), start=1):
            if count <= done:
                continue
            batch.append((f"{name}: record {count}", item))
            authorships += len(item.authors) if isinstance(item, ImportedWork) else 0
            if len(batch) >= BATCH_WORKS or authorships >= BATCH_AUTHORSHIPS:
                yield {**cursor, "items": count}, batch
                batch, authorships = [], 0
        yield {"piece": int(cursor["piece"]) + 1, "items": 0, "after": cursor.get("next", "")}, batch


def pieces(run: ImportRun) -> Iterator[tuple[dict[str, Any], str, BinaryIO]]:
    """The files or pages that are still to be read: where each stands, its name for messages, its bytes."""
    first = int(run.cursor.get("piece", 0))
    items = int(run.cursor.get("items", 0))
    files = run.request["files"]
    for piece in range(first, len(files)):
        path = Path(files[piece])
        with open_stream(path) as stream:
            yield {"piece": piece, "items": items if piece == first else 0}, path.name, stream
    if files:
        return
    after = str(run.cursor.get("after", ""))
    if first and not after:
        return
    wait_for_lock(REGISTRY_LOCK, list(SOURCES).index(run.source))
    try:
        pages = SOURCES[run.source].fetch(ids=run.request["ids"], query=run.request["query"], after=after, client=client())
        for piece, (page, following) in enumerate(pages, start=first):
            yield (
                {"piece": piece, "items": items if piece == first else 0, "after": after, "next": following},
                f"page {piece + 1}",
                BytesIO(page),
            )
            after = following
    finally:
        unlock(REGISTRY_LOCK, list(SOURCES).index(run.source))


def client() -> Client:
    """How this site introduces itself to registries, and where they are."""
    return Client(
        site_url=settings.SITE_URL,
        contact_email=settings.CONTACT_EMAIL,
        arxiv_api_url=settings.ARXIV_API_URL,
        arxiv_oai_url=settings.ARXIV_OAI_URL,
        openalex_api_url=settings.OPENALEX_API_URL,
        openalex_api_key=settings.OPENALEX_API_KEY,
        crossref_api_url=settings.CROSSREF_API_URL,
        orcid_api_url=f"{settings.ORCID_API_URL}/v3.0",
        openreview_api_url=settings.OPENREVIEW_API_URL,
        ror_api_url=settings.ROR_API_URL,
        dblp_api_url=settings.DBLP_API_URL,
        acl_anthology_url=settings.ACL_ANTHOLOGY_URL,
        pubmed_api_url=settings.PUBMED_API_URL,
        pubmed_api_key=settings.PUBMED_API_KEY,
        pace=Pace(attempts=settings.REGISTRY_ATTEMPTS),
    )


def commit_batch(run: ImportRun, cursor: dict[str, object], items: Sequence[tuple[str, Item]]) -> None:
    """One transaction: the records, what was rejected, the counts, the place to go on from; and the announcement."""
    works = [(place, item) for place, item in items if isinstance(item, ImportedWork)]
    institutions = [item for _, item in items if isinstance(item, ImportedInstitution)]
    listed = [(place, item) for place, item in items if not isinstance(item, ImportedWork | ImportedInstitution | Rejection)]
    rejections = [item for _, item in items if isinstance(item, Rejection)]
    with transaction.atomic():
        tally = take_in(works, run_id=run.pk) if works else Tally()
        if institutions:
            tally.add(take_in_institutions(institutions))
        if listed:
            tally.add(take_in_listed(listed))
        rejections += tally.rejections
        rejected = sum(not rejection.is_reservation for rejection in rejections)
        RejectedRecord.objects.bulk_create(
            RejectedRecord(
                run=run,
                place=rejection.place[:300],
                key=rejection.key[:400],
                reason=rejection.reason[:500],
                excerpt=rejection.excerpt[:500],
                is_reservation=rejection.is_reservation,
            )
            for rejection in (*rejections, *tally.reservations)
        )
        ImportRun.objects.filter(pk=run.pk).update(
            cursor=cursor,
            read=F("read") + len(works) + len(institutions) + len(listed) - len(tally.rejections) + rejected,
            new=F("new") + tally.new,
            changed=F("changed") + tally.changed,
            unchanged=F("unchanged") + tally.unchanged,
            merged=F("merged") + tally.merged,
            rejected=F("rejected") + rejected,
            heartbeat_at=timezone.now(),
        )
        if tally.author_ids:
            authorships_changed.send(sender=ImportRun, author_ids=sorted(tally.author_ids))
    run.refresh_from_db()


def is_under_way(run: ImportRun, *, patience: float = 0.0) -> bool:
    """Whether a process works on the run: whether its lock is still taken after `patience` seconds.

    A process that was killed leaves its lock to its connection, which Postgres needs a moment to miss.
    """
    until = time.monotonic() + patience
    while not try_lock(RUN_LOCK, run.pk):
        if time.monotonic() >= until:
            return True
        time.sleep(0.2)
    unlock(RUN_LOCK, run.pk)
    return False


def try_lock(kind: int, number: int) -> bool:
    """Take a lock that ends with this connection, if nobody has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", [kind, number])
        return bool(cursor.fetchone()[0])


def wait_for_lock(kind: int, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s::int, %s::int)", [kind, number])


def unlock(kind: int, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", [kind, number])
