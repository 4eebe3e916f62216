"""Asking for a slice: any number of visitors causes one build. What builds it is in builds.py."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from django.utils import timezone

from graph.models import BUILT, KIND_OF, SLICE_ATTEMPTS, SLICE_LEASE, SLICE_UNATTENDED, Built, SimilarPeople, Slice, SliceState, Subject
from graph.signals import slice_requested

logger = logging.getLogger(__name__)

GAVE_UP = "The build was begun three times and never finished."

BUILD_LOCK = 5_317_014  # (BUILD_LOCK, hash of kind and subject): held, with others, by whoever builds; a process that dies lets go of it
ATTENDED = """
    SELECT id FROM unnest(%(ids)s::bigint[]) AS id WHERE hashtext(%(kind)s || id)::bigint & 4294967295 IN (
        SELECT objid::bigint FROM pg_locks
        WHERE locktype = 'advisory' AND classid = %(lock)s AND objsubid = 2
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""

# The insert and the conditional update are one statement, so that of fifty simultaneous visitors exactly one gets a row back.
REQUEST = """
    INSERT INTO {table} AS s ({key}, version, fragment, attempts, error, requested_at)
    VALUES (%(subject)s, 0, '', 0, '', clock_timestamp())
    ON CONFLICT ({key}) DO UPDATE SET requested_at = clock_timestamp(), error = '',
        attempts = CASE WHEN s.requested_at IS NULL THEN 0 ELSE s.attempts END
    WHERE (s.requested_at IS NULL OR s.requested_at < clock_timestamp() - make_interval(secs => %(lease)s)) AND (s.error = '' OR %(again)s)
    RETURNING {key}
"""


@transaction.atomic
def request_slice(subject: Subject, *, kind: str = "", again: bool = False, by: object = None) -> bool:
    """Ask for a build of this subject's slice, or of what else is built around it (`kind`), and say whether this call caused it.

    One statement.

    Nothing happens while a build is owed already (its lease has not run out), nor after a failed one: that takes `again=True`,
    which somebody (`by`) asks for, or a change of the record.
    """
    kind = kind or KIND_OF[type(subject)]
    model = BUILT[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            model.of_table(REQUEST),
            {"subject": subject.pk, "lease": SLICE_LEASE.total_seconds(), "again": again},
        )
        won = cursor.fetchone() is not None
    if won:
        if again:
            logger.info("The %s of %s (%s) is asked for again by %s", model.__name__, subject, subject.public_id, by or "a visitor")
        slice_requested.send(sender=model, kind=kind, subject_id=subject.pk)
    return won


def ask_if_needed(subject: Subject, kept: Built | None, *, kind: str = "") -> None:
    """Ask for a build where there is none, or a stale one, unless one is owed already or the last one failed."""
    if kept is None or (kept.state in {SliceState.BUILDING, SliceState.STALE} and not kept.error and not kept.is_owed):
        request_slice(subject, kind=kind)


def renew_requests(*, limit: int = 500) -> int:
    """Ask again for what was not built before its lease ran out, or has waited for SLICE_UNATTENDED while no process is at it, and return
    for how much; what was tried three times gets an error instead.

    Three statements a kind, and one signal a slice; rows that another process holds are left to the next sweep.
    """
    return sum(renew(kind, model, limit) for kind, model in BUILT.items())


@transaction.atomic
def renew(kind: str, model: type[Built], limit: int) -> int:
    rows = model.rows()
    now = timezone.now()
    waiting = rows.filter(requested_at__lt=now - SLICE_UNATTENDED).order_by("requested_at")
    held = list(waiting.select_for_update(skip_locked=True).values_list("pk", "attempts", "requested_at")[:limit])
    if not held:
        return 0
    attended = attended_to(kind, [subject_id for subject_id, _, asked_at in held if asked_at >= now - SLICE_LEASE])
    lapsed = [(subject_id, attempts) for subject_id, attempts, _ in held if subject_id not in attended]
    given_up = [subject_id for subject_id, attempts in lapsed if attempts >= SLICE_ATTEMPTS]
    renewed = [subject_id for subject_id, attempts in lapsed if attempts < SLICE_ATTEMPTS]
    if given_up:
        rows.filter(pk__in=given_up).update(requested_at=None, error=GAVE_UP)
        logger.error("Gave up the slices of the kind %s of %s after %d attempts", kind, given_up, SLICE_ATTEMPTS)
    if renewed:
        rows.filter(pk__in=renewed).update(requested_at=timezone.now())
    for subject_id in renewed:
        slice_requested.send(sender=model, kind=kind, subject_id=subject_id)
    return len(renewed)


def attended_to(kind: str, subject_ids: list[int]) -> set[int]:
    """Those of these subjects whose slice a process is building at this moment. One query."""
    if not subject_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(ATTENDED, {"ids": subject_ids, "kind": kind, "lock": BUILD_LOCK})
        return {subject_id for (subject_id,) in cursor.fetchall()}


def forget_author(*, author_ids: list[int], public_id: str) -> None:
    """Take an author who objected to a page out of everything drawn and counted. Reads every slice: it is done by staff, and seldom.

    Slices that show them are dropped and drawn anew when somebody looks; lists of collaborators lose their line at once.
    """
    with connection.cursor() as cursor:
        for own in (Slice, SimilarPeople):
            cursor.execute(own.of_table("DELETE FROM {table} WHERE author_id = ANY(%s)"), [author_ids])
        for model in BUILT.values():
            shows = model.of_table("DELETE FROM {table} WHERE fragment LIKE %s OR payload::text LIKE %s")
            cursor.execute(shows, [f"%{public_id}%", f"%{public_id}%"])
        cursor.execute("DELETE FROM graph_arrangement WHERE places ? %s", [f"person:{public_id}"])
        cursor.execute("DELETE FROM graph_collaboration WHERE author_a_id = ANY(%s) OR author_b_id = ANY(%s)", [author_ids, author_ids])
        cursor.execute("DELETE FROM graph_neighbourhood WHERE author_id = ANY(%s) OR closest::text LIKE %s", [author_ids, f"%{public_id}%"])
