"""Building a slice: rows to graph, graph to payload, payload to the drawing and list that a page shows. For workers only."""

from __future__ import annotations

import contextlib
import json
import logging
from datetime import datetime
from time import perf_counter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import InterfaceError, OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from graph.actions.similar import find_similar
from graph.actions.slices import BUILD_LOCK, GAVE_UP, request_slice
from graph.drawing import render_fragment
from graph.loading.loaders import LOADERS
from graph.models import BUILT, SLICE_ATTEMPTS, SLICE_VERSION, Built, SimilarPeople
from graph.slices import Payload, describe
from works.models import Author
from works.names import slugify

logger = logging.getLogger(__name__)

FAILED = "Something went wrong while this slice was built. It was recorded, and you can ask for it again."

# Taking a build renews its lease. The new `requested_at` is this build's alone: whoever takes the build after it changes it again.
# The lock says that a process is at it. It keeps nobody out: a build that was overtaken writes nothing anyhow.
TAKE = """
    UPDATE {table} SET requested_at = clock_timestamp(), attempts = attempts + 1
    WHERE {key} = %(subject)s AND requested_at IS NOT NULL
    RETURNING requested_at, stale_at, attempts, pg_advisory_lock_shared(%(lock)s, hashtext(%(kind)s || {key}))
"""
LET_GO = "SELECT pg_advisory_unlock_shared(%(lock)s, hashtext(%(kind)s || %(subject)s::bigint))"
STORE = """
    UPDATE {table}
    SET version = %(version)s, payload = %(payload)s::jsonb, fragment = %(fragment)s, built_at = %(built_at)s, requested_at = NULL,
        attempts = 0, error = '', stale_at = CASE WHEN stale_at IS NOT DISTINCT FROM %(stale_at)s THEN NULL ELSE stale_at END
    WHERE {key} = %(subject)s AND requested_at = %(lease)s
"""


def build_slice(*, author_id: int) -> bool:
    """Build the slice of this author: `build` of the kind "person"."""
    return build(kind="person", subject_id=author_id)


def build(*, kind: str, subject_id: int) -> bool:
    """Build what is owed of this kind (see graph.models.BUILT) around this subject, if it is owed, and say whether it was stored.

    Three statements and those of the loading. The rows are read after the lease is taken; the result is written only if this build still
    holds it, and stays marked as stale if the record changed meanwhile. A failure is recorded for the reader, in words, and for the
    operator in the log; only a lost database is left to the task's retry.
    """
    model = BUILT[kind]
    named: dict[str, Any] = {"subject": subject_id, "kind": kind, "lock": BUILD_LOCK}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(model.of_table(TAKE), named)
        taken = cursor.fetchone()
        if taken is None:
            return False
    try:
        return build_taken(kind, subject_id, *taken[:3])
    finally:
        with contextlib.suppress(OperationalError, InterfaceError), connection.cursor() as cursor:  # a lost connection held it
            cursor.execute(LET_GO, named)


def build_taken(kind: str, subject_id: int, lease: datetime, stale_at: datetime | None, attempts: int) -> bool:
    """Build what this process has taken under this lease, and say whether it was stored."""
    start = perf_counter()
    model = BUILT[kind]
    if attempts > SLICE_ATTEMPTS:
        fail(model, subject_id, lease, GAVE_UP)
        return False
    built_at = timezone.now()
    try:
        payload, fragment = MAKERS.get(kind, make_slice)(kind, subject_id, built_at)
    except OperationalError:
        raise
    except ObjectDoesNotExist:
        model.rows().filter(pk=subject_id).delete()
        return False
    except Exception:  # whatever went wrong, the reader learns that it did and the next slice is built
        logger.exception("The slice of %s %d could not be built", kind, subject_id)
        fail(model, subject_id, lease, FAILED)
        return False
    stored = store(model, subject_id, lease, stale_at, built_at, payload, fragment)
    if stored:
        logger.info("Built %s, %.0f ms", told(kind, subject_id, payload), 1000 * (perf_counter() - start))
    return stored


def make_slice(kind: str, subject_id: int, built_at: datetime) -> tuple[Payload, str]:
    """The payload and the fragment of the slice around a subject."""
    graph, centre = LOADERS[kind](subject_id)
    when = built_at.isoformat(timespec="seconds")
    payload = describe(graph, centre=centre, version=SLICE_VERSION, built_at=when, edges_at=edges_at())
    return payload, render_fragment(payload)


def make_similar(kind: str, author_id: int, built_at: datetime) -> tuple[Payload, str]:
    """The lists of similar people and bridges; what is shown of people is read when it is shown, so nothing is drawn."""
    return find_similar(author_id, built_at), ""


MAKERS = {"similar": make_similar}


def edges_at() -> str:
    return reverse("graph:edge", args=["a", "b"]).removesuffix("a/b/")


def told(kind: str, subject_id: int, payload: Payload) -> str:
    """What was built, for the log."""
    if kind == "similar":
        return f"who is like author {subject_id}: {len(payload['similar'])} people, {len(payload['bridges'])} bridges"
    node = payload["nodes"][0]
    return (
        f"the slice of {node['label']} ({slugify(node['label'])}-{node['id'].partition(':')[2]}): "
        f"{len(payload['nodes'])} nodes, {len(payload['edges'])} edges"
    )


def store(
    model: type[Built], subject_id: int, lease: datetime, stale_at: datetime | None, built_at: datetime, payload: Payload, fragment: str
) -> bool:
    """Write what was built, if its lease still holds."""
    values: dict[str, Any] = {
        "subject": subject_id,
        "lease": lease,
        "stale_at": stale_at,
        "version": SLICE_VERSION,
        "payload": json.dumps(payload, ensure_ascii=False),
        "fragment": fragment,
        "built_at": built_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(model.of_table(STORE), values)
        stored: bool = cursor.rowcount == 1
    return stored


def fail(model: type[Built], subject_id: int, lease: datetime, sentence: str) -> None:
    """Record a failure, if its lease still holds."""
    model.rows().filter(pk=subject_id, requested_at=lease).update(requested_at=None, error=sentence)


def rebuild_similar(*, everybody: bool = False) -> int:
    """Build who is similar for all whose list is kept, or for everybody with works, in this process; how many were stored."""
    authors = Author.objects.standing().with_works() if everybody else Author.objects.filter(similar__isnull=False)
    built = 0
    for author in authors.order_by("pk").only("public_id", "name").iterator():
        SimilarPeople.objects.filter(pk=author.pk).update(stale_at=timezone.now(), error="")
        request_slice(author, kind="similar")
        built += build(kind="similar", subject_id=author.pk)
    return built
