"""Snapshots of the explorer's graph.

    take_snapshot(*, state, by) -> Snapshot    at most fifty of one account; ValueError says why there is none
    delete_snapshot(snapshot, *, by) -> bool    by whoever took it
    forget_in_snapshots(*, author_ids, public_id) -> None    of somebody who objected to a page
    forget_old_snapshots() -> int    nightly: a year is over

An account that is deleted takes its snapshots along.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

from django.db import transaction
from django.utils import timezone

from graph.explorer.merge import merge
from graph.explorer.snapshots import without, without_in_state
from graph.explorer.state import State, parse, query
from graph.loading.kept import is_built, payloads_of, subjects_of
from graph.models import SLICE_VERSION
from profiles.models import Snapshot, User
from profiles.models.snapshot import SNAPSHOT_KEPT, SNAPSHOTS_AT_MOST
from works.models import Author

NOTHING = "There is nothing to keep: the graph is empty."
UNFINISHED = "Part of this graph is still being built. Ask again in a moment."
ENOUGH = f"{SNAPSHOTS_AT_MOST} snapshots are kept for one account. Delete one to keep another."


@transaction.atomic
def take_snapshot(*, state: State, by: User) -> Snapshot:
    """Keep the graph of this state. Two queries, one for each kind of what the state names, and one write."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # counting and adding are one step
    if Snapshot.objects.filter(user=by).count() >= SNAPSHOTS_AT_MOST:
        raise ValueError(ENOUGH)
    subjects = subjects_of(state).values()
    if not all(is_built(subject) for subject in subjects):
        raise ValueError(UNFINISHED)
    payload = merge(payloads_of(subjects), state, version=SLICE_VERSION)
    if not payload["nodes"]:
        raise ValueError(NOTHING)
    return Snapshot.objects.create(user=by, query=query(state.graph), payload=payload)


def delete_snapshot(snapshot: Snapshot, *, by: User) -> bool:
    """Whether there was one of theirs to delete. One statement."""
    return bool(Snapshot.objects.filter(pk=snapshot.pk, user=by).delete()[0])


@transaction.atomic
def forget_in_snapshots(*, author_ids: Collection[int], public_id: str) -> None:
    """Take a person, and the records that redirect to them, out of every snapshot; one that was of nobody else is deleted. It looks through
    every snapshot: objections are granted by staff, and seldom."""
    gone = {public_id, *Author.objects.filter(pk__in=author_ids).values_list("public_id", flat=True)}
    for opaque in sorted(gone):
        node = f"person:{opaque}"
        for snapshot in Snapshot.objects.select_for_update().filter(payload__nodes__contains=[{"id": node}]):
            snapshot.payload = without(snapshot.payload, {node})
            snapshot.query = query(without_in_state(parse(parse_qsl(snapshot.query)), node))
            if snapshot.payload["nodes"]:
                snapshot.save(update_fields=["payload", "query"])
            else:
                snapshot.delete()


def forget_old_snapshots() -> int:
    """One statement."""
    return Snapshot.objects.filter(taken_at__lt=timezone.now() - SNAPSHOT_KEPT).delete()[0]
