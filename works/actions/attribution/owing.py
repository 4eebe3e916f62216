"""What is owed to matching: blocks that gained byline positions. Postgres keeps it, so that a message that is lost loses nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from works.actions.imports.staging import select, update_rows
from works.models import ImportRun, UnsettledBlock
from works.names import parse_name

PATIENCE = 60.0  # seconds without a sign of life from an import
PLACES_AT_ONCE = 10_000


def owe_blocks(blocks: Collection[str]) -> None:
    """Note that these blocks are to be settled. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO works_unsettledblock (block, since) SELECT unnest(%s::text[]), now() ON CONFLICT DO NOTHING",
            [sorted(set(blocks) - {""})],
        )


def is_settling_owed() -> bool:
    """Whether blocks wait that no import is about to settle: its process was lost, or something else wrote them."""
    patience = timezone.now() - timedelta(seconds=PATIENCE)
    at_work = ImportRun.objects.filter(status=ImportRun.Status.RUNNING, heartbeat_at__gt=patience)
    return UnsettledBlock.objects.filter(since__lt=patience).exists() and not at_work.exists()


def fill_blocks() -> None:
    """Give places that are older than blocks theirs, some thousands at a time."""
    after = 0
    while True:
        rows = select(
            """
            SELECT id, name FROM works_authorship
            WHERE id > %s AND block = '' AND matched_by <> 'not-a-person' ORDER BY id LIMIT %s
            """,
            [after, PLACES_AT_ONCE],
        )
        if not rows:
            return
        update_rows("works_authorship", {"id": "int8", "block": "text"}, ((place, parse_name(name).block) for place, name in rows))
        after = rows[-1][0]


@transaction.atomic
def owe_everything() -> int:
    """Note that every block of the record is to be settled; how many there are now."""
    fill_blocks()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO works_unsettledblock (block, since)
            SELECT DISTINCT block, now() FROM works_authorship WHERE block <> '' ON CONFLICT DO NOTHING
            """
        )
    return int(select("SELECT count(*) FROM works_unsettledblock", [])[0][0])
