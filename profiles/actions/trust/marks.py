"""Who is owed a computation of trust, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Min
from django.utils import timezone

from profiles.models import StaleTrust
from profiles.trust.score import FORMULA

# A mark that stands already is written again, which takes its row's lock: a worker that would pay it now, and could not see what this
# transaction has changed, passes it over until the change is committed. Causes add up.
ON_CONFLICT = """
    ON CONFLICT (author_id) DO UPDATE
    SET marked_at = least(owed.marked_at, excluded.marked_at), causes = owed.causes || (
        SELECT coalesce(array_agg(cause), '{}') FROM unnest(excluded.causes) cause WHERE cause <> ALL(owed.causes)
    )
"""
MARK = f"""
    INSERT INTO profiles_staletrust AS owed (author_id, marked_at, causes)
    SELECT id, clock_timestamp(), %(causes)s FROM works_author WHERE id = ANY(%(authors)s) ORDER BY id
    {ON_CONFLICT}
"""
# Who confirmed a work together with one of these: what they vouch for follows from the byline as well.
MARK_WITH_VOUCHERS = f"""
    INSERT INTO profiles_staletrust AS owed (author_id, marked_at, causes)
    SELECT id, clock_timestamp(), %(causes)s FROM works_author
    WHERE id IN (SELECT unnest(%(authors)s::bigint[]) UNION SELECT voucher_id FROM profiles_vouching WHERE author_id = ANY(%(authors)s))
    ORDER BY id
    {ON_CONFLICT}
"""
MARK_ALL = f"""
    INSERT INTO profiles_staletrust AS owed (author_id, marked_at, causes)
    SELECT id, clock_timestamp(), %(causes)s FROM works_author ORDER BY id
    {ON_CONFLICT}
"""
# Whom the calendar concerns, whom another formula was applied to, and whoever holds a page: what no event brought about ends here.
MARK_OVERNIGHT = f"""
    INSERT INTO profiles_staletrust AS owed (author_id, marked_at, causes)
    SELECT id, clock_timestamp(), %(causes)s FROM (
        SELECT author_id AS id FROM profiles_trust WHERE changes_on <= %(today)s OR formula <> %(formula)s
        UNION SELECT author_id FROM profiles_profile
        UNION SELECT a.id FROM works_author a WHERE NOT EXISTS (SELECT FROM profiles_trust t WHERE t.author_id = a.id)
    ) due ORDER BY id
    {ON_CONFLICT}
"""


def mark_trust_stale(*, author_ids: Iterable[int], cause: StaleTrust.Cause = StaleTrust.Cause.RECORD) -> None:
    """Note, in the caller's transaction, that these authors' trust must be computed again, and why. One statement.

    Where bylines or records changed, those who confirmed a work together with them are marked too.
    """
    changes_bylines = cause in {StaleTrust.Cause.RECORD, StaleTrust.Cause.MERGE}
    with connection.cursor() as cursor:
        cursor.execute(MARK_WITH_VOUCHERS if changes_bylines else MARK, {"authors": list(author_ids), "causes": [cause]})


def mark_all() -> None:
    """Note that everybody is owed it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_ALL, {"causes": [StaleTrust.Cause.REBUILD]})


def mark_overnight() -> int:
    """Mark whoever has evidence that begins or ends by today, was computed by another formula or never, or holds a page; how many."""
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"causes": [StaleTrust.Cause.EVIDENCE], "today": timezone.now().date(), "formula": FORMULA}
        cursor.execute(MARK_OVERNIGHT, given)
        marked: int = cursor.rowcount
    return marked


def is_trust_owed(*, since: timedelta = timedelta()) -> bool:
    """Whether an author waits for trust, and has waited for at least `since`. One query on an index."""
    oldest = StaleTrust.objects.aggregate(oldest=Min("marked_at"))["oldest"]
    return oldest is not None and oldest <= timezone.now() - since
