"""The one lock that everybody takes who decides what the record says."""

from django.db import connection

IMPORT_LOCK = 5_317_001


def lock_record() -> None:
    """Wait until nobody else decides what the record says, and keep others from it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
