"""When the machine's clock is believed, and which time is gone by where it is not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock_trust import ALLOWED, GAP, NOTICEABLE, Evidence, choose_best, judge_clock

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
YEARS = st.timedeltas(-500 * DAY, 500 * DAY)
FAR = YEARS.filter(lambda by: abs(by) > ALLOWED)


@given(st.timedeltas(-ALLOWED, ALLOWED), FAR, YEARS, YEARS)
def test_one_platform_that_agrees_decides_whatever_else_speaks_against_it(
    near: timedelta, far: timedelta, jump: timedelta, row: timedelta
) -> None:
    told = Evidence(NOW, NOW + jump, {"a": NOW + near, "b": NOW + far}, True, NOW + row, NOW + row, NOW + row)
    assert judge_clock(told).may_work and judge_clock(told).may_delete
    assert choose_best(told) == (NOW + near if abs(near) > NOTICEABLE else NOW)


@given(FAR, YEARS, YEARS)
def test_platforms_that_disagree_stop_the_work_and_their_time_is_gone_by(
    by: timedelta, jump: timedelta, row: timedelta
) -> None:
    told = Evidence(NOW, NOW + jump, {"a": NOW - by}, True, row=NOW + row, confirmed=NOW + row)
    assert not judge_clock(told).may_work and not judge_clock(told).may_delete
    assert judge_clock(told).by == by
    assert choose_best(told) == NOW - by


@given(FAR)
def test_a_leap_against_the_steady_clock_stops_the_work(by: timedelta) -> None:
    told = Evidence(NOW + by, NOW)
    assert judge_clock(told).doubt == "jump" and not judge_clock(told).may_work
    assert choose_best(told) == NOW


@pytest.mark.parametrize("name", ["event", "row", "confirmed"])
def test_what_is_from_a_later_time_stops_the_work(name: str) -> None:
    for later, is_well in ((ALLOWED, True), (ALLOWED + SECOND, False), (400 * DAY, False)):
        told = Evidence(NOW, NOW, has_platforms=True, **{name: NOW + later})
        assert judge_clock(told).may_work is is_well


def test_without_a_platforms_word_nothing_is_deleted_and_work_goes_on_for_a_day() -> None:
    soon = Evidence(NOW, NOW, has_platforms=True, confirmed=NOW - GAP)
    assert judge_clock(soon).may_work and not judge_clock(soon).may_delete
    late = Evidence(NOW, NOW, has_platforms=True, confirmed=NOW - GAP - SECOND)
    assert judge_clock(late).doubt == "gap" and not judge_clock(late).may_work
    fresh = Evidence(NOW, NOW, has_platforms=True)
    assert judge_clock(fresh).may_work and not judge_clock(fresh).may_delete


def test_where_no_platform_is_set_up_a_long_gap_only_keeps_from_deleting() -> None:
    assert judge_clock(Evidence(NOW, NOW, confirmed=NOW - GAP)).may_delete
    late = judge_clock(Evidence(NOW, NOW, confirmed=NOW - 500 * DAY))
    assert late.may_work and not late.may_delete
    assert not judge_clock(Evidence(NOW, NOW, row=NOW - 500 * DAY)).may_delete
    assert judge_clock(Evidence(NOW, NOW)).may_delete
