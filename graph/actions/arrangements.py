"""Asking for the places of a large graph, and computing them. Of any number who ask at once one wins; a worker computes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import Jsonb
from django.utils import timezone

from graph.explorer.merge import joined
from graph.explorer.places import carried_over, is_like
from graph.explorer.state import State
from graph.loading.kept import payloads_of, subjects_of
from graph.models.arrangement import ARRANGEMENT_KEPT, ARRANGEMENT_LEASE, ARRANGEMENTS_KEPT, Arrangement
from graph.signals import arrangement_requested

logger = logging.getLogger(__name__)

REQUEST = """
    INSERT INTO graph_arrangement AS a (key, shown, contents, places, requested_at)
    VALUES (%(key)s, %(shown)s::jsonb, '', '{}', clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET requested_at = clock_timestamp()
    WHERE a.requested_at IS NULL OR a.requested_at < clock_timestamp() - make_interval(secs => %(lease)s)
    RETURNING key
"""


def key_of(shown: Iterable[str]) -> str:
    """Whose slices these are, in whichever order they were opened."""
    return sha256(" ".join(sorted(shown)).encode()).hexdigest()


def contents_of(slices: Iterable[Any]) -> str:
    """Which builds of these slices."""
    return sha256(" ".join(sorted(f"{kept['centre']} {kept['built_at']}" for kept in slices)).encode()).hexdigest()


def links_of(edges: Iterable[dict[str, Any]]) -> list[tuple[str, str, float]]:
    return [(edge["source"], edge["target"], float(edge["evidence"])) for edge in edges]


@transaction.atomic
def request_arrangement(*, shown: Sequence[str]) -> bool:
    """Ask for one, and say whether this call is the one that caused it. One statement."""
    key = key_of(shown)
    with connection.cursor() as cursor:
        cursor.execute(REQUEST, {"key": key, "shown": Jsonb(sorted(shown)), "lease": ARRANGEMENT_LEASE.total_seconds()})
        won = cursor.fetchone() is not None
    if won:
        arrangement_requested.send(sender=Arrangement, key=key)
    return won


def build_arrangement(*, key: str) -> bool:
    """Compute the places that are owed under this key, if they are, and say whether they were stored. One query for each kind and two more.

    Where most of the nodes had places before they keep them exactly, and the new ones stand beside those that they are tied to.
    """
    from graph.explorer.levels import arrange  # networkx belongs into workers only (32 MB)

    start = perf_counter()
    kept = Arrangement.objects.filter(pk=key, requested_at__isnull=False).first()
    if kept is None:
        return False
    slices = payloads_of(subjects_of(State(seeds=tuple(kept.shown))).values())
    nodes, edges = joined(slices)
    links = links_of(edges)
    before = {node: (place[0], place[1]) for node, place in kept.places.items()}
    places = carried_over(nodes, links, before) if is_like(nodes, before) else arrange(nodes, links)
    stored = Arrangement.objects.filter(pk=key, requested_at=kept.requested_at).update(
        places=places, contents=contents_of(slices), built_at=timezone.now(), requested_at=None
    )
    logger.info("Arranged %d nodes of %d slices, %.0f ms", len(places), len(slices), 1000 * (perf_counter() - start))
    return bool(stored)


def forget_arrangements() -> int:
    """Those of a month ago, and all but the newest thousand. Two statements."""
    old, _ = Arrangement.objects.filter(built_at__lt=timezone.now() - ARRANGEMENT_KEPT).delete()
    surplus = Arrangement.objects.order_by("-built_at", "pk").values_list("pk", flat=True)[ARRANGEMENTS_KEPT:]
    more, _ = Arrangement.objects.filter(pk__in=list(surplus)).delete()
    return old + more
