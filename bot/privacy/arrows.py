"""Find where a number went since 4 and 13 rounds ago, as far as the change is larger than chance.

They compare released numbers as they were released, not smoothed ones, so that a change is not watered down.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TypeAlias

from bot.model.closing import Direction, Release
from bot.privacy.pairing import Core, combine_sides, find_visible, pair_cells
from bot.privacy.smoothing import ANSWER_VAR, PEOPLE, begin_number
from bot.privacy.views import Arrow

SOON, QUARTER = 4, 13
"""Rounds that an arrow looks back."""
WEEKS_VAR = 18.0
"""Of the change of a side's mean over all topics that its weeks explain, points² of 0–100."""
ARROW_Z = 2.75
"""Standard deviations of a change from which there is an arrow: so that at most one in a hundred ordinary digests has
one that points down; see `bench.coverage`."""

Compared: TypeAlias = tuple[Release, Release]
"""A cell's newest release and one from long enough before."""


def side_arrow(releases: Sequence[Release], now: Sequence[Release], rounds: int, core: Core) -> Arrow:
    """Return where the weighted mean of these cells went, over those that were released before."""
    compared = [(release, then) for release in now if (then := find_earlier(releases, release, rounds))]
    if not compared:
        return "nothing to compare"
    total = sum(core[release.cell.dimension] for release, _ in compared)
    change = sum(core[new.cell.dimension] * (new.value - then.value) for new, then in compared) / total
    return find_direction(change, sqrt(_change_variance(compared)))


def alliance_arrow(releases: Sequence[Release], round_index: int, rounds: int, core: Core) -> Arrow:
    """Return where the alignment went; its spread is that of the side that is less sure."""
    both = pair_cells(find_visible(releases, round_index), core)
    old = {
        d: tuple(find_earlier(releases, one_side, rounds) for one_side in pair) for d, pair in both.items()
    }
    then = {d: (s, c) for d, (s, c) in old.items() if s and c}
    if not then:
        return "nothing to compare"
    now = {d: both[d] for d in then}
    variance = max(_change_variance([(now[d][i], then[d][i]) for d in then]) for i in range(2))
    return find_direction(_align_cells(now, core) - _align_cells(then, core), sqrt(variance))


def find_earlier(releases: Sequence[Release], now: Release, rounds: int) -> Release | None:
    """Return the cell's newest release that is at least so many rounds older than `now`."""
    latest = now.round - rounds
    old = (past for past in reversed(releases) if past.round <= latest and past.cell == now.cell)
    return next(old, None)


def find_direction(change: float, se: float) -> Direction:
    """Return where a change goes if it is more than ARROW_Z standard errors."""
    half = ARROW_Z * se
    return "down" if change + half < 0 else "up" if change - half > 0 else "no clear change"


def _align_cells(both: Mapping[str, tuple[Release, Release]], core: Core) -> float:
    return combine_sides(
        {d: (begin_number(s), begin_number(c)) for d, (s, c) in both.items()}, core
    ).alignment


def _change_variance(compared: Sequence[Compared]) -> float:
    """2·σ²_answer/(people·topics) + what weeks explain, points²; people by the lower of the bands."""
    people = min(PEOPLE[max(pair[i].band for pair in compared)] for i in range(2))
    return 2 * ANSWER_VAR / (people * len(compared)) + WEEKS_VAR
