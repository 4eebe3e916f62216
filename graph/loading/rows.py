"""Asking Postgres, and the addresses of what comes back."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.urls import reverse

from works.names import slugify

Row = tuple[Any, ...]


def ask(query: str, **parameters: int | str | list[int] | list[str]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[Row] = cursor.fetchall()
    return rows


@cache
def pattern(name: str) -> tuple[str, str]:
    """What stands before and after the argument in the addresses of this route: asking the address book for each node takes longer
    than to draw it."""
    before, _, after = reverse(name, args=["argument"]).partition("argument")
    return before, after


def address(name: str, argument: str) -> str:
    before, after = pattern(name)
    return f"{before}{quote(argument)}{after}"


def subject_url(kind: str, label: str, public_id: str) -> str:
    """The page of a topic or an institution."""
    return address(f"works:{kind}", f"{slugify(label)}-{public_id}")
