"""Smooth released numbers over time: each cell leans on its own released past, and begins anew after a jump.

Only released values, their bands and dates go in, so nothing comes out that they do not hold.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf, isinf, sqrt

from bot.model.alliance import Side
from bot.model.closing import Cell, Release
from bot.scoring.variances import ERROR_VAR, OCCASION_VAR, POINTS_SQUARED, ROUND_VAR

PEOPLE: Mapping[int, float] = {5: 6.5, 10: 13.0, 20: 26.0}
"""People that a band typically stands for, by its lower bound."""
WEEK_VAR = ROUND_VAR * POINTS_SQUARED
"""Of a whole side's week, points² of 0–100."""
ANSWER_VAR = (OCCASION_VAR + ERROR_VAR) * POINTS_SQUARED
"""Of one person's answer in one week, points² of 0–100."""
DRIFT_VAR = 3.0
"""By which a cell moves from round to round, points² of 0–100: 1.7 points, or 6 in a quarter."""
ROTATION = 3
"""Rounds within which every core dimension is asked."""
BAND_ROUNDS = 8
"""Rounds over which the highest band says how large a side is."""
SIDE_JUMP, CELL_JUMP = 3.5, 3.5
"""Standard deviations from which a side's cells together, or a single cell, begin anew."""
FEWEST_CELLS = 4
"""Surprises within a rotation that it takes to judge a side."""


@dataclass(frozen=True, slots=True)
class Smoothed:
    """A released number as people see it from the closing of round `seen_from` on."""

    release: Release
    """With the smoothed value, 0 … 100, in place of the block's mean."""
    variance: float
    """Of its error, points², but for what the same people bring to every block."""
    seen_from: int
    side_band: int
    """The highest band of the side's releases of the last 8 rounds."""


@dataclass(frozen=True, slots=True)
class _Surprise:
    """How far a release was from what the cell's past let expect, points, and the variance of that."""

    release: Release
    size: float
    variance: float


def smooth_releases(releases: Sequence[Release]) -> tuple[Smoothed, ...]:
    """Smooth releases, oldest first; a jump of a whole side adds new versions of its recent numbers.

    A local level model, updated release by release (Kalman 1960, https://doi.org/10.1115/1.3662552; Durbin & Koopman
    2012, Time Series Analysis by State Space Methods, section 2.2).
    """
    states: dict[Cell, Smoothed] = {}
    surprises: list[_Surprise] = []
    found: list[Smoothed] = []
    for index, group in groupby(releases, key=lambda release: release.round):
        new = tuple(group)
        surprises = [past for past in surprises if past.release.round > index - ROTATION]
        surprises += [
            _measure_surprise(states[release.cell], release) for release in new if release.cell in states
        ]
        bands = _find_bands(releases, index)
        for release in new:
            states[release.cell] = _update_number(states.get(release.cell), release, bands[release.cell.side])
            found.append(states[release.cell])
        for side in _find_jumps(surprises):
            recent = {past.release.cell: past.release for past in surprises if past.release.cell.side is side}
            states |= dict(_restart_side(states, recent, side, index, bands[side]))
            found += [states[cell] for cell in recent]
            surprises = [past for past in surprises if past.release.cell.side is not side]
    return tuple(found)


def find_block_variance(band: int) -> float:
    """Variance of a block's mean, points², but for what the same people bring to every block."""
    return ANSWER_VAR / PEOPLE[band] + WEEK_VAR


def _measure_surprise(past: Smoothed, release: Release) -> _Surprise:
    spread = _expect_variance(past, release) + find_block_variance(release.band)
    return _Surprise(release, release.value - past.release.value, spread)


def _expect_variance(past: Smoothed, release: Release) -> float:
    return past.variance + DRIFT_VAR * (release.round - past.release.round)


def _find_bands(releases: Sequence[Release], index: int) -> dict[Side | None, int]:
    """Return each side's highest band of the last 8 rounds up to `index`."""
    first = bisect_right(releases, index - BAND_ROUNDS, key=lambda release: release.round)
    last = bisect_right(releases, index, key=lambda release: release.round)
    bands: dict[Side | None, int] = {}
    for release in releases[first:last]:
        bands[release.cell.side] = max(release.band, bands.get(release.cell.side, 0))
    return bands


def _update_number(past: Smoothed | None, release: Release, side_band: int) -> Smoothed:
    """Move the expected value towards the release by the Kalman gain; begin anew where it is too far away."""
    if past is None or isinf(past.variance):
        return begin_number(release, side_band=side_band)
    surprise = _measure_surprise(past, release)
    if abs(surprise.size) > CELL_JUMP * sqrt(surprise.variance):
        return begin_number(release, side_band=side_band)
    before = _expect_variance(past, release)
    gain = before / surprise.variance
    value = past.release.value + gain * surprise.size
    return Smoothed(replace(release, value=value), (1 - gain) * before, release.round, side_band)


def begin_number(release: Release, seen_from: int | None = None, side_band: int | None = None) -> Smoothed:
    """Take a release as it is, without a past."""
    seen_from = release.round if seen_from is None else seen_from
    return Smoothed(release, find_block_variance(release.band), seen_from, side_band or release.band)


def _find_jumps(surprises: Iterable[_Surprise]) -> Iterator[Side | None]:
    """Yield the sides whose cells together were farther from expected than chance explains."""
    by_side: dict[Side | None, list[_Surprise]] = {}
    for past in surprises:
        if not isinf(past.variance):
            by_side.setdefault(past.release.cell.side, []).append(past)
    for side, found in by_side.items():
        mean = sum(past.size for past in found) / len(found)
        weeks = len({past.release.round for past in found})
        own = sum(past.variance - WEEK_VAR for past in found) / len(found) ** 2
        if len(found) >= FEWEST_CELLS and abs(mean) > SIDE_JUMP * sqrt(own + WEEK_VAR / weeks):
            yield side


def _restart_side(
    states: Mapping[Cell, Smoothed], recent: Mapping[Cell, Release], side: Side | None, index: int, band: int
) -> Iterator[tuple[Cell, Smoothed]]:
    """Begin a side's cells anew from their recent releases; the next release of the others will count in full."""
    for cell, state in states.items():
        if cell.side is side:
            anew = begin_number(recent[cell], index, band) if cell in recent else replace(state, variance=inf)
            yield cell, anew
