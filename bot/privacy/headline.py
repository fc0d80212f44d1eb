"""Make the alliance's headline from released cells: alignment, level, agreement, arrows, trend."""

from collections.abc import Callable, Sequence

from bot.model.cards import Point
from bot.model.closing import Cell, Release
from bot.privacy import published as shown
from bot.privacy.arrows import QUARTER, SOON, alliance_arrow, side_arrow
from bot.privacy.estimates import FEW_TOPICS, WIDEST, Limits, bound_number, estimate_cell, find_limits
from bot.privacy.pairing import Core, Pairs, combine_sides, find_visible, find_visible_numbers, pair_cells
from bot.privacy.smoothing import Smoothed
from bot.privacy.views import Headline, Track

TREND_ROUNDS = 26


def make_headline(
    releases: Sequence[Release], numbers: Sequence[Smoothed], round_index: int, core: Callable[[int], Core]
) -> Headline:
    """Make the headline of the core dimensions seen on both sides; hide it from everyone if there is none.

    `numbers` are the releases smoothed; `core` says the weights of any round.
    """
    weights = core(round_index)
    both = pair_cells(find_visible_numbers(numbers, round_index), weights)
    if not both:
        return withhold_headline(shown.NOT_ENOUGH_BOTH)
    found, used, limits = combine_sides(both, weights), list_numbers(both), find_joint_limits(both)
    return Headline(
        shown.show_combined(found.alignment, found.half_width(), used, round_index, limits),
        shown.show_combined(found.level, None, used, round_index, limits),
        shown.show_combined(found.agreement, None, used, round_index),
        shown.word_alignment(found),
        alliance_arrow(releases, round_index, SOON, weights),
        alliance_arrow(releases, round_index, QUARTER, weights),
        make_track(numbers, round_index, lambda at: _find_alignment(numbers, at, core(at))),
        any(are_far_apart(sponsor, cro) for sponsor, cro in both.values()),
    )


def make_pooled_headline(
    releases: Sequence[Release], numbers: Sequence[Smoothed], round_index: int, core: Callable[[int], Core]
) -> Headline:
    """Make a headline of one alliance-wide level and nothing of the sides."""
    weights = core(round_index)
    now = [
        release for cell, release in find_visible(releases, round_index).items() if _is_pooled(cell, weights)
    ]
    return Headline(
        shown.hide_number(shown.POOLED),
        shown.show_side_score(_list_pooled(numbers, round_index, weights), round_index, weights),
        shown.hide_number(shown.POOLED),
        "",
        side_arrow(releases, now, SOON, weights),
        side_arrow(releases, now, QUARTER, weights),
        make_track(
            numbers,
            round_index,
            lambda at: shown.show_side_score(_list_pooled(numbers, at, core(at)), at, core(at)).point,
        ),
    )


def withhold_headline(reason: str) -> Headline:
    none = shown.hide_number(reason)
    return Headline(none, none, none, "", "nothing to compare", "nothing to compare", Track((), ()))


def make_track(numbers: Sequence[Smoothed], round_index: int, point: Callable[[int], Point | None]) -> Track:
    """Make a chart over the closings up to `round` that released something, the last 26 of them."""
    releases = (number.release for number in numbers)
    dates = {release.round: release.slot for release in releases if release.round <= round_index}
    rounds = sorted(dates)[-TREND_ROUNDS:]
    return Track(tuple(dates[at] for at in rounds), tuple(point(at) for at in rounds))


def are_far_apart(sponsor: Smoothed, cro: Smoothed) -> bool:
    """Return whether a topic's numbers, as they are told, are far apart."""
    return shown.is_far_apart(estimate_cell(bound_number(sponsor)), estimate_cell(bound_number(cro)))


def list_numbers(both: Pairs) -> list[Smoothed]:
    return [number for pair in both.values() for number in pair]


def find_joint_limits(both: Pairs) -> Limits:
    """Return the limits of what combines both sides: a small group's own where few topics stand behind it."""
    return find_limits(list_numbers(both)) if len(both) < FEW_TOPICS else WIDEST


def _find_alignment(numbers: Sequence[Smoothed], round_index: int, core: Core) -> Point | None:
    both = pair_cells(find_visible_numbers(numbers, round_index), core)
    if not both:
        return None
    used, limits = list_numbers(both), find_joint_limits(both)
    return shown.show_combined(combine_sides(both, core).alignment, None, used, round_index, limits).point


def _list_pooled(numbers: Sequence[Smoothed], round_index: int, core: Core) -> list[Smoothed]:
    cells = find_visible_numbers(numbers, round_index)
    return [number for cell, number in cells.items() if _is_pooled(cell, core)]


def _is_pooled(cell: Cell, core: Core) -> bool:
    return cell.side is None and cell.dimension in core
