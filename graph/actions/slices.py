"""Asking for a slice: any number of visitors causes one build. What builds it is in builds.py."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from django.utils import timezone

from graph.models import SLICE_ATTEMPTS, SLICE_LEASE, Slice
from graph.signals import slice_requested
from works.models import Author

logger = logging.getLogger(__name__)

GAVE_UP = "The build was begun three times and never finished."

# The insert and the conditional update are one statement, so that of fifty simultaneous visitors exactly one gets a row back.
REQUEST = """
    INSERT INTO graph_slice AS s (author_id, version, fragment, attempts, error, requested_at)
    VALUES (%(author)s, 0, '', 0, '', clock_timestamp())
    ON CONFLICT (author_id) DO UPDATE SET requested_at = clock_timestamp(), error = '',
        attempts = CASE WHEN s.requested_at IS NULL THEN 0 ELSE s.attempts END
    WHERE (s.requested_at IS NULL OR s.requested_at < clock_timestamp() - make_interval(secs => %(lease)s)) AND (s.error = '' OR %(again)s)
    RETURNING author_id
"""


@transaction.atomic
def request_slice(author: Author, *, again: bool = False, by: object = None) -> bool:
    """Ask for a build of this author's slice, and say whether this call is the one that caused it. One statement.

    Nothing happens while a build is owed already (its lease has not run out), nor after a failed one: that takes `again=True`,
    which somebody (`by`) asks for, or a change of the record.
    """
    with connection.cursor() as cursor:
        cursor.execute(REQUEST, {"author": author.pk, "lease": SLICE_LEASE.total_seconds(), "again": again})
        won = cursor.fetchone() is not None
    if won:
        if again:
            logger.info("The slice of %s (%s) is asked for again by %s", author.name, author.slug, by or "a visitor")
        slice_requested.send(sender=None, author_id=author.pk)
    return won


@transaction.atomic
def renew_requests(*, limit: int = 500) -> int:
    """Ask again for slices whose lease ran out unpaid, and return for how many; those tried three times get an error instead.

    Two statements, and one signal a slice; rows that another process holds are left to the next sweep.
    """
    lapsed = Slice.objects.filter(requested_at__lt=timezone.now() - SLICE_LEASE).order_by("requested_at")
    held = list(lapsed.select_for_update(skip_locked=True).values_list("author_id", "attempts")[:limit])
    given_up = [author_id for author_id, attempts in held if attempts >= SLICE_ATTEMPTS]
    renewed = [author_id for author_id, attempts in held if attempts < SLICE_ATTEMPTS]
    if given_up:
        Slice.objects.filter(pk__in=given_up).update(requested_at=None, error=GAVE_UP)
        logger.error("Gave up the slices of the authors %s after %d attempts", given_up, SLICE_ATTEMPTS)
    if renewed:
        Slice.objects.filter(pk__in=renewed).update(requested_at=timezone.now())
    for author_id in renewed:
        slice_requested.send(sender=None, author_id=author_id)
    return len(renewed)
