"""The board: everything of an alliance that people may see, made of released numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.alliance import Item, ItemKind, Side
from bot.model.cards import Point
from bot.model.closing import Cell, Release
from bot.privacy import published as shown
from bot.privacy.arrows import QUARTER, SOON, find_earlier, side_arrow
from bot.privacy.estimates import (
    FEW_TOPICS,
    bound,
    bound_few,
    estimate_cell,
    estimate_side,
    find_limits,
    is_bounded,
)
from bot.privacy.headline import headline, list_numbers, pooled_headline, track, withheld
from bot.privacy.pairing import Core, combine, pair_cells, visible, visible_numbers
from bot.privacy.published import Shown
from bot.privacy.release_gate import in_force, measures
from bot.privacy.smoothing import Smoothed, smooth
from bot.privacy.views import Comparison, Headline, LeadView, OwnSide
from bot.questions.bank import Bank


@dataclass(frozen=True, slots=True)
class Charter:
    """What the two companies agreed to share with each other's leads."""

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

    def for_member(self) -> Headline:
        """Alignment, level, agreement and arrow; in a pooled alliance the level alone."""
        if self.pooled:
            return pooled_headline(self.releases, self.numbers, self.round, self.bank.weights_at)
        if not self.charter.share_dimensions:
            # Whoever sees the own side and anything of both can subtract.
            return withheld(shown.NOT_SHARED)
        return headline(self.releases, self.numbers, self.round, self.bank.weights_at)

    def for_lead(self, side: Side) -> LeadView:
        """The headline, the own side, and of the other side what the charter allows."""
        return LeadView(
            self.for_member(),
            self._own(side),
            self._gap(),
            tuple(self._comparison(d, side) for d in self._core),
            tuple(self._comparison(d, side, mirror=True) for d in self._kind("mirror")),
            self._blind_spot(side),
        )

    @property
    def _core(self) -> Core:
        return self.bank.weights_at(self.round)

    def _kind(self, kind: ItemKind) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.dimension for item in self.bank.items if item.kind == kind))

    def _own(self, side: Side) -> OwnSide:
        releases = {} if self.pooled else visible(self.releases, self.round)
        core = {d: releases[Cell(side, d)] for d in self._core if Cell(side, d) in releases}
        cells = {} if self.pooled else visible_numbers(self.numbers, self.round)
        mine = {d: cells.get(Cell(side, d)) for d in self._core}
        reason = shown.POOLED if self.pooled else shown.NOT_ENOUGH
        extra = [item.dimension for item in self.bank.items if _supplements(item, side)]
        return OwnSide(
            side,
            shown.side_score([number for number in mine.values() if number], self.round, self._core, reason),
            side_arrow(self.releases, list(core.values()), SOON, self._core),
            side_arrow(self.releases, list(core.values()), QUARTER, self._core),
            {d: shown.cell(number, self.round, reason) for d, number in mine.items()},
            {d: shown.cell(cells[Cell(side, d)], self.round) for d in extra if Cell(side, d) in cells},
            {d: text for d, release in core.items() if (text := shown.favourable(release))},
            tuple(d for d, release in core.items() if self._is_divided(release)),
            track(self.numbers, self.round, lambda at: self._side_point(side, at)),
        )

    def _is_divided(self, release: Release) -> bool:
        """Two blocks in a row say so: a single one would in about every sixth card by chance."""
        before = find_earlier(self.releases, release, 1)
        return bool(release.split and before and before.split)

    def _side_point(self, side: Side, round: int) -> Point | None:
        cells = {} if self.pooled else visible_numbers(self.numbers, round)
        mine = [cells[Cell(side, d)] for d in self._core if Cell(side, d) in cells]
        return shown.side_score(mine, round, self.bank.weights_at(round)).point

    def _gap(self) -> Shown:
        both = pair_cells(self._cells(), self._core)
        if not both:
            return shown.hidden(self._reason())
        sides = [[pair[i] for pair in both.values()] for i in range(2)]
        sponsor, cro = (estimate_side(bound_few(numbers), self._core) for numbers in sides)
        about = len(both) < FEW_TOPICS and any(map(is_bounded, list_numbers(both)))
        return shown.gap(sponsor, cro, list_numbers(both), self.round, about)

    def _comparison(self, dimension: str, side: Side, mirror: bool = False) -> Comparison:
        """The other side's number needs the own side's: neither company sees first."""
        both = pair_cells(self._cells(), (dimension,)).get(dimension)
        own = None if self.pooled else visible_numbers(self.numbers, self.round).get(Cell(side, dimension))
        mine = shown.cell(own, self.round, shown.POOLED if self.pooled else shown.NOT_ENOUGH)
        if both is None:
            none = shown.hidden(self._reason())
            ours, theirs = (mine, none) if side is Side.SPONSOR else (none, mine)
            return Comparison(dimension, ours, theirs, none, none)
        sponsor, cro = both
        return Comparison(
            dimension,
            shown.cell(sponsor, self.round),
            shown.cell(cro, self.round),
            self._difference(sponsor, cro),
            shown.hidden("a mirror has none") if mirror else self._alignment(dimension),
        )

    def _difference(self, sponsor: Smoothed, cro: Smoothed) -> Shown:
        ours, theirs = bound(sponsor), bound(cro)
        about = is_bounded(sponsor) or is_bounded(cro)
        return shown.gap(estimate_cell(ours), estimate_cell(theirs), (ours, theirs), self.round, about)

    def _alignment(self, dimension: str) -> Shown:
        both = pair_cells(self._cells(), self._core)
        credible = combine(both, self._core).credible
        values = [bound(number).release.value for number in both[dimension]]
        value = sum(values) / 2 - credible * abs(values[0] - values[1]) / 2
        return shown.combined(value, None, both[dimension], self.round, find_limits(both[dimension]))

    def _blind_spot(self, side: Side) -> Shown:
        cells = self._cells()
        guesses, answers = self._kind("prediction"), self._kind("overall")
        guess = cells.get(Cell(side, guesses[0])) if guesses else None
        answer = cells.get(Cell(side.other, answers[0])) if answers else None
        if guess is None or answer is None:
            return shown.hidden(self._reason())
        return self._difference(guess, answer)

    def _cells(self) -> dict[Cell, Smoothed]:
        """Cells that may be set against those of the other side."""
        return {} if self._reason() != shown.NOT_ENOUGH_BOTH else visible_numbers(self.numbers, self.round)

    def _reason(self) -> str:
        if self.pooled:
            return shown.POOLED
        return shown.NOT_ENOUGH_BOTH if self.charter.share_dimensions else shown.NOT_SHARED


def board(
    releases: Sequence[Release],
    round: int,
    bank: Bank,
    charter: Charter | None = None,
    pooled: bool = False,
) -> Board:
    """What can be seen after the closing of round number `round`."""
    past = sorted((one for one in releases if one.round <= round), key=lambda one: one.round)
    return Board(tuple(past), smooth(past), round, bank, charter or Charter(), in_force(pooled, past, round))


def _supplements(item: Item, side: Side) -> bool:
    return item.kind != "core" and measures(item, side)
