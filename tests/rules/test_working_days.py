"""Holidays of either company: which slots move, to which day, and what never changes by it."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.alliance import Alliance, Organisation, Pulse, Side
from bot.schedule import find_next_look, find_next_slot, list_due_slots, list_slot_days, move_slot
from bot.working_days import OWN_DATE, WorkingDays, check_country, find_working_days

HESSE = WorkingDays(("DE-HE",))
WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)
SPRING = date(2027, 3, 1)


def weekly(*days: int) -> Pulse:
    return Pulse("p", frozenset(days), time(9))


@pytest.mark.parametrize(
    ("days", "day", "asked"),
    [
        ((1,), date(2027, 3, 30), date(2027, 3, 30)),  # an ordinary Tuesday
        ((0,), date(2027, 3, 29), date(2027, 3, 30)),  # Easter Monday
        ((4,), date(2027, 3, 26), date(2027, 3, 30)),  # Good Friday, over the weekend and Easter Monday
        ((4, 1), date(2027, 3, 26), date(2027, 3, 26)),  # before the next slot no day is free
        ((3,), date(2027, 5, 6), date(2027, 5, 7)),  # Ascension Day
        ((5,), date(2027, 5, 1), date(2027, 5, 3)),  # a Saturday is asked about too
    ],
)
def test_a_holiday_moves_to_the_next_common_working_day(
    days: tuple[int, ...], day: date, asked: date
) -> None:
    assert move_slot(weekly(*days), day, HESSE) == asked


def test_after_three_days_of_work_nothing_is_moved() -> None:
    closed = {date(2027, 12, 24) + timedelta(days=ahead) for ahead in range(8)}
    assert move_slot(weekly(4), date(2027, 12, 24), WorkingDays(own=frozenset(closed))) == date(2027, 12, 24)
    open_on_third = WorkingDays(own=frozenset(closed - {date(2027, 12, 29)}))
    assert move_slot(weekly(4), date(2027, 12, 24), open_on_third) == date(2027, 12, 29)


def test_the_holidays_of_both_companies_count_and_each_has_its_own() -> None:
    sponsor = Organisation("S", frozenset(), country=("DE-HE",))
    cro = Organisation("C", frozenset(), country=("PL", "IN"))
    alliance = Alliance("a", "A", "UTC", sponsor, cro, holidays=frozenset({date(2027, 6, 1)}))
    both, own = find_working_days(alliance), find_working_days(alliance, [Side.CRO])
    assert both.find_holiday(date(2027, 5, 6)) == "Ascension Day"
    assert own.find_holiday(date(2027, 5, 6)) is None
    assert "Third of May" in str(own.find_holiday(date(2027, 5, 3)))
    assert both.find_holiday(date(2027, 6, 1)) == own.find_holiday(date(2027, 6, 1)) == OWN_DATE


def test_a_weekend_is_the_country_s_own() -> None:
    friday, sunday = date(2027, 6, 4), date(2027, 6, 6)
    assert WorkingDays(("IL",)).is_weekend(friday)
    assert not WorkingDays(("IL",)).is_weekend(sunday)
    assert WorkingDays().is_weekend(sunday)


@pytest.mark.parametrize("code", ["XX", "DE-QQ", "DE-", "de", "Germany", "", "DE-HE-1"])
def test_an_unknown_country_is_refused(code: str) -> None:
    with pytest.raises(ValueError):
        check_country(code)


calendars = st.frozensets(st.integers(0, 70), max_size=30).map(
    lambda offsets: WorkingDays(own=frozenset(SPRING + timedelta(days=offset) for offset in offsets))
)


@given(days=st.frozensets(st.integers(0, 6), min_size=1), weeks=st.integers(1, 3), calendar=calendars)
def test_every_slot_is_asked_once_in_order_and_on_a_holiday_only_if_no_day_is_free(
    days: frozenset[int], weeks: int, calendar: WorkingDays
) -> None:
    pulse = Pulse("p", days, time(9), every_weeks=weeks)
    slots = [*list_slot_days(pulse, SPRING, SPRING + 14 * WEEK)]
    asked = [move_slot(pulse, day, calendar) for day in slots]
    assert all(before < after for before, after in pairwise(asked))
    for (day, following), on in zip(pairwise(slots), asked, strict=False):
        assert day <= on < following
        assert (on == day) or (calendar.is_working_day(on) and calendar.find_holiday(day))
        if on == day and calendar.find_holiday(day):
            free = [day + ahead * DAY for ahead in range(1, 4) if day + ahead * DAY < following]
            assert not any(calendar.is_working_day(other) for other in free)


@given(days=st.frozensets(st.integers(0, 6), min_size=1), calendar=calendars, later=calendars)
def test_a_bot_that_looks_when_it_is_told_to_asks_each_slot_once_whatever_the_holidays_become(
    days: frozenset[int], calendar: WorkingDays, later: WorkingDays
) -> None:
    """Half-way, other holidays are declared: no slot is asked twice, and none that is still to come is lost."""
    pulse = Pulse("p", days, time(9))
    start, change = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 3, 30, 12, tzinfo=UTC)
    now, last, asked = start, SPRING - DAY, list[date]()
    while now < start + 7 * WEEK:
        known = calendar if now < change else later
        due = list_due_slots(pulse, "UTC", last, now, known)
        assert all(slot.at <= now for slot in due)
        asked += [slot.day for slot in due]
        last = max([last, *asked])
        following = find_next_look(pulse, "UTC", now, known)
        now = min(following, change) if now < change else following
    wanted = [*list_slot_days(pulse, SPRING, (start + 6 * WEEK).date())]
    assert asked[: len(wanted)] == wanted


def test_the_next_slot_is_the_moved_one_and_the_look_is_where_it_stood() -> None:
    now = datetime(2027, 3, 26, 7, tzinfo=UTC)
    slot = find_next_slot(weekly(4), "UTC", now, HESSE)
    assert (slot.day, slot.at) == (date(2027, 3, 26), datetime(2027, 3, 30, 9, tzinfo=UTC))
    assert find_next_look(weekly(4), "UTC", now, HESSE) == datetime(2027, 3, 26, 9, tzinfo=UTC)
    after = datetime(2027, 3, 29, 9, tzinfo=UTC)
    assert find_next_slot(weekly(4), "UTC", after, HESSE) == slot
    assert find_next_look(weekly(4), "UTC", after, HESSE) == slot.at
