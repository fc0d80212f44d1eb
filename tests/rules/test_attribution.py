"""Whose answers a drop of the level is put down to, and which leads read it."""

from datetime import date

import pytest

from bot.alarms.attribution import find_lower_sides
from bot.alarms.control_charts import Nameable
from bot.alarms.evidence import word_alarm
from bot.alarms.state import Seen, State
from bot.app.backtest.generate import Change, World
from bot.closing.replay import replay_rounds
from bot.model.alliance import Side
from bot.model.closing import Alarm
from bot.wording.alert import name_alarm
from tests.rules.histories import simulated
from tests.rules.surface import ALLIANCE

DAY = date(2027, 1, 5)
LEVEL = Alarm("level", "alert", 31, 30, -0.5)
BOTH = "people at both companies answer lower than usual"


def may_name(*kinds: str) -> Nameable:
    return lambda kind, start: start == LEVEL.start_round and kind in kinds


def state(sponsor: float, cro: float) -> State:
    """Two rounds in which each side was so far from usual."""
    moves = {Side.SPONSOR: sponsor, Side.CRO: cro}
    seen = {str(side): tuple(Seen(t, d, 0.05, 0.05) for t in (29, 30, 31)) for side, d in moves.items()}
    return State(seen={Side(side): found for side, found in seen.items()})


@pytest.mark.parametrize(
    ("sponsor", "cro", "lower"),
    [
        (-0.8, -0.8, (Side.SPONSOR, Side.CRO)),
        (0.0, -0.8, (Side.CRO,)),
        (-0.8, 0.1, (Side.SPONSOR,)),
        (-0.4, -0.8, ()),
        (-0.4, -0.4, ()),
    ],
)
def test_a_drop_is_put_down_to_those_who_are_clearly_lower_by_themselves(
    sponsor: float, cro: float, lower: tuple[Side, ...]
) -> None:
    assert find_lower_sides(state(sponsor, cro), LEVEL, may_name("sponsor", "cro")) == lower


def test_a_side_that_no_alarm_might_name_is_not_named_here_either() -> None:
    assert find_lower_sides(state(-0.8, -0.8), LEVEL, may_name("cro")) == ()
    assert find_lower_sides(state(0.0, -0.8), LEVEL, may_name("sponsor")) == ()


@pytest.mark.parametrize("fallen", Side)
def test_where_one_side_falls_no_lead_reads_that_both_do(fallen: Side) -> None:
    past = simulated(World(leaving=0.0), 6, 46, Change(36, fallen, -1.2))
    alarms = [alarm for lived in replay_rounds(past) for alarm in lived.outcome.alarms]
    levels = [alarm for alarm in alarms if alarm.kind == "level" and alarm.round >= 36]
    assert levels and {alarm.lower for alarm in levels} <= {(fallen,), ()}
    named = next(alarm for alarm in levels if alarm.lower)
    company = ALLIANCE.organisation(fallen).name
    assert read(named, fallen) == f"alignment has dropped: lower answers at {company}"
    assert {read(alarm, fallen.other) for alarm in levels} == {"alignment has dropped"}


def test_where_both_fall_both_leads_read_it() -> None:
    past = simulated(World(leaving=0.0), 6, 46, Change(36, shift=-1.2))
    (first, *_) = [
        alarm
        for lived in replay_rounds(past)
        for alarm in lived.outcome.alarms
        if alarm.kind == "level" and alarm.level == "alert"
    ]
    assert {read(first, side) for side in Side} == {f"alignment has dropped: {BOTH}"}


def test_a_topic_that_fell_over_both_pooled_is_not_said_to_be_lower_at_both() -> None:
    notice = Alarm("dim:vision", "watch", 31, 30, -0.9, ("vision",))
    assert read(notice, Side.CRO) == "vision: lower than usual"


def read(alarm: Alarm, side: Side) -> str:
    return name_alarm(ALLIANCE, word_alarm(alarm, DAY, reader=side))
