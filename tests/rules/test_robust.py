"""One person is not a company: what a single regular who turns can do to deviations, topics and the mood line."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.baseline import BIWEIGHT, find_centre, find_tuning, fit_reference, measure_deviation
from bot.alarms.dimensions import (
    TOPIC_PEOPLE,
    ItemMove,
    find_farthest_moved,
    find_item_moves,
    judge_dimensions,
    note_moves,
)
from bot.alarms.state import State, pack_memory, unpack_memory
from bot.app.backtest.generate import World
from bot.model.alliance import Side
from bot.model.closing import Alarm, Cell, Memory
from bot.scoring.answer_matrix import Floats, History
from tests.rules.histories import simulated

EVERYTHING = frozenset(Cell(side, "trust") for side in Side)
residuals = st.lists(st.floats(-1, 1), min_size=4, max_size=30)


@given(residuals, st.floats(-4, -3))
def test_one_person_who_turns_hardly_moves_the_centre(usual: list[float], turned: float) -> None:
    spread = np.full(len(usual) + 1, 0.25)
    with_one = find_centre(np.array([*usual, turned]), spread)
    without = find_centre(np.array(usual), spread[:-1])
    assert abs(with_one - without) < 0.5, "a mean would be moved by up to 0.8"
    if turned < min(usual) - BIWEIGHT * 0.5:
        assert with_one >= min(usual) - 1e-9, "so far away a person weighs nothing"


@given(residuals, st.floats(-2, 2))
def test_where_everybody_moves_the_centre_moves_with_them(usual: list[float], shift: float) -> None:
    spread = np.full(len(usual), 0.25)
    moved = find_centre(np.array(usual) + shift, spread)
    assert abs(moved - shift - find_centre(np.array(usual), spread)) < 1e-9


def test_people_who_are_all_far_apart_have_a_centre_too() -> None:
    assert find_centre(np.array([-4.0, -4.0, 4.0, 4.0]), np.full(4, 0.2)) == 0.0


def test_one_of_eight_who_turns_to_all_ones_leaves_the_side_as_usual() -> None:
    """By a mean the side would be at about −0.4, from −0.25 on a chart climbs."""
    past = simulated(World(people=(8, 8), leaving=0.0, response=0.9), 77, 40)
    person = int(past.sides[Side.CRO].people[-1])
    before, after = (found_over(history, 30, 39) for history in (past, turned_to_ones(past, person, 30)))
    assert abs(after - before) < 0.12


def turned_to_ones(past: History, person: int, week: int) -> History:
    columns = past.sides[Side.CRO]
    theirs = (columns.people == person) & (columns.rounds >= week)
    assert theirs.any()
    return replace(
        past, sides={**past.sides, Side.CRO: replace(columns, values=np.where(theirs, 1.0, columns.values))}
    )


def found_over(past: History, first: int, last: int) -> float:
    """The mean deviation of the CRO in these rounds from what was usual before them."""
    columns = past.sides[Side.CRO]
    core = np.array([question.kind == "core" for question in past.items], dtype=bool)
    usual = fit_reference(columns, core, first)
    found: list[float] = []
    for t in range(first, last + 1):
        rows = columns.find_rows(t, t)
        kept = core[columns.items[rows]]
        values: Floats = columns.values[rows][kept]
        one = measure_deviation(usual, columns.items[rows][kept], columns.people[rows][kept], values)
        found += [one.d] if one else []
    return float(np.mean(found))


def test_a_side_never_counts_as_steadier_than_planned() -> None:
    assert find_tuning([0.01] * 26) == 1.0
    assert find_tuning([4.0] * 26) > 2.5


def test_no_topic_rests_on_fewer_than_five_people_of_a_side() -> None:
    past = simulated(World(people=(7, 7), response=0.7), 5, 40)
    core = np.array([question.kind == "core" for question in past.items], dtype=bool)
    seen = set()
    for place in range(8, 40):
        now = replace(past, place=place)
        usual = {side: fit_reference(past.sides[side], core, place) for side in Side}
        for move in find_item_moves(now, usual):
            seen |= {part.people for part in move.sides.values()}
    assert seen and min(seen) == TOPIC_PEOPLE


def test_topics_in_a_memory_of_before_are_kept_but_not_named() -> None:
    """A memory written before says not how many people a topic's deviation rested on."""
    old = {"round": 9, "side": "cro", "dimension": "trust", "d": -2.0, "v": 0.1}
    empty = {"charts": {}, "fired": {}, "episodes": {}, "seen": {}, "silence": {}, "blind": {}, "mood": {}}
    state = unpack_memory(Memory({**empty, "moved": [old]}))
    alarm = Alarm("cro", "alert", 10, 9, -1.0)
    assert find_farthest_moved(state, alarm, EVERYTHING) == ()
    counted = unpack_memory(pack_memory(replace(state, moved=(replace(state.moved[0], people=5),))))
    assert find_farthest_moved(counted, alarm, EVERYTHING) == ("trust",)


def test_a_notice_needs_both_sides() -> None:
    state, alarms = judge_dimensions(note_moves(State(), (), 9), [ItemMove("trust", {})], 9)
    assert (alarms, state.charts) == ((), {})
