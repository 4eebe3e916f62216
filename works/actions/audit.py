"""Sealing events into a chain, and checking the chain."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from django.db import connection, transaction

from works.models.audit import Event

BATCH = 500


def event_models() -> list[type[Event]]:
    """Every table of events, on this floor and above."""
    return sorted(Event.__subclasses__(), key=lambda model: model._meta.db_table)  # noqa: SLF001 -- the one way to a model's table


def seal_events() -> int:
    """Give the events that were committed since last time their places in their tables' chains; how many there were.

    Each table has a chain of its own. Appending takes no lock and waits for nobody; sealing runs alone, by an advisory lock for each
    table, and whoever finds it taken leaves the work to who has it. Two queries a table, and one for each event that is sealed.
    """
    return sum(seal_table(model) for model in event_models())


def seal_table(model: type[Event]) -> int:
    with transaction.atomic():
        if not try_lock(model):
            return 0
        last = model._default_manager.filter(place__isnull=False).order_by("-place").values_list("place", "seal").first()  # noqa: SLF001
        place, seal = (last[0] or 0, bytes(last[1] or b"")) if last else (0, b"")
        waiting = list(model._default_manager.filter(place__isnull=True).order_by("pk")[:BATCH])  # noqa: SLF001
        for event in waiting:
            place, seal = place + 1, seal_of(event, seal)
            model._default_manager.filter(pk=event.pk).update(place=place, seal=seal)  # noqa: SLF001
        return len(waiting)


def broken_seals(model: type[Event]) -> list[int]:
    """The places in a table's chain at which an event is missing, or is not what was sealed. Reads the table once."""
    broken, expected, seal = [], 1, b""
    for event in model._default_manager.filter(place__isnull=False).order_by("place").iterator():  # noqa: SLF001
        place = event.place or 0
        if place != expected or seal_of(event, seal) != bytes(event.seal or b""):
            broken.append(place)
        expected, seal = place + 1, bytes(event.seal or b"")
    return broken


def seal_of(event: Event, previous: bytes) -> bytes:
    """SHA-256 of the seal before and of all that an event says; of its text only the digest, so that the text can be blanked."""
    fields: dict[str, Any] = {
        field.attname: getattr(event, field.attname)
        for field in event._meta.concrete_fields  # noqa: SLF001
        if field.attname not in {"text", "place", "seal"}
    }
    return hashlib.sha256(previous + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z, default=str)).digest()


def try_lock(model: type[Event]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"seal {model._meta.db_table}"])  # noqa: SLF001
        return bool(cursor.fetchone()[0])
