"""Say whether an action helped: the same people's answers on its topic, before and after it.

Per person d = mean after − mean before, over the last askings of each; better or lower where |d̄| exceeds t·se with
se² = s²/n + τ²·(1/a + 1/b)/k for a and b askings of k sides (weeks go up and down for everybody at once).
`python -m bench.follow_up` measures how often it errs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal, TypeAlias

import numpy as np

from bot.model.alliance import Side
from bot.privacy.release_gate import FLOOR
from bot.scoring.answer_matrix import Columns, Floats, History
from bot.scoring.scores import estimate_mean
from bot.scoring.t_quantile import find_quantile
from bot.scoring.variances import ERROR_VAR, OCCASION_VAR, ROUND_VAR

FollowUp: TypeAlias = Literal["clearly better", "no clear change", "lower", "too few to say"]
BEFORE, FIRST, LAST = 5, 2, 3
"""Askings before the action that count at most; after how many the first word is given, and the last."""
CONFIDENCE = {2: 0.99, 3: 0.965}
"""By askings since: both words together call an action without effect better in about 4 of 100 cases."""
PRIOR_SD = sqrt(ERROR_VAR + OCCASION_VAR)
"""Planned standard deviation of a person's change, points of the 1–5 scale."""


@dataclass(frozen=True, slots=True)
class Askings:
    """The rounds that asked a topic, by index: the last before an action, and those since."""

    before: tuple[int, ...]
    after: tuple[int, ...]


def find_askings(history: History, topic: str, start: int, since: int) -> Askings:
    """Return the rounds that asked a core question of the topic before round `since`, and from it on.

    Not those before `start`, in which the drop began. An empty topic stands for all core questions.
    """
    asked = [
        item.index
        for item in history.asked
        if any(question.kind == "core" and topic in ("", question.dimension) for question in item.items)
    ]
    before = tuple(index for index in asked if start <= index < since)[-BEFORE:]
    return Askings(before, tuple(index for index in asked if index >= since)[:LAST])


def judge_follow_up(history: History, sides: Iterable[Side], topic: str, askings: Askings) -> FollowUp | None:
    """Return the word for an action; None while the topic was asked too seldom since, or never before."""
    if len(askings.after) not in CONFIDENCE or not askings.before:
        return None
    sides = tuple(sides)
    changes = np.concatenate([_measure_changes(history, side, topic, askings) for side in sides])
    if changes.size < FLOOR:
        return "too few to say"
    mean = float(changes.mean())
    own = estimate_mean(changes.size, mean, float(((changes - mean) ** 2).sum()), PRIOR_SD)
    weeks = ROUND_VAR * (1 / len(askings.before) + 1 / len(askings.after)) / len(sides)
    limit = find_quantile(CONFIDENCE[len(askings.after)], own.df) * sqrt(own.se**2 + weeks)
    return "clearly better" if mean > limit else "lower" if mean < -limit else "no clear change"


def _measure_changes(history: History, side: Side, topic: str, askings: Askings) -> Floats:
    """Return each person's mean after minus mean before, points of the 1–5 scale, of those with both."""
    columns = history.sides[side]
    core = [
        place
        for place, item in enumerate(history.items)
        if item.kind == "core" and topic in ("", item.dimension)
    ]
    then = _average_people(columns, core, askings.before)
    now = _average_people(columns, core, askings.after)
    changes: Floats = (now - then)[~np.isnan(now - then)]
    return changes


def _average_people(columns: Columns, core: Sequence[int], rounds: Sequence[int]) -> Floats:
    """Return each person's mean over these items and rounds; NaN for somebody without an answer."""
    rows = np.isin(columns.rounds, rounds) & np.isin(columns.items, core)
    people = len(columns.names)
    counts = np.bincount(columns.people[rows], minlength=people).astype(float)
    sums = np.bincount(columns.people[rows], weights=columns.values[rows], minlength=people)
    means: Floats = np.divide(sums, counts, out=np.full(people, np.nan), where=counts > 0)
    return means
