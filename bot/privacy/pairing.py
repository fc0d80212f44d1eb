"""Find the numbers that can be seen at a closing, and pair the two sides'."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from bot.model.alliance import Side
from bot.model.closing import Cell, Release
from bot.privacy.estimates import FEW_TOPICS, bound_number, estimate_cell, estimate_side
from bot.privacy.smoothing import Smoothed
from bot.scoring.scores import AllianceScore, score_alliance

HELD_ROUNDS = 8
"""Rounds for which the last released number stays on show."""
Core: TypeAlias = Mapping[str, float]
"""Core dimension → its weight, in the bank's order."""
Pairs: TypeAlias = Mapping[str, tuple[Smoothed, Smoothed]]
"""Dimension → the sponsor's and the CRO's number."""
Number = TypeVar("Number", Release, Smoothed)


def find_visible(releases: Sequence[Release], round_index: int) -> dict[Cell, Release]:
    """Return the newest release of each cell at this closing, at most 8 rounds old; `releases` oldest first."""
    first = bisect_left(releases, round_index - HELD_ROUNDS, key=_get_round)
    last = bisect_right(releases, round_index, key=_get_round)
    return {release.cell: release for release in releases[first:last]}


def find_visible_numbers(numbers: Sequence[Smoothed], round_index: int) -> dict[Cell, Smoothed]:
    """Return the newest smoothed number of each cell, as it was seen at that closing."""
    oldest = round_index - HELD_ROUNDS
    first = bisect_left(numbers, oldest, key=_get_start)
    last = bisect_right(numbers, round_index, key=_get_start)
    return {n.release.cell: n for n in numbers[first:last] if n.release.round >= oldest}


def pair_cells(cells: Mapping[Cell, Number], core: Iterable[str]) -> dict[str, tuple[Number, Number]]:
    """Return the dimensions that both sides have: all that may be combined."""
    return {
        d: (cells[Cell(Side.SPONSOR, d)], cells[Cell(Side.CRO, d)])
        for d in core
        if Cell(Side.SPONSOR, d) in cells and Cell(Side.CRO, d) in cells
    }


def combine_sides(both: Pairs, core: Core) -> AllianceScore:
    """Score the alliance on released cells, with the spread that is shown; `both` is not empty."""
    used = (
        both
        if len(both) >= FEW_TOPICS
        else {d: (bound_number(s), bound_number(c)) for d, (s, c) in both.items()}
    )
    sides = {side: estimate_side([pair[i] for pair in used.values()], core) for i, side in enumerate(Side)}
    sponsor = {d: estimate_cell(number) for d, (number, _) in used.items()}
    cro = {d: estimate_cell(number) for d, (_, number) in used.items()}
    return score_alliance(sponsor, cro, sides, core)


def _get_round(release: Release) -> int:
    return release.round


def _get_start(number: Smoothed) -> int:
    return number.seen_from
