"""Local slots: every calendar slot once, on its local date, over clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.alliance import Alliance, Organisation, Pulse
from bot.schedule import find_digest_slot, find_next_slot, find_reminder, list_due_slots, to_instant

ZONES = (
    "Europe/Berlin Europe/London America/New_York America/Chicago America/Sao_Paulo Australia/Lord_Howe "
    "Australia/Sydney Pacific/Auckland Asia/Tehran Africa/Cairo America/Havana Asia/Kolkata America/St_Johns UTC"
).split()
TIMES = [time(0), time(0, 30), time(2), time(2, 30), time(3), time(9)]
EVERY_DAY = frozenset(range(7))
HOUR = timedelta(hours=1)


def asked_dates(pulse: Pulse, zone: str, start: datetime, hours: int, step: timedelta) -> list[date]:
    """What a bot that ticks every `step` would ask, newest slot first, as the ask walk does."""
    asked: list[date] = []
    now = start
    while now < start + timedelta(hours=hours):
        slots = list_due_slots(pulse, zone, asked[-1] if asked else None, now)
        assert all(slot.at <= now for slot in slots), "asked before its time"
        asked += [slot.day for slot in slots]
        now += step
    return asked


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", TIMES, ids=str)
@pytest.mark.parametrize("change", [datetime(2026, 3, 5), datetime(2026, 10, 1)], ids=["spring", "autumn"])
def test_each_day_is_asked_once_on_its_local_date_over_clock_changes(
    zone: str, at: time, change: datetime
) -> None:
    pulse = Pulse("daily", EVERY_DAY, at)
    asked = asked_dates(pulse, zone, change.replace(tzinfo=UTC), 24 * 40, timedelta(hours=1))
    first = asked[0]
    assert asked == [first + timedelta(days=i) for i in range(len(asked))]
    assert 40 <= len(asked) <= 41
    assert all(to_instant(day, at, zone).astimezone(ZoneInfo(zone)).date() == day for day in asked)


def test_a_skipped_time_runs_the_length_of_the_gap_later_the_same_day() -> None:
    at = to_instant(date(2026, 3, 29), time(2, 30), "Europe/Berlin")
    assert at.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3, 30)


def test_a_doubled_time_runs_the_first_time_only() -> None:
    assert to_instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@given(
    zone=st.sampled_from(ZONES),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    at=st.times(),
    weeks=st.integers(1, 8),
    now=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
)
def test_the_following_slot_is_in_the_future_and_then_due(
    zone: str, days: frozenset[int], at: time, weeks: int, now: datetime
) -> None:
    pulse = Pulse("p", days, at.replace(microsecond=0), every_weeks=weeks)
    slot = find_next_slot(pulse, zone, now)
    assert slot.at > now
    assert list_due_slots(pulse, zone, slot.day - timedelta(days=1), slot.at) == (slot,)
    assert list_due_slots(pulse, zone, slot.day, slot.at) == ()


@pytest.mark.parametrize("weeks", range(1, 9))
def test_the_next_slot_after_one_that_has_just_passed_is_a_whole_cycle_later(weeks: int) -> None:
    pulse = Pulse("p", frozenset({3}), time(9), every_weeks=weeks)
    first = find_next_slot(pulse, "UTC", datetime(2026, 1, 1, tzinfo=UTC))
    assert find_next_slot(pulse, "UTC", first.at).at - first.at == timedelta(weeks=weeks)


def test_every_second_week_means_whole_weeks_from_monday_to_sunday() -> None:
    pulse = Pulse("p", frozenset({0, 6}), time(9), every_weeks=2)
    days = [
        slot.day
        for slot in list_due_slots(pulse, "UTC", date(2026, 10, 4), datetime(2026, 11, 23, 9, tzinfo=UTC))
    ]
    mondays, sundays = days[::2], days[1::2]
    assert [day.weekday() for day in days] == [0, 6, 0, 6, 0, 6, 0]
    assert all(sunday - monday == timedelta(days=6) for monday, sunday in zip(mondays, sundays, strict=False))
    assert all(b - a == timedelta(days=14) for a, b in pairwise(mondays))


def test_after_a_long_absence_eight_weeks_are_looked_back() -> None:
    owed = list_due_slots(
        Pulse("p", EVERY_DAY, time(9)), "UTC", date(2025, 1, 1), datetime(2026, 11, 24, 9, tzinfo=UTC)
    )
    assert (len(owed), owed[0].day, owed[-1].day) == (56, date(2026, 9, 30), date(2026, 11, 24))


def test_a_pulse_that_never_ran_owes_only_its_newest_slot_and_a_paused_one_nothing() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    pulse = Pulse("weekly", frozenset({1}), time(9))
    assert [slot.day for slot in list_due_slots(pulse, "UTC", None, now)] == [date(2026, 11, 17)]
    owed = [slot.day for slot in list_due_slots(pulse, "UTC", date(2026, 10, 27), now)]
    assert owed == [date(2026, 11, 3), date(2026, 11, 10), date(2026, 11, 17)]
    assert list_due_slots(Pulse("weekly", frozenset({1}), time(9), paused=True), "UTC", None, now) == ()


def test_nobody_is_reminded_before_the_round_has_opened() -> None:
    opens = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert find_reminder(opens, Pulse("p", EVERY_DAY, time(9), open_hours=72)) == opens + timedelta(hours=48)
    assert find_reminder(opens, Pulse("p", EVERY_DAY, time(9), open_hours=12, remind_hours=24)) is None
    assert find_reminder(opens, Pulse("p", EVERY_DAY, time(9), remind_hours=0)) is None
    assert find_reminder(opens, Pulse("p", EVERY_DAY, time(9), open_hours=24, remind_hours=24)) is None
    assert find_reminder(opens, Pulse("p", EVERY_DAY, time(9), open_hours=2, remind_hours=1)) == opens + HOUR


@pytest.mark.parametrize(("call", "digest"), [(1, 0), (0, 4), (6, 4), (5, 4), (3, 2)])
@pytest.mark.parametrize("start", [datetime(2026, 11, 16), datetime(2027, 3, 22)], ids=["winter", "change"])
def test_the_digest_comes_on_the_working_day_before_the_call(call: int, digest: int, start: datetime) -> None:
    nobody = Organisation("x", frozenset())
    alliance = Alliance("a", "A", "Europe/Berlin", nobody, nobody, call_day=call)
    for hour in range(24 * 14):
        now = start.replace(tzinfo=UTC) + timedelta(hours=hour)
        slot = find_digest_slot(alliance, now)
        assert slot.day.weekday() == digest
        assert timedelta(0) <= now - slot.at < timedelta(days=7, hours=1)
