"""Which alarms may say of whom they speak: five people of a side, and a gap only where both sides can be seen."""

from dataclasses import replace
from functools import cache

from bot.alarms.judge import judge_alarms
from bot.alarms.state import State
from bot.app.backtest.generate import Change, World
from bot.model.alliance import Side
from bot.model.closing import Cell
from bot.scoring.answer_matrix import History
from tests.rules.histories import simulated

SEEN = frozenset(Cell(side, d) for side in Side for d in ("vision", "trust", "roles"))
"""What can be seen in these tests: three dimensions of both sides."""


@cache
def fallen(people: int) -> History:
    """So many of the sponsor's people, who always answer, fall by two points; fifteen of the CRO do not."""
    world = World(people=(people, 15), leaving=0.0, response=1.0)
    return simulated(world, 0, 46, Change(40, Side.SPONSOR, -2.0))


def kinds(people: int, shown: frozenset[Cell] = SEEN, pooled: bool = False) -> set[str]:
    """Of the alarms that were judged, besides those of single dimensions and of participation."""
    past, state, found = fallen(people), State(), set()
    for place in range(len(past.asked)):
        judged = judge_alarms(replace(past, place=place), state, shown, pooled)
        state, found = judged.state, found | {alarm.kind for alarm in judged.alarms}
    return {kind for kind in found if not kind.startswith(("dim:", "part_", "silent_"))}


def test_a_side_of_five_is_named_and_one_of_four_is_not() -> None:
    assert kinds(5) == {"level", "sponsor", "gap"}
    assert {"sponsor", "gap"}.isdisjoint(kinds(4)) and "level" in kinds(4)


def test_a_gap_is_spoken_of_only_where_both_sides_can_be_seen() -> None:
    assert kinds(5, frozenset(cell for cell in SEEN if cell.side is Side.CRO)) == {"level", "sponsor"}
    assert kinds(5, frozenset()) == {"level", "sponsor"}


def test_where_the_sides_are_pooled_none_is_named() -> None:
    assert kinds(5, frozenset(Cell(None, cell.dimension) for cell in SEEN), pooled=True) == {"level"}
