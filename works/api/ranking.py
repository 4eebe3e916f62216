"""Lists in an order of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows in an order that no column holds: `ids` best first, as a search found them."""

    rows: QuerySet[Any]
    ids: Sequence[int]

    def load(self, start: int, stop: int) -> list[Any]:
        """One query."""
        wanted = self.ids[start:stop]
        known = self.rows.in_bulk(wanted)
        return [known[key] for key in wanted if key in known]
