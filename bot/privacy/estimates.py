"""Estimate the spread of a released number from its band and its past, as people are shown it.

The true spread would betray a unanimous group, so nothing here looks at answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import TypeAlias

from bot.privacy.bands import HIGHEST, LOWEST, round_half_up
from bot.privacy.smoothing import Smoothed
from bot.scoring.scores import Estimate
from bot.scoring.variances import PERSON_VAR, POINTS_SQUARED

ROSTER: Mapping[int, float] = {5: 8.0, 10: 15.0, 20: 32.0}
"""People whose answers a side's numbers rest on over several blocks, by its highest band."""
NORMAL_DF = 1000
"""Degrees of freedom of a spread that is planned and not estimated: as good as the normal distribution."""
CELL_FACTOR, SIDE_FACTOR = 0.88, 0.83
"""Calibrated on simulated alliances so that 95 % ranges hold the true value in 95 %; see `bench.coverage`."""
SHARED = 0.5
"""Share of a cell's changing error that all cells of a side have in common."""
Limits: TypeAlias = tuple[int, int]
"""Values beyond are only said to be there."""
WIDEST: Limits = (LOWEST, HIGHEST)
NARROW: Limits = (20, 80)
"""Of a group of 5–9, where a few colleagues could work out the rest of a unanimous one."""
FEW_TOPICS = 4
"""Fewer topics than this are combined as they are shown, within their limits: else one could be worked out."""


def estimate_cell(number: Smoothed) -> Estimate:
    """Return a cell's value with se² = σ²_people/n + the smoothing's variance, points² of 0–100."""
    variance = _person_variance(number.side_band) + number.variance
    return Estimate(number.release.band, number.release.value, CELL_FACTOR * sqrt(variance), NORMAL_DF)


def estimate_side(numbers: Sequence[Smoothed], weights: Mapping[str, float]) -> Estimate:
    """Return the weighted mean of a side's cells; `n` is the highest of their bands."""
    total = sum(weights[number.release.cell.dimension] for number in numbers)
    shares = [weights[number.release.cell.dimension] / total for number in numbers]
    mean = sum(share * number.release.value for share, number in zip(shares, numbers, strict=True))
    own = sum(share**2 * number.variance for share, number in zip(shares, numbers, strict=True))
    common = sum(share * number.variance for share, number in zip(shares, numbers, strict=True))
    band = max(number.release.band for number in numbers)
    variance = (
        _person_variance(max(number.side_band for number in numbers)) + (1 - SHARED) * own + SHARED * common
    )
    return Estimate(band, mean, SIDE_FACTOR * sqrt(variance), NORMAL_DF)


def find_limits(numbers: Iterable[Smoothed]) -> Limits:
    """Return the limits of a number that rests on these: 20 and 80 with a group of 5–9 among them, else 10 and 90."""
    return NARROW if any(number.release.band == 5 for number in numbers) else WIDEST


def bound_number(number: Smoothed) -> Smoothed:
    """Return the number as far as it is told: within its own limits."""
    low, high = find_limits((number,))
    return replace(number, release=replace(number.release, value=min(high, max(low, number.release.value))))


def is_bounded(number: Smoothed) -> bool:
    """Is the number told as at or beyond a limit?"""
    low, high = find_limits((number,))
    return not low < round_half_up(number.release.value) < high


def bound_few(numbers: Sequence[Smoothed]) -> list[Smoothed]:
    """Bound numbers where so few are combined that one could be worked out from the others."""
    return [bound_number(number) for number in numbers] if len(numbers) < FEW_TOPICS else list(numbers)


def _person_variance(band: int) -> float:
    return PERSON_VAR * POINTS_SQUARED / ROSTER[band]
