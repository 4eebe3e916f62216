"""When digests are due, in every time zone, on every day, whatever the clock does that night."""

import doctest
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import periods
from profiles.actions.digests import letters
from profiles.periods import DAILY, EVERY, WEEKLY, turn, zone, zones

NAMES = [name for _, names in zones() for name in names]
MOMENTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))  # 2020 to 2040


@pytest.mark.parametrize("module", [periods, letters])
def test_examples(module):
    found = doctest.testmod(module)
    assert (found.failed, found.attempted > 0) == (0, True)


@given(st.sampled_from(NAMES), MOMENTS, st.sampled_from([DAILY, WEEKLY]))
def test_a_turn_has_come_its_period_is_over_and_the_next_is_one_rhythm_away(name, now, rhythm):
    where = zone(name)
    found = turn(rhythm, where, now)
    assert found.ends_at < now < found.next_at
    assert timedelta(hours=4) <= found.next_at - found.ends_at - EVERY[rhythm] <= timedelta(hours=8)  # six, but for what clocks leap
    local = found.ends_at.astimezone(where)
    assert abs(local.replace(tzinfo=None) - datetime.combine(found.day, datetime.min.time())) <= timedelta(hours=1)
    assert now - found.ends_at <= EVERY[rhythm] + timedelta(hours=8)
    if rhythm == WEEKLY:
        assert found.day.weekday() == 0


@given(st.sampled_from(NAMES), MOMENTS, st.sampled_from([DAILY, WEEKLY]))
def test_turns_follow_one_another_without_a_gap_and_the_same_moment_gives_the_same(name, now, rhythm):
    where = zone(name)
    one = turn(rhythm, where, now)
    assert turn(rhythm, where, now) == one
    following = turn(rhythm, where, one.next_at)
    assert following.day == one.day + EVERY[rhythm]
    assert following.ends_at > one.ends_at
    assert turn(rhythm, where, one.next_at - timedelta(seconds=1)) == one


@pytest.mark.parametrize(
    ("name", "now", "day", "ends_at"),
    [
        ("UTC", datetime(2026, 11, 27, 5, 59, tzinfo=UTC), date(2026, 11, 26), datetime(2026, 11, 26, tzinfo=UTC)),
        ("UTC", datetime(2026, 11, 27, 6, tzinfo=UTC), date(2026, 11, 27), datetime(2026, 11, 27, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 11, 27, 0, 15, tzinfo=UTC), date(2026, 11, 27), datetime(2026, 11, 26, 18, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 27, 10, 59, tzinfo=UTC), date(2026, 11, 26), datetime(2026, 11, 26, 5, tzinfo=UTC)),
        # The clock goes forward from midnight to one.
        ("Africa/Cairo", datetime(2026, 4, 24, 12, tzinfo=UTC), date(2026, 4, 24), datetime(2026, 4, 23, 22, tzinfo=UTC)),
    ],
)
def test_days_by_the_clock_of_the_place(name, now, day, ends_at):
    found = turn(DAILY, zone(name), now)
    assert (found.day, found.ends_at) == (day, ends_at)


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../../etc/passwd", "posix/UTC", "localtime"])
def test_a_zone_that_is_not_known_is_none_and_counts_as_utc(name):
    assert not periods.is_zone(name)
    assert zone(name) is UTC
