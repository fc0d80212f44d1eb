"""An alert stays open until people answer as usual again, however long that takes; then it is over once."""

from collections import Counter

import pytest

from bot.alarms.episodes import list_open_kinds
from bot.alarms.state import pack_memory
from bot.app.backtest.generate import Change, World
from bot.closing.replay import Lived, replay_rounds
from bot.model.alliance import Side
from tests.rules.histories import simulated

STEADY = World(people=(15, 15), leaving=0.0)


def live(*changes: Change, weeks: int = 44, pooled: bool = False) -> list[Lived]:
    return list(replay_rounds(simulated(STEADY, 11, weeks, *changes), pooled=pooled))


def open_kinds(one: Lived) -> frozenset[str]:
    return list_open_kinds(pack_memory(one.outcome.state))


def endings(lived: list[Lived]) -> Counter[str]:
    return Counter(over.kind for week in lived for over in week.outcome.recoveries)


def test_what_stays_low_stays_open_when_all_that_it_is_compared_with_is_low() -> None:
    """The reference reaches back 28 rounds: in round 60 all of it is as low as the answers."""
    lived = live(Change(20, shift=-0.8), weeks=62)
    opened = next(place for place, week in enumerate(lived) if "level" in open_kinds(week))
    assert opened <= 24 and all("level" in open_kinds(week) for week in lived[opened:])
    assert "level" not in endings(lived)


def test_an_alert_is_over_once_with_the_date_since_when() -> None:
    lived = live(Change(20, shift=-0.8, last=27), weeks=40)
    over = [week for week in lived if any(end.kind == "level" for end in week.outcome.recoveries)]
    assert len(over) == 1 and 31 <= over[0].history.now.index <= 37
    (end,) = [end for end in over[0].outcome.recoveries if end.kind == "level"]
    dates = [asked_round.slot for asked_round in over[0].history.asked[27:30]]
    assert end.since in dates
    assert not any(name.startswith(("episode/level", "over/level")) for name in over[0].outcome.state.charts)


@pytest.mark.parametrize(("response", "kind"), [(0.4, "part_sponsor"), (0.0, "silent_sponsor")])
def test_fewer_answers_are_open_until_as_many_come_again(response: float, kind: str) -> None:
    lived = live(Change(20, Side.SPONSOR, response=response, last=25), weeks=36)
    assert kind in open_kinds(lived[25]) and kind not in open_kinds(lived[-1])
    assert endings(lived)[kind] == 1


def test_fewer_answers_for_good_do_not_become_usual_by_habit() -> None:
    lived = live(Change(20, Side.SPONSOR, response=0.4), weeks=42)
    assert "part_sponsor" in open_kinds(lived[-1])


def test_a_pooled_alliance_hears_of_no_sides_recovery() -> None:
    lived = live(Change(20, Side.CRO, shift=-1.5, response=0.3, last=27), weeks=40, pooled=True)
    assert set(endings(lived)) == {"level"}
