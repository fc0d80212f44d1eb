"""Judge whether fewer people answer than these people usually do, and silence."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log

import numpy as np

from bot.alarms.baseline import LEARNING
from bot.alarms.control_charts import COOL_DOWN
from bot.alarms.cusum import Chart, advance_chart
from bot.alarms.state import State
from bot.model.alarm_kind import AlarmKind
from bot.model.alliance import Side
from bot.model.closing import Alarm
from bot.scoring.answer_matrix import Floats, History

LIMIT = 5.0
FEWER = 0.4
"""Share of those who usually answer that the chart looks for missing."""
FEWEST = 2.0
"""Expected answers below which participation is not judged."""
SILENT = 0.001
"""A silence less probable than this is reported."""
HABIT_ROUNDS = 12
_NAMEABLE = 5
"""People on the roster without whom participation would be about persons."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """The expected and the actual answers to the judged round."""

    probabilities: Floats
    """p_i of everyone on the roster; empty before the fourth round of habit."""
    answered: int

    @property
    def expected(self) -> float:
        """E = Σp."""
        return float(self.probabilities.sum())

    @property
    def variance(self) -> float:
        """V = Σp(1 − p) + (0.1·E)²."""
        p = self.probabilities
        return float((p * (1 - p)).sum()) + (0.1 * self.expected) ** 2


def expect_attendance(history: History, side: Side) -> Attendance | None:
    """Return p_i = (r_i + 4ρ)/(n_i + 4), r_i of n_i rounds answered while on the roster, ρ = (Σr + 1)/(Σn + 2).

    Over the last 12 rounds that were no holidays up to the one before the last; None with fewer than 4.
    """
    place = history.place % len(history.asked)
    habit = [i for i in range(place - 1) if not history.asked[i].holiday][-HABIT_ROUNDS:]
    if len(habit) < 4:
        return None
    columns = history.sides[side]
    invited = columns.present[:, habit].sum(axis=1)
    answered = columns.responded[:, habit].sum(axis=1)
    rate = (answered.sum() + 1) / (invited.sum() + 2)
    here = columns.present[:, place]
    p: Floats = ((answered + 4 * rate) / (invited + 4))[here]
    return Attendance(p, int(np.count_nonzero(columns.responded[:, place])))


def judge_participation(
    state: State, found: Mapping[Side, Attendance | None], index: int
) -> tuple[State, tuple[Alarm, ...]]:
    """Judge both sides' participation and silence in one round that was no holiday."""
    alarms: list[Alarm] = []
    for side, attendance in found.items():
        if attendance is None:
            continue
        state, fallen = _judge_turnout(state, side, attendance, index)
        state, silent = _judge_silence(state, side, attendance, index)
        alarms += [*fallen, *silent]
    return state, tuple(alarms)


def _judge_turnout(
    state: State, side: Side, attendance: Attendance, index: int
) -> tuple[State, tuple[Alarm, ...]]:
    """Set S ← max(0, S + min(((E − m)·0.4E − (0.4E)²/2)/V, 0.6·5)): the odds of "40 % fewer answer"."""
    expected = attendance.expected
    if index < LEARNING or expected < FEWEST:
        return state, ()
    kind = str(AlarmKind("participation", side))
    before = state.charts.get(kind, Chart())
    chart = advance_chart(
        before, index, attendance.answered - expected, attendance.variance, -FEWER * expected, 0.6 * LIMIT
    )
    if chart.s > 0:
        # The size of this alarm is Σm/ΣE − 1, so its sums are those of answers and not of d/v.
        chart = replace(
            chart, weight=before.weight + expected, total=before.total + attendance.answered - expected
        )
    quiet = index < state.fired.get(kind, -COOL_DOWN) + COOL_DOWN
    if chart.s <= LIMIT or quiet or len(attendance.probabilities) < _NAMEABLE:
        return replace(state, charts={**state.charts, kind: chart}), ()
    alarm = Alarm(kind, "alert", index, chart.find_start(index), chart.size, reminder=kind in state.episodes)
    charts, fired = {**state.charts, kind: chart.clear_sum()}, {**state.fired, kind: index}
    return replace(state, charts=charts, fired=fired, episodes={**state.episodes, kind: kind}), (alarm,)


def _judge_silence(
    state: State, side: Side, attendance: Attendance, index: int
) -> tuple[State, tuple[Alarm, ...]]:
    """Raise an alarm once when Π(1 − p_i) over rounds without an answer falls below 0.001; an answer re-arms it."""
    kind = str(AlarmKind("silence", side))
    if attendance.answered:
        episodes = {open_kind: name for open_kind, name in state.episodes.items() if open_kind != kind}
        silence = {s: x for s, x in state.silence.items() if s != side}
        return replace(state, silence=silence, episodes=episodes), ()
    if len(attendance.probabilities) < _NAMEABLE:
        return state, ()
    before = state.silence.get(side, 0.0)
    after = before + float(np.log1p(-attendance.probabilities).sum())
    state = replace(state, silence={**state.silence, side: after})
    if after < log(SILENT) <= before:
        state = replace(state, episodes={**state.episodes, kind: kind})
        return state, (Alarm(kind, "alert", index, index, -1.0),)
    return state, ()
