"""All alarms of one round: the five charts, the watch, participation, silence and the dimensions' notices."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from bot.alarms import control_charts as charts
from bot.alarms import dimensions as notices
from bot.alarms import episodes, participation
from bot.alarms.baseline import LEARNING, Deviation, Reference, deviation, reference
from bot.alarms.episodes import Ended
from bot.alarms.state import State
from bot.model.alliance import Side
from bot.model.closing import Alarm, Cell
from bot.scoring.answer_matrix import Bools, History

T = TypeVar("T")

CONTRIBUTORS = 5
"""People who must have answered on a side since an alarm began before it names that side."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the charts said of a round, and the state they go on with."""

    alarms: tuple[Alarm, ...]
    state: State
    ended: tuple[Ended, ...] = ()
    """Episodes that are over."""


def judge(history: History, state: State, shown: frozenset[Cell], pooled: bool = False) -> Judged:
    """Judge the last round of `history`, which reaches back at least 29 rounds where there are as many.

    `shown` are the cells that people can see after this closing: nothing finer is ever named.
    """
    index = history.now.index
    state, alarms, quiet = _attend(history, state)
    if index < LEARNING:
        return Judged(_unnamed(alarms, pooled), state, _unnamed(quiet, pooled))
    core = np.array([item.kind == "core" for item in history.items], dtype=bool)
    usual = {side: reference(history.sides[side], core, index) for side in Side}
    state = charts.noticed(state, _deviations(history, usual, core), index)
    moves = notices.item_moves(history, usual)
    state, noticed = notices.judge_dimensions(notices.remembered(state, moves, index), moves, index)
    state, judged = _five(history, state, shown, pooled)
    explained = tuple(replace(one, dimensions=notices.moved_most(state, one, shown)) for one in judged)
    named = tuple(one for one in noticed if _both_shown(shown, one.dimensions[0]))
    state, over = episodes.follow_levels(state, charts.moves(state, index), index)
    ended = (*over, *_unnamed(quiet, pooled))
    return Judged((*explained, *_unnamed(alarms, pooled), *named), state, ended)


def _attend(history: History, state: State) -> tuple[State, tuple[Alarm, ...], tuple[Ended, ...]]:
    """Participation and silence, which a holiday says nothing of: alarms, and episodes that are over."""
    if history.now.holiday:
        return state, (), ()
    index, before = history.now.index, state
    found = {side: participation.attendance(history, side) for side in Side}
    state, alarms = participation.judge_participation(state, found, index)
    spoken = episodes.find_ended(before, state, index)
    state, over = episodes.follow_attendance(state, found, index)
    return state, alarms, (*spoken, *over)


def _deviations(
    history: History, usual: Mapping[Side, Reference], core: Bools
) -> dict[Side, Deviation | None]:
    index = history.now.index
    found = {}
    for side, columns in history.sides.items():
        rows = columns.between(index, index)
        items, people, values = columns.items[rows], columns.people[rows], columns.values[rows]
        kept = core[items]
        found[side] = deviation(usual[side], items[kept], people[kept], values[kept])
    return found


def _five(
    history: History, state: State, shown: frozenset[Cell], pooled: bool
) -> tuple[State, tuple[Alarm, ...]]:
    index = history.now.index
    nameable = partial(_nameable, history, shown, pooled)
    told = charts.moves(state, index)
    alarms: list[Alarm] = []
    for run, limit in charts.RUNS.items():
        state = charts.advance(state, told, run, limit, index)
        state, judged = charts.judge(state, run, index, nameable)
        alarms += judged
    return state, tuple(alarms)


def _nameable(history: History, shown: frozenset[Cell], pooled: bool, kind: str, start: int) -> bool:
    """An alarm names no side of fewer than five contributors, and a gap only where both sides are shown."""
    if kind == "level":
        return True
    if pooled:
        return False
    sides = tuple(Side) if kind == "gap" else (Side(kind),)
    if kind == "gap" and not any(_both_shown(shown, cell.dimension) for cell in shown):
        return False
    return all(_contributors(history, side, start) >= CONTRIBUTORS for side in sides)


def _contributors(history: History, side: Side, start: int) -> int:
    return len(history.sides[side].answerers(start, history.now.index))


def _both_shown(shown: frozenset[Cell], dimension: str) -> bool:
    return all(Cell(side, dimension) in shown for side in Side)


def _unnamed(found: tuple[T, ...], pooled: bool) -> tuple[T, ...]:
    """In a pooled alliance nothing is said of one side."""
    return () if pooled else found
