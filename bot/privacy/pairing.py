"""What can be seen at a closing, and the two sides of it set beside each other."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from bot.model.alliance import Side
from bot.model.closing import Cell, Release
from bot.privacy.estimates import FEW_TOPICS, bound, estimate_cell, estimate_side
from bot.privacy.smoothing import Smoothed
from bot.scoring.scores import AllianceScore, alliance

HELD_ROUNDS = 8
"""Rounds for which the last released number stays on show."""
Core: TypeAlias = Mapping[str, float]
"""Core dimension → its weight, in the bank's order."""
Pairs: TypeAlias = Mapping[str, tuple[Smoothed, Smoothed]]
"""Dimension → the sponsor's and the CRO's number."""
Number = TypeVar("Number", Release, Smoothed)


def visible(releases: Sequence[Release], round_index: int) -> dict[Cell, Release]:
    """The newest release of each cell at this closing, at most 8 rounds old; `releases` oldest first."""
    first = bisect_left(releases, round_index - HELD_ROUNDS, key=_released_at)
    last = bisect_right(releases, round_index, key=_released_at)
    return {release.cell: release for release in releases[first:last]}


def visible_numbers(numbers: Sequence[Smoothed], round_index: int) -> dict[Cell, Smoothed]:
    """The same of smoothed numbers, as they were seen at that closing."""
    oldest = round_index - HELD_ROUNDS
    first = bisect_left(numbers, oldest, key=_seen_from)
    last = bisect_right(numbers, round_index, key=_seen_from)
    return {n.release.cell: n for n in numbers[first:last] if n.release.round >= oldest}


def pair_cells(cells: Mapping[Cell, Number], core: Iterable[str]) -> dict[str, tuple[Number, Number]]:
    """The dimensions that both sides have: all that may be combined."""
    return {
        d: (cells[Cell(Side.SPONSOR, d)], cells[Cell(Side.CRO, d)])
        for d in core
        if Cell(Side.SPONSOR, d) in cells and Cell(Side.CRO, d) in cells
    }


def combine(both: Pairs, core: Core) -> AllianceScore:
    """Score the alliance on released cells, with the spread that is shown; `both` is not empty."""
    used = both if len(both) >= FEW_TOPICS else {d: (bound(s), bound(c)) for d, (s, c) in both.items()}
    sides = {side: estimate_side([pair[i] for pair in used.values()], core) for i, side in enumerate(Side)}
    sponsor = {d: estimate_cell(number) for d, (number, _) in used.items()}
    cro = {d: estimate_cell(number) for d, (_, number) in used.items()}
    return alliance(sponsor, cro, sides, core)


def _released_at(release: Release) -> int:
    return release.round


def _seen_from(number: Smoothed) -> int:
    return number.seen_from
