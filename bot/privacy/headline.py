"""The alliance's headline, from released cells: alignment, level, agreement, arrows, trend."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt
from typing import TypeAlias

from bot.model.alliance import Side
from bot.model.cards import Point
from bot.model.closing import Cell, Release
from bot.privacy import published as shown
from bot.privacy.views import Arrow, Headline, Track
from bot.scoring import scores
from bot.scoring.scores import AllianceScore

SOON, QUARTER = 4, 13
"""Rounds that an arrow looks back."""
TREND_ROUNDS = 26
Pairs = Mapping[str, tuple[Release, Release]]
"""Dimension → the sponsor's and the CRO's release."""
Core: TypeAlias = Mapping[str, float]
"""Core dimension → its weight, in the bank's order."""


def visible(releases: Sequence[Release], round: int) -> dict[Cell, Release]:
    """The newest release of each cell at the closing of `round`, at most 8 rounds old; `releases` in order."""
    first = bisect_left(releases, round - shown.HELD_ROUNDS, key=_round)
    return {one.cell: one for one in releases[first : bisect_right(releases, round, key=_round)]}


def pairs(cells: Mapping[Cell, Release], core: Iterable[str]) -> Pairs:
    """The core dimensions that both sides have: all that may be combined."""
    return {
        d: (cells[Cell(Side.SPONSOR, d)], cells[Cell(Side.CRO, d)])
        for d in core
        if Cell(Side.SPONSOR, d) in cells and Cell(Side.CRO, d) in cells
    }


def whole(both: Pairs, core: Core) -> AllianceScore:
    """The formulas of an alliance on released cells, with the spread that is shown; `both` is not empty."""
    return scores.alliance(
        {d: shown.released(sponsor) for d, (sponsor, _) in both.items()},
        {d: shown.released(cro) for d, (_, cro) in both.items()},
        {side: shown.side_estimate([pair[i] for pair in both.values()], core) for i, side in enumerate(Side)},
        core,
    )


def headline(releases: Sequence[Release], round: int, core: Callable[[int], Core]) -> Headline:
    """Over the core dimensions that can be seen on both sides; hidden from everyone if there is none.

    `core` says the weights of any round.
    """
    weights = core(round)
    both = pairs(visible(releases, round), weights)
    if not both:
        return withheld(shown.NOT_ENOUGH_BOTH)
    one, used = whole(both, weights), [release for pair in both.values() for release in pair]
    return Headline(
        shown.combined(one.alignment, one.half(), used, round),
        shown.combined(one.level, None, used, round),
        shown.combined(one.agreement, None, used, round),
        shown.word(one),
        _arrow(releases, both, SOON, weights),
        _arrow(releases, both, QUARTER, weights),
        track(releases, round, lambda at: _alignment(releases, at, core(at))),
    )


def pooled_headline(releases: Sequence[Release], round: int, core: Callable[[int], Core]) -> Headline:
    """One alliance-wide level and nothing of the sides."""
    weights = core(round)
    now = _pooled(releases, round, weights)
    level = shown.side_score(now, round, weights)
    return Headline(
        shown.hidden(shown.POOLED),
        level,
        shown.hidden(shown.POOLED),
        "",
        side_arrow(releases, now, SOON, weights),
        side_arrow(releases, now, QUARTER, weights),
        track(
            releases,
            round,
            lambda at: shown.side_score(_pooled(releases, at, core(at)), at, core(at)).point,
        ),
    )


def withheld(reason: str) -> Headline:
    none = shown.hidden(reason)
    return Headline(none, none, none, "", "nothing to compare", "nothing to compare", Track((), ()))


def earlier(releases: Sequence[Release], now: Release, rounds: int) -> Release | None:
    """The cell's newest release that is at least so many rounds older than `now`."""
    latest = now.round - rounds
    old = (one for one in reversed(releases) if one.round <= latest and one.cell == now.cell)
    return next(old, None)


def side_arrow(releases: Sequence[Release], now: Sequence[Release], rounds: int, core: Core) -> Arrow:
    """Of the mean over the cells that were released before; spread s₀ = 18, n the lower of the bands."""
    compared = [(one, then) for one in now if (then := earlier(releases, one, rounds))]
    if not compared:
        return "nothing to compare"
    total = sum(core[one.cell.dimension] for one, _ in compared)
    change = sum(core[one.cell.dimension] * (one.value - then.value) for one, then in compared) / total
    spread = shown.prior_estimate(0, _people(compared), scores.SIDE_SD)
    return shown.direction(change, spread.se, spread.df)


def track(releases: Sequence[Release], round: int, point: Callable[[int], Point | None]) -> Track:
    """A chart over the closings up to `round` that released something, the last 26 of them."""
    dates = {one.round: one.slot for one in releases if one.round <= round}
    rounds = sorted(dates)[-TREND_ROUNDS:]
    return Track(tuple(dates[at] for at in rounds), tuple(point(at) for at in rounds))


def _arrow(releases: Sequence[Release], both: Pairs, rounds: int, core: Core) -> Arrow:
    """Of the alignment; its spread as in se(A): the less happy side's, where they clearly differ."""
    old = {d: (earlier(releases, s, rounds), earlier(releases, c, rounds)) for d, (s, c) in both.items()}
    then = {d: (s, c) for d, (s, c) in old.items() if s and c}
    if not then:
        return "nothing to compare"
    now = {d: both[d] for d in then}
    spread = [
        shown.prior_estimate(0, _people([(now[d][i], then[d][i]) for d in then]), scores.SIDE_SD)
        for i in range(2)
    ]
    lower = sum(core[d] * scores.sponsor_is_lower(s.value - c.value) for d, (s, c) in now.items())
    omega = lower / sum(core[d] for d in now)
    se = sqrt((omega * spread[0].se) ** 2 + ((1 - omega) * spread[1].se) ** 2)
    change = whole(now, core).alignment - whole(then, core).alignment
    return shown.direction(change, se, min(one.df for one in spread))


def _round(release: Release) -> int:
    return release.round


def _people(compared: Sequence[tuple[Release, Release]]) -> int:
    return min(max(pair[i].band for pair in compared) for i in range(2))


def _alignment(releases: Sequence[Release], round: int, core: Core) -> Point | None:
    both = pairs(visible(releases, round), core)
    used = [release for pair in both.values() for release in pair]
    return shown.combined(whole(both, core).alignment, None, used, round).point if both else None


def _pooled(releases: Sequence[Release], round: int, core: Core) -> list[Release]:
    cells = visible(releases, round)
    return [cells[Cell(None, d)] for d in core if Cell(None, d) in cells]
