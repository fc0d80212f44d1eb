"""The board: everything of an alliance that people may see, made of released numbers alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model.alliance import Item, ItemKind, Side
from bot.model.cards import Point
from bot.model.closing import Cell, Release
from bot.privacy import published as shown
from bot.privacy.headline import (
    QUARTER,
    SOON,
    Core,
    headline,
    pairs,
    pooled_headline,
    side_arrow,
    track,
    visible,
    whole,
    withheld,
)
from bot.privacy.published import Shown
from bot.privacy.release_gate import in_force, measures
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
    round: int
    bank: Bank
    charter: Charter
    pooled: bool

    def for_member(self) -> Headline:
        """Alignment, level, agreement and arrow; in a pooled alliance the level alone."""
        if self.pooled:
            return pooled_headline(self.releases, self.round, self.bank.weights_at)
        if not self.charter.share_dimensions:
            # Whoever sees the own side and anything of both can subtract.
            return withheld(shown.NOT_SHARED)
        return headline(self.releases, self.round, self.bank.weights_at)

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
        cells = {} if self.pooled else visible(self.releases, self.round)
        reason = shown.POOLED if self.pooled else shown.NOT_ENOUGH
        core = {d: cells.get(Cell(side, d)) for d in self._core}
        mine = [release for release in core.values() if release]
        extra = [item.dimension for item in self.bank.items if _supplements(item, side)]
        return OwnSide(
            side,
            shown.side_score(mine, self.round, self._core, reason),
            side_arrow(self.releases, mine, SOON, self._core),
            side_arrow(self.releases, mine, QUARTER, self._core),
            {d: shown.cell(release, self.round, reason) for d, release in core.items()},
            {d: shown.cell(cells[Cell(side, d)], self.round) for d in extra if Cell(side, d) in cells},
            {d: text for d, release in core.items() if (text := shown.favourable(release))},
            tuple(d for d, release in core.items() if release and release.split),
            track(self.releases, self.round, lambda at: self._side_point(side, at)),
        )

    def _side_point(self, side: Side, round: int) -> Point | None:
        cells = {} if self.pooled else visible(self.releases, round)
        mine = [cells[Cell(side, d)] for d in self._core if Cell(side, d) in cells]
        return shown.side_score(mine, round, self.bank.weights_at(round)).point

    def _gap(self) -> Shown:
        both = pairs(self._cells(), self._core)
        sides = [[pair[i] for pair in both.values()] for i in range(2)]
        if not both:
            return shown.hidden(self._reason())
        sponsor, cro = (shown.side_estimate(releases, self._core) for releases in sides)
        return shown.gap(sponsor, cro, [*sides[0], *sides[1]], self.round)

    def _comparison(self, dimension: str, side: Side, mirror: bool = False) -> Comparison:
        """The other side's number needs the own side's: neither company sees first."""
        cells = self._cells()
        both = pairs(cells, (dimension,)).get(dimension)
        own = None if self.pooled else visible(self.releases, self.round).get(Cell(side, dimension))
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
            shown.gap(shown.released(sponsor), shown.released(cro), both, self.round),
            shown.hidden("a mirror has none") if mirror else self._alignment(cells, dimension),
        )

    def _alignment(self, cells: Mapping[Cell, Release], dimension: str) -> Shown:
        both = pairs(cells, self._core)
        value = whole(both, self._core).shared[dimension].alignment
        return shown.combined(value, None, both[dimension], self.round)

    def _blind_spot(self, side: Side) -> Shown:
        cells = self._cells()
        guesses, answers = self._kind("prediction"), self._kind("overall")
        guess = cells.get(Cell(side, guesses[0])) if guesses else None
        answer = cells.get(Cell(side.other, answers[0])) if answers else None
        if guess is None or answer is None:
            return shown.hidden(self._reason())
        return shown.gap(shown.released(guess), shown.released(answer), (guess, answer), self.round)

    def _cells(self) -> dict[Cell, Release]:
        """Cells that may be set against those of the other side."""
        return {} if self._reason() != shown.NOT_ENOUGH_BOTH else visible(self.releases, self.round)

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
    return Board(tuple(past), round, bank, charter or Charter(), in_force(pooled, past, round))


def _supplements(item: Item, side: Side) -> bool:
    return item.kind != "core" and measures(item, side)
