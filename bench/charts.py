"""The rules that ours are measured beside: an EWMA and a week-over-week fall, on raw weekly means."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import inf

import numpy as np

from bot.alarms.baseline import LEARNING, LONGEST
from bot.alarms.cusum import Chart, advance_chart
from bot.model.alliance import Side
from bot.scoring.answer_matrix import History, scale_answers

COOL_DOWN = 4


def ewma(z: Iterable[float], smoothing: float) -> Iterator[float]:
    """Z ← λ·z + (1 − λ)·Z from 0, in units of its final standard deviation √(λ/(2 − λ)).

    Lucas & Saccucci (1990), https://doi.org/10.1080/00401706.1990.10484583
    """
    average, sd = 0.0, (smoothing / (2 - smoothing)) ** 0.5
    for value in z:
        average += smoothing * (value - average)
        yield average / sd


def cusum_run_length(z: Iterable[float], h: float) -> int:
    """Rounds until the product's own chart, both ways with δ = 1 and v = 1 (k = 0.5), passes h."""
    up = down = Chart()
    for round_index, value in enumerate(z, 1):
        up, down = (
            advance_chart(up, round_index, value, 1.0, 1.0, inf),
            advance_chart(down, round_index, value, 1.0, -1.0, inf),
        )
        if max(up.s, down.s) > h:
            return round_index
    raise AssertionError("the series ended first")


def ewma_run_length(z: Iterable[float], smoothing: float, limit: float) -> int:
    """Rounds until |Z| passes its limit."""
    return next(round_index for round_index, value in enumerate(ewma(z, smoothing), 1) if abs(value) > limit)


def raw_means(history: History) -> list[float | None]:
    """The mean of both sides' mean answers of each round, 0 … 100; None where a side did not answer."""
    means: list[float | None] = []
    for asked in history.asked:
        sides = [history.sides[side] for side in Side]
        values = [columns.values[columns.find_rows(asked.index, asked.index)] for columns in sides]
        said = [scale_answers(float(value.mean())) for value in values if value.size]
        means.append(sum(said) / 2 if len(said) == 2 else None)
    return means


def falls(means: Sequence[float | None]) -> list[float]:
    """How far each round is below the one before, points."""
    return [0.0, *(a - b if a is not None and b is not None else 0.0 for a, b in pairwise(means))]


def ewma_below(means: Sequence[float | None], smoothing: float = 0.3) -> list[float]:
    """How far the EWMA of standardised raw means is below usual: mean and SD of up to 26 earlier rounds."""
    z = []
    for t, value in enumerate(means):
        usual = [mean for mean in means[max(0, t - 2 - LONGEST) : max(0, t - 2)] if mean is not None]
        if value is None or len(usual) < LEARNING - 2:
            z.append(0.0)
        else:
            z.append((value - float(np.mean(usual))) / max(float(np.std(usual, ddof=1)), 1.0))
    return [-value for value in ewma(z, smoothing)]


def alarms(statistic: Sequence[float], limit: float) -> list[int]:
    """Rounds at which a statistic passes its limit, learning and cool-down apart."""
    found: list[int] = []
    for t, value in enumerate(statistic):
        if t >= LEARNING and value > limit and (not found or t >= found[-1] + COOL_DOWN):
            found.append(t)
    return found


def calibrated(statistics: Sequence[Sequence[float]], rounds: float) -> float:
    """The limit at which a statistic raises an alarm about every `rounds` rounds."""
    total = sum(len(statistic) - LEARNING for statistic in statistics)

    def often(limit: float) -> float:
        return sum(len(alarms(statistic, limit)) for statistic in statistics) / total

    return _bisected(often, 1 / rounds, 0.0, 60.0)


def _bisected(falling: Callable[[float], float], target: float, low: float, high: float) -> float:
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > target else (low, middle)
    return high
