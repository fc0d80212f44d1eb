"""Judge all alarms of one round: the five charts, the watch, participation, silence and the dimensions' notices."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from bot.alarms import control_charts as charts
from bot.alarms import dimensions as notices
from bot.alarms import episodes, participation
from bot.alarms.attribution import find_lower_sides
from bot.alarms.baseline import LEARNING, Deviation, Reference, fit_reference, measure_deviation
from bot.alarms.episodes import Ended
from bot.alarms.state import State
from bot.model.alarm_kind import parse_kind
from bot.model.alliance import Side
from bot.model.closing import Alarm, Cell
from bot.scoring.answer_matrix import Bools, History

T = TypeVar("T")

CONTRIBUTORS = 5
"""People who must have answered on a side since an alarm began before it names that side."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The alarms of a round, and the state that the charts go on with."""

    alarms: tuple[Alarm, ...]
    state: State
    ended: tuple[Ended, ...] = ()
    """Episodes that are over."""


def judge_alarms(history: History, state: State, shown: frozenset[Cell], pooled: bool = False) -> Judgement:
    """Judge the last round of `history`, which reaches back at least 29 rounds where there are as many.

    `shown` are the cells that people can see after this closing: nothing finer is ever named.
    """
    index = history.now.index
    state, alarms, quiet = _attend(history, state)
    if index < LEARNING:
        return Judgement(_drop_pooled(alarms, pooled), state, _drop_pooled(quiet, pooled))
    core = np.array([item.kind == "core" for item in history.items], dtype=bool)
    usual = {side: fit_reference(history.sides[side], core, index) for side in Side}
    state = charts.note_deviations(state, _measure_sides(history, usual, core), index)
    moves = notices.find_item_moves(history, usual)
    state, noticed = notices.judge_dimensions(notices.note_moves(state, moves, index), moves, index)
    state, judged = _judge_runs(history, state, shown, pooled)
    nameable = partial(_may_name, history, shown, pooled)
    explained = tuple(
        replace(
            alarm,
            dimensions=notices.find_farthest_moved(state, alarm, shown),
            lower=find_lower_sides(state, alarm, nameable),
        )
        for alarm in judged
    )
    named = tuple(alarm for alarm in noticed if _are_both_shown(shown, alarm.dimensions[0]))
    state, over = episodes.follow_levels(state, charts.find_moves(state, index), index)
    ended = (*over, *_drop_pooled(quiet, pooled))
    return Judgement((*explained, *_drop_pooled(alarms, pooled), *named), state, ended)


def _attend(history: History, state: State) -> tuple[State, tuple[Alarm, ...], tuple[Ended, ...]]:
    """Participation and silence, which a holiday says nothing of: alarms, and episodes that are over."""
    if history.now.holiday:
        return state, (), ()
    index, before = history.now.index, state
    found = {side: participation.expect_attendance(history, side) for side in Side}
    state, alarms = participation.judge_participation(state, found, index)
    spoken = episodes.find_ended(before, state, index)
    state, over = episodes.follow_attendance(state, found, index)
    return state, alarms, (*spoken, *over)


def _measure_sides(
    history: History, usual: Mapping[Side, Reference], core: Bools
) -> dict[Side, Deviation | None]:
    index = history.now.index
    found = {}
    for side, columns in history.sides.items():
        rows = columns.find_rows(index, index)
        items, people, values = columns.items[rows], columns.people[rows], columns.values[rows]
        kept = core[items]
        found[side] = measure_deviation(usual[side], items[kept], people[kept], values[kept])
    return found


def _judge_runs(
    history: History, state: State, shown: frozenset[Cell], pooled: bool
) -> tuple[State, tuple[Alarm, ...]]:
    index = history.now.index
    nameable = partial(_may_name, history, shown, pooled)
    told = charts.find_moves(state, index)
    alarms: list[Alarm] = []
    for run, limit in charts.RUNS.items():
        state = charts.advance_charts(state, told, run, limit, index)
        state, judged = charts.judge_charts(state, run, index, nameable)
        alarms += judged
    return state, tuple(alarms)


def _may_name(history: History, shown: frozenset[Cell], pooled: bool, kind: str, start: int) -> bool:
    """Name no side of fewer than five contributors, and a gap only where both sides are shown."""
    about = parse_kind(kind)
    if about.subject == "level":
        return True
    if pooled:
        return False
    if about.subject == "gap" and not any(_are_both_shown(shown, cell.dimension) for cell in shown):
        return False
    return all(_count_contributors(history, side, start) >= CONTRIBUTORS for side in about.sides)


def _count_contributors(history: History, side: Side, start: int) -> int:
    return len(history.sides[side].find_answerers(start, history.now.index))


def _are_both_shown(shown: frozenset[Cell], dimension: str) -> bool:
    return all(Cell(side, dimension) in shown for side in Side)


def _drop_pooled(found: tuple[T, ...], pooled: bool) -> tuple[T, ...]:
    """Say nothing of one side in a pooled alliance."""
    return () if pooled else found
