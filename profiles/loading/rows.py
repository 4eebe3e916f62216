"""One way to ask Postgres for what the inputs of trust need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection


def rows(query: str, given: dict[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
