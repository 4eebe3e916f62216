"""Lists of works that are read from a place on, newest first (keyset paging): the place in an address, and the next page."""

from __future__ import annotations

import re
from typing import Any

CURSOR = re.compile(r"(\d{4}|undated)-(\d{1,18})")
YEAR = re.compile(r"[12]\d{3}")
WORKS_ON_A_PAGE = 20


def page_after(rows: Any, after: str, *, size: int = WORKS_ON_A_PAGE) -> tuple[list[Any], str]:
    """The `size` rows from the place `after` on, and the place where the next page begins ("" at the end).

    `rows` have year and work_id, and know `after` and `undated` (AuthorshipQuerySet, ShelvedWorkQuerySet). One query; two where a page
    crosses from dated works to works without a year.
    """
    wanted = size + 1
    if place := CURSOR.fullmatch(after):
        year = None if place[1] == "undated" else int(place[1])
        found = list(rows.after(year, int(place[2]))[:wanted])
        if year is not None and len(found) < wanted:
            found += rows.undated()[: wanted - len(found)]
    else:
        found = list(rows[:wanted])
    if len(found) < wanted:
        return found, ""
    last = found[size - 1]
    return found[:size], f"{last.year or 'undated'}-{last.work_id}"


def number_pair(text: str) -> tuple[int, int] | None:
    """The place "works-id" in a list of people, if `text` is one."""
    place = re.fullmatch(r"(\d{1,9})-(\d{1,18})", text)
    return (int(place[1]), int(place[2])) if place else None
