"""When a digest is sent, and what time it covers: whole days of the reader's own calendar, up to midnight, sent in the morning. No Django.

A period is named by the day on which its digest is sent: the day after its last one. Digests leave six hours after the period has ended,
so that what was being written at midnight is in it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

OFF, DAILY, WEEKLY = "off", "daily", "weekly"
EVERY = {DAILY: timedelta(days=1), WEEKLY: timedelta(days=7)}
SENT_AT = time(6)  # by the reader's clock
LONGEST = timedelta(days=31)  # what happened before is not told any more, however long no digest was sent
AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class Turn(NamedTuple):
    """A digest that could be sent by now: named by the day it is sent on, told up to `ends_at`; the one after it is due at `next_at`."""

    day: date
    ends_at: datetime
    next_at: datetime


@cache
def zones() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The time zones to choose from, by area: (("UTC", ("UTC",)), ("Africa", ("Africa/Abidjan", …)), …)."""
    known = sorted(name for name in available_timezones() if name.partition("/")[0] in AREAS and "/" in name)
    by_area = [(area, tuple(name for name in known if name.startswith(f"{area}/"))) for area in AREAS]
    return (("UTC", ("UTC",)), *((area, names) for area, names in by_area if names))


def is_zone(name: str) -> bool:
    """
    >>> is_zone("Asia/Kathmandu"), is_zone("../../etc/passwd"), is_zone("")
    (True, False, False)
    """
    return any(name in names for _, names in zones())


def zone(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that is not known any more."""
    return ZoneInfo(name) if is_zone(name) else UTC


def at(day: date, hour: time, where: tzinfo) -> datetime:
    """An hour of a day by the clock of a place, as an instant. Where the clock leaps over it, the instant of the leap, within an hour."""
    return datetime.combine(day, hour, where).astimezone(UTC)


def turn(rhythm: str, where: tzinfo, now: datetime) -> Turn:
    """The last digest whose hour has come by `now`, for a rhythm that is not off. Weekly ones are sent on Mondays.

    >>> found = turn(WEEKLY, ZoneInfo("Asia/Tokyo"), datetime(2026, 11, 27, 12, tzinfo=UTC))
    >>> found.day.isoformat(), found.ends_at.isoformat(), found.next_at.isoformat()
    ('2026-11-23', '2026-11-22T15:00:00+00:00', '2026-11-29T21:00:00+00:00')
    """
    today = now.astimezone(where).date()
    day = today - timedelta(days=today.weekday()) if rhythm == WEEKLY else today
    if at(day, SENT_AT, where) > now:
        day -= EVERY[rhythm]
    return Turn(day, at(day, time(0), where), at(day + EVERY[rhythm], SENT_AT, where))
