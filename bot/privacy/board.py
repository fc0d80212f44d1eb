"""Show everything of an alliance that people may see, from released numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.alliance import Item, ItemKind, Side
from bot.model.cards import Point
from bot.model.closing import Cell, Release
from bot.privacy import published as shown
from bot.privacy.arrows import QUARTER, SOON, find_earlier, side_arrow
from bot.privacy.estimates import (
    FEW_TOPICS,
    bound_few,
    bound_number,
    estimate_cell,
    estimate_side,
    find_limits,
    is_bounded,
)
from bot.privacy.headline import (
    are_far_apart,
    list_numbers,
    make_headline,
    make_pooled_headline,
    make_track,
    withhold_headline,
)
from bot.privacy.pairing import Core, combine_sides, find_visible, find_visible_numbers, pair_cells
from bot.privacy.published import Shown
from bot.privacy.release_gate import is_measured, is_pooled_at
from bot.privacy.smoothing import Smoothed, smooth_releases
from bot.privacy.views import Comparison, Headline, LeadView, OwnSide
from bot.questions.bank import Bank


@dataclass(frozen=True, slots=True)
class Charter:
    """The agreement of the two companies on what their leads see of each other."""

    share_dimensions: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """Numbers of one alliance as they stand after a closing: a function of what was released, and no more."""

    releases: tuple[Release, ...]
    """Up to this closing, oldest first."""
    numbers: tuple[Smoothed, ...]
    """The same, each leaning on its own past: what is shown but for arrows."""
    round: int
    bank: Bank
    charter: Charter
    pooled: bool
    common: tuple[Release, ...]
    """Those releases that both sides may see."""
    common_numbers: tuple[Smoothed, ...]
    """The same, leaning on nothing but each other."""

    def for_member(self) -> Headline:
        """Return alignment, level, agreement and arrow; in a pooled alliance the level alone."""
        if self.pooled:
            return make_pooled_headline(self.releases, self.numbers, self.round, self.bank.weights_at)
        if not self.charter.share_dimensions:
            # Whoever sees the own side and anything of both can subtract.
            return withhold_headline(shown.NOT_SHARED)
        if not self.common and self.releases:
            return withhold_headline(shown.NOT_SHARED_YET)
        return make_headline(self.common, self.common_numbers, self.round, self.bank.weights_at)

    def for_lead(self, side: Side) -> LeadView:
        """Return the headline, the own side, and of the other side what the charter allows."""
        return LeadView(
            self.for_member(),
            self._show_own(side),
            self._show_gap(),
            tuple(self._compare_dimension(d, side) for d in self._core),
            tuple(self._compare_dimension(d, side, mirror=True) for d in self._list_dimensions("mirror")),
            self._show_blind_spot(side),
        )

    def has_numbers(self, side: Side) -> bool:
        """Return whether any number of this side can be seen just now."""
        return any(cell.side is side for cell in find_visible(self.releases, self.round))

    @property
    def _core(self) -> Core:
        return self.bank.weights_at(self.round)

    def _list_dimensions(self, kind: ItemKind) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.dimension for item in self.bank.items if item.kind == kind))

    def _show_own(self, side: Side) -> OwnSide:
        releases = {} if self.pooled else find_visible(self.releases, self.round)
        core = {d: releases[Cell(side, d)] for d in self._core if Cell(side, d) in releases}
        cells = {} if self.pooled else find_visible_numbers(self.numbers, self.round)
        mine = {d: cells.get(Cell(side, d)) for d in self._core}
        reason = shown.POOLED if self.pooled else shown.NOT_ENOUGH
        extra = [item.dimension for item in self.bank.items if _is_supplement(item, side)]
        return OwnSide(
            side,
            shown.show_side_score(
                [number for number in mine.values() if number], self.round, self._core, reason
            ),
            side_arrow(self.releases, list(core.values()), SOON, self._core),
            side_arrow(self.releases, list(core.values()), QUARTER, self._core),
            {d: shown.show_cell(number, self.round, reason) for d, number in mine.items()},
            {d: shown.show_cell(cells[Cell(side, d)], self.round) for d in extra if Cell(side, d) in cells},
            {d: text for d, release in core.items() if (text := shown.show_favourable(release))},
            tuple(d for d, release in core.items() if self._is_divided(release)),
            make_track(self.numbers, self.round, lambda at: self._side_point(side, at)),
        )

    def _is_divided(self, release: Release) -> bool:
        """Ask two blocks in a row: a single one would say so in about every sixth card by chance."""
        before = find_earlier(self.releases, release, 1)
        return bool(release.split and before and before.split)

    def _side_point(self, side: Side, round_index: int) -> Point | None:
        cells = {} if self.pooled else find_visible_numbers(self.numbers, round_index)
        mine = [cells[Cell(side, d)] for d in self._core if Cell(side, d) in cells]
        return shown.show_side_score(mine, round_index, self.bank.weights_at(round_index)).point

    def _show_gap(self) -> Shown:
        both = pair_cells(self._find_comparable(), self._core)
        if not both:
            return shown.hide_number(self._find_reason())
        sides = [[pair[i] for pair in both.values()] for i in range(2)]
        sponsor, cro = (estimate_side(bound_few(numbers), self._core) for numbers in sides)
        about = len(both) < FEW_TOPICS and any(map(is_bounded, list_numbers(both)))
        return shown.show_gap(sponsor, cro, list_numbers(both), self.round, about)

    def _compare_dimension(self, dimension: str, side: Side, mirror: bool = False) -> Comparison:
        """Show the other side's number only with the own side's: neither company sees first."""
        both = pair_cells(self._find_comparable(), (dimension,)).get(dimension)
        own = (
            None if self.pooled else find_visible_numbers(self.numbers, self.round).get(Cell(side, dimension))
        )
        mine = shown.show_cell(own, self.round, shown.POOLED if self.pooled else shown.NOT_ENOUGH)
        if both is None:
            none = shown.hide_number(self._find_reason())
            ours, theirs = (mine, none) if side is Side.SPONSOR else (none, mine)
            return Comparison(dimension, ours, theirs, none, none)
        sponsor, cro = both
        return Comparison(
            dimension,
            shown.show_cell(sponsor, self.round),
            shown.show_cell(cro, self.round),
            self._show_difference(sponsor, cro),
            shown.hide_number("a mirror has none") if mirror else self._show_alignment(dimension),
            are_far_apart(sponsor, cro) and not mirror,
        )

    def _show_difference(self, sponsor: Smoothed, cro: Smoothed) -> Shown:
        ours, theirs = bound_number(sponsor), bound_number(cro)
        about = is_bounded(sponsor) or is_bounded(cro)
        return shown.show_gap(estimate_cell(ours), estimate_cell(theirs), (ours, theirs), self.round, about)

    def _show_alignment(self, dimension: str) -> Shown:
        both = pair_cells(self._find_comparable(), self._core)
        credible = combine_sides(both, self._core).credible
        values = [bound_number(number).release.value for number in both[dimension]]
        value = sum(values) / 2 - credible * abs(values[0] - values[1]) / 2
        return shown.show_combined(value, None, both[dimension], self.round, find_limits(both[dimension]))

    def _show_blind_spot(self, side: Side) -> Shown:
        cells = self._find_comparable()
        guesses, answers = self._list_dimensions("prediction"), self._list_dimensions("overall")
        guess = cells.get(Cell(side, guesses[0])) if guesses else None
        answer = cells.get(Cell(side.other, answers[0])) if answers else None
        if guess is None or answer is None:
            return shown.hide_number(self._find_reason())
        return self._show_difference(guess, answer)

    def _find_comparable(self) -> dict[Cell, Smoothed]:
        """Return the cells that may be set against those of the other side."""
        may_compare = self._find_reason() == shown.NOT_ENOUGH_BOTH
        return find_visible_numbers(self.common_numbers, self.round) if may_compare else {}

    def _find_reason(self) -> str:
        if self.pooled:
            return shown.POOLED
        if not self.charter.share_dimensions:
            return shown.NOT_SHARED
        return shown.NOT_ENOUGH_BOTH if self.common or not self.releases else shown.NOT_SHARED_YET


def make_board(
    releases: Sequence[Release],
    round_index: int,
    bank: Bank,
    charter: Charter | None = None,
    pooled: bool = False,
) -> Board:
    """Return the board as it stands after the closing of this round."""
    past = sorted(
        (release for release in releases if release.round <= round_index), key=lambda release: release.round
    )
    common = tuple(release for release in past if release.shared)
    numbers = smooth_releases(past)
    return Board(
        tuple(past),
        numbers,
        round_index,
        bank,
        charter or Charter(),
        is_pooled_at(pooled, past, round_index),
        common,
        numbers if len(common) == len(past) else smooth_releases(common),
    )


def _is_supplement(item: Item, side: Side) -> bool:
    return item.kind != "core" and is_measured(item, side)
