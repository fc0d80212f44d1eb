"""The auditor: knows every roster and who answered when, sees everything the boards show, and counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from bot.closing.replay import Lived
from bot.model.alliance import Side
from bot.model.closing import Release
from bot.privacy.bands import round_half_up, write_bounded
from bot.privacy.board import make_board
from bot.privacy.views import LeadView
from bot.questions.bank import load_builtin
from bot.scoring.answer_matrix import Floats, History, scale_answers
from tests.rules.independent import smooth_cells
from tests.rules.worlds import replayed, world

WEEKS = 52


@cache
def past_of(name: str) -> History:
    return world(name, WEEKS)


@dataclass(frozen=True, slots=True)
class Count:
    """One published number as the auditor knows it: which answers it is the mean of."""

    release: Release
    answers: frozenset[tuple[str, int, str]]
    """(person, round, item) of the latest answers."""
    spent: frozenset[tuple[str, int, str]]


@cache
def audited(name: str) -> tuple[Lived, ...]:
    return replayed(past_of(name))


@cache
def counts(name: str) -> tuple[Count, ...]:
    return tuple(_counts(past_of(name), audited(name)))


def _counts(past: History, replayed: tuple[Lived, ...]) -> Iterator[Count]:
    for lived in replayed:
        for block in lived.outcome.blocks:
            spent = {
                (a.person, a.round, past.items[past.sides[a.side].items[a.row]].id) for a in block.answers
            }
            newest = {person: max(t for p, t, _ in spent if p == person) for person, _, _ in spent}
            latest = {value for value in spent if value[1] == newest[value[0]]}
            yield Count(block.release, frozenset(latest), frozenset(spent))


def value_of(past: History, side: Side, key: tuple[str, int, str]) -> float:
    columns = past.sides[side]
    ids = [question.id for question in past.items]
    row = np.flatnonzero(
        (columns.rounds == key[1])
        & (columns.people == columns.names.index(key[0]))
        & (columns.items == ids.index(key[2]))
    )
    return scale_answers(float(columns.values[row[0]]))


def sums_of(published: list[Count]) -> Floats:
    """Published numbers × answers: the share of each answer in each number."""
    keys = sorted({key for publication in published for key in publication.answers})
    place = {key: i for i, key in enumerate(keys)}
    sums = np.zeros((len(published), len(keys)))
    for row, publication in enumerate(published):
        sums[row, [place[key] for key in publication.answers]] = 1 / len(publication.answers)
    return sums


def audit_boards(name: str, every: int = 1) -> int:
    """Recompute each board, or every so many, from published cells alone: nothing else is in it. How many were seen."""
    releases: list[Release] = []
    seen = 0
    for lived in audited(name):
        now = lived.history.now.index
        releases += lived.outcome.releases
        if now % every == 0:
            values = smooth_cells(releases, now)
            bands = {(release.cell.side, release.cell.dimension): release.band for release in releases}
            seen_now = {(str(s), d): Seen(value, bands[s, d]) for (s, d), value in values.items()}
            _audit(tuple(releases), now, seen_now)
            seen += 1
    return seen


@dataclass(frozen=True, slots=True)
class Seen:
    """A cell as the second calculation says it is seen."""

    value: float
    band: int

    @property
    def limits(self) -> tuple[int, int]:
        return (20, 80) if self.band == 5 else (10, 90)

    @property
    def bounded(self) -> float:
        return min(self.limits[1], max(self.limits[0], self.value))


def _audit(releases: tuple[Release, ...], now: int, seen: dict[tuple[str, str], Seen]) -> None:
    found = make_board(releases, now, load_builtin())
    views = {side: found.for_lead(side) for side in Side}
    assert now % 8 or all(view.headline == found.for_member() for view in views.values())
    for side, view in views.items():
        _check_side(view, {d: value for (s, d), value in seen.items() if s == side})
    _check_both(views, seen)


def _check_side(view: LeadView, seen: dict[str, Seen]) -> None:
    core = {question.dimension for question in load_builtin().core}
    cells = {d: value for d, value in seen.items() if d in core}
    for dimension, shown in view.own.dimensions.items():
        cell = cells.get(dimension)
        assert shown.text == (write_bounded(round_half_up(cell.value), cell.limits) if cell else "–")
    assert view.own.score.text == (_mean_text(list(cells.values())) if cells else "–")
    assert view.own.supplements.keys() <= seen.keys() - core


def _mean_text(cells: list[Seen], topics: int | None = None) -> str:
    """The mean of cells as it is written: of fewer than four topics from the cells as they are told."""
    if (topics or len(cells)) >= 4:
        return write_bounded(round_half_up(sum(cell.value for cell in cells) / len(cells)))
    limits = (20, 80) if any(cell.band == 5 for cell in cells) else (10, 90)
    return write_bounded(round_half_up(sum(cell.bounded for cell in cells) / len(cells)), limits)


def _check_both(views: dict[Side, LeadView], seen: dict[tuple[str, str], Seen]) -> None:
    core = [question.dimension for question in load_builtin().core]
    both = [d for d in core if ("sponsor", d) in seen and ("cro", d) in seen]
    for view in views.values():
        level = [seen[side, d] for side in ("sponsor", "cro") for d in both]
        assert view.headline.level.text == (_mean_text(level, len(both)) if both else "–")
        for comparison in view.comparisons:
            states = {comparison.gap.state == "hidden", comparison.alignment.state == "hidden"}
            assert states == {comparison.dimension not in both}
            other = comparison.cro if view.own.side is Side.SPONSOR else comparison.sponsor
            assert (other.state == "hidden") == (comparison.dimension not in both)
