"""The alliance's headline, from released cells: alignment, level, agreement, arrows, trend."""

from collections.abc import Callable, Sequence

from bot.model.cards import Point
from bot.model.closing import Cell, Release
from bot.privacy import published as shown
from bot.privacy.arrows import QUARTER, SOON, alliance_arrow, side_arrow
from bot.privacy.estimates import FEW_TOPICS, WIDEST, Limits, find_limits
from bot.privacy.pairing import Core, Pairs, combine, pair_cells, visible, visible_numbers
from bot.privacy.smoothing import Smoothed
from bot.privacy.views import Headline, Track

TREND_ROUNDS = 26


def headline(
    releases: Sequence[Release], numbers: Sequence[Smoothed], round: int, core: Callable[[int], Core]
) -> Headline:
    """Over the core dimensions that can be seen on both sides; hidden from everyone if there is none.

    `numbers` are the releases smoothed; `core` says the weights of any round.
    """
    weights = core(round)
    both = pair_cells(visible_numbers(numbers, round), weights)
    if not both:
        return withheld(shown.NOT_ENOUGH_BOTH)
    found, used, limits = combine(both, weights), list_numbers(both), find_joint_limits(both)
    return Headline(
        shown.combined(found.alignment, found.half(), used, round, limits),
        shown.combined(found.level, None, used, round, limits),
        shown.combined(found.agreement, None, used, round),
        shown.word(found),
        alliance_arrow(releases, round, SOON, weights),
        alliance_arrow(releases, round, QUARTER, weights),
        track(numbers, round, lambda at: _alignment(numbers, at, core(at))),
    )


def pooled_headline(
    releases: Sequence[Release], numbers: Sequence[Smoothed], round: int, core: Callable[[int], Core]
) -> Headline:
    """One alliance-wide level and nothing of the sides."""
    weights = core(round)
    now = [release for cell, release in visible(releases, round).items() if _is_pooled(cell, weights)]
    return Headline(
        shown.hidden(shown.POOLED),
        shown.side_score(_pooled(numbers, round, weights), round, weights),
        shown.hidden(shown.POOLED),
        "",
        side_arrow(releases, now, SOON, weights),
        side_arrow(releases, now, QUARTER, weights),
        track(
            numbers,
            round,
            lambda at: shown.side_score(_pooled(numbers, at, core(at)), at, core(at)).point,
        ),
    )


def withheld(reason: str) -> Headline:
    none = shown.hidden(reason)
    return Headline(none, none, none, "", "nothing to compare", "nothing to compare", Track((), ()))


def track(numbers: Sequence[Smoothed], round: int, point: Callable[[int], Point | None]) -> Track:
    """A chart over the closings up to `round` that released something, the last 26 of them."""
    releases = (number.release for number in numbers)
    dates = {release.round: release.slot for release in releases if release.round <= round}
    rounds = sorted(dates)[-TREND_ROUNDS:]
    return Track(tuple(dates[at] for at in rounds), tuple(point(at) for at in rounds))


def list_numbers(both: Pairs) -> list[Smoothed]:
    return [number for pair in both.values() for number in pair]


def find_joint_limits(both: Pairs) -> Limits:
    """Return the limits of what combines both sides: a small group's own where few topics stand behind it."""
    return find_limits(list_numbers(both)) if len(both) < FEW_TOPICS else WIDEST


def _alignment(numbers: Sequence[Smoothed], round: int, core: Core) -> Point | None:
    both = pair_cells(visible_numbers(numbers, round), core)
    if not both:
        return None
    used, limits = list_numbers(both), find_joint_limits(both)
    return shown.combined(combine(both, core).alignment, None, used, round, limits).point


def _pooled(numbers: Sequence[Smoothed], round: int, core: Core) -> list[Smoothed]:
    cells = visible_numbers(numbers, round)
    return [number for cell, number in cells.items() if _is_pooled(cell, core)]


def _is_pooled(cell: Cell, core: Core) -> bool:
    return cell.side is None and cell.dimension in core
