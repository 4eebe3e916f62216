"""Building a slice: rows to graph, graph to payload, payload to the drawing and list that a page shows. For workers only."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from time import perf_counter
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from graph.actions.slices import GAVE_UP
from graph.drawing import render_fragment
from graph.loading import load_ego_network
from graph.models import SLICE_ATTEMPTS, SLICE_VERSION, Slice
from graph.slices import Payload, describe
from works.models import Author

logger = logging.getLogger(__name__)

FAILED = "Something went wrong while this slice was built. It was recorded, and you can ask for it again."

# Taking a build renews its lease. The new `requested_at` is this build's alone: whoever takes the build after it changes it again.
TAKE = """
    UPDATE graph_slice SET requested_at = clock_timestamp(), attempts = attempts + 1
    WHERE author_id = %s AND requested_at IS NOT NULL
    RETURNING requested_at, stale_at, attempts
"""
STORE = """
    UPDATE graph_slice
    SET version = %(version)s, payload = %(payload)s::jsonb, fragment = %(fragment)s, built_at = %(built_at)s, requested_at = NULL,
        attempts = 0, error = '', stale_at = CASE WHEN stale_at IS NOT DISTINCT FROM %(stale_at)s THEN NULL ELSE stale_at END
    WHERE author_id = %(author)s AND requested_at = %(lease)s
"""


def build_slice(*, author_id: int) -> bool:
    """Build the slice of this author if it is owed, and say whether it was stored.

    Nine statements. The rows are read after the lease is taken; the result is written only if this build still holds it, and stays
    marked as stale if the record changed meanwhile. A failure is recorded for the reader, in words, and for the operator in the log;
    only a lost database is left to the task's retry.
    """
    start = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, [author_id])
        taken = cursor.fetchone()
        if taken is None:
            return False
    lease, stale_at, attempts = taken
    if attempts > SLICE_ATTEMPTS:
        fail(author_id, lease, GAVE_UP)
        return False
    built_at = timezone.now()
    try:
        graph, centre = load_ego_network(author_id)
        payload = describe(graph, centre=centre, version=SLICE_VERSION, built_at=built_at.isoformat(timespec="seconds"))
        fragment = render_fragment(payload)
    except OperationalError:
        raise
    except Author.DoesNotExist:
        Slice.objects.filter(pk=author_id).delete()
        return False
    except Exception:  # whatever went wrong, the reader learns that it did and the next slice is built
        logger.exception("The slice of author %d could not be built", author_id)
        fail(author_id, lease, FAILED)
        return False
    stored = store(author_id, lease, stale_at, built_at, payload, fragment)
    name, public_id = graph.nodes[centre]["label"], centre.removeprefix("person:")
    if stored:
        logger.info(
            "Built the slice of %s (%s): %d nodes, %d edges, %.0f ms",
            name,
            Author(name=name, public_id=public_id).slug,
            len(payload["nodes"]),
            len(payload["edges"]),
            1000 * (perf_counter() - start),
        )
    return stored


def store(author_id: int, lease: datetime, stale_at: datetime | None, built_at: datetime, payload: Payload, fragment: str) -> bool:
    """Write what was built, if its lease still holds."""
    values: dict[str, Any] = {
        "author": author_id,
        "lease": lease,
        "stale_at": stale_at,
        "version": SLICE_VERSION,
        "payload": json.dumps(payload, ensure_ascii=False),
        "fragment": fragment,
        "built_at": built_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(STORE, values)
        stored: bool = cursor.rowcount == 1
    return stored


def fail(author_id: int, lease: datetime, sentence: str) -> None:
    """Record a failure, if its lease still holds."""
    Slice.objects.filter(pk=author_id, requested_at=lease).update(requested_at=None, error=sentence)
