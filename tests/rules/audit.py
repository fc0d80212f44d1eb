"""The auditor: knows every roster and who answered when, sees everything the boards show, and counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from bot.closing.replay import Lived
from bot.model.alliance import Side
from bot.model.closing import Release
from bot.privacy.board import board
from bot.privacy.published import bounded_text, half_up
from bot.privacy.views import LeadView
from bot.questions.bank import builtin
from bot.scoring.answer_matrix import Floats, History, scale
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
            latest = {one for one in spent if one[1] == newest[one[0]]}
            yield Count(block.release, frozenset(latest), frozenset(spent))


def value_of(past: History, side: Side, key: tuple[str, int, str]) -> float:
    columns = past.sides[side]
    ids = [item.id for item in past.items]
    row = np.flatnonzero(
        (columns.rounds == key[1])
        & (columns.people == columns.names.index(key[0]))
        & (columns.items == ids.index(key[2]))
    )
    return scale(float(columns.values[row[0]]))


def sums_of(published: list[Count]) -> Floats:
    """Published numbers × answers: the share of each answer in each number."""
    keys = sorted({key for one in published for key in one.answers})
    place = {key: i for i, key in enumerate(keys)}
    sums = np.zeros((len(published), len(keys)))
    for row, one in enumerate(published):
        sums[row, [place[key] for key in one.answers]] = 1 / len(one.answers)
    return sums


def audit_boards(name: str, every: int = 1) -> int:
    """Recompute each board, or every so many, from published cells alone: nothing else is in it. How many were seen."""
    known: dict[tuple[str, str], Release] = {}
    releases: list[Release] = []
    seen = 0
    for lived in audited(name):
        now = lived.history.now.index
        releases += lived.outcome.releases
        known |= {(str(one.cell.side), one.cell.dimension): one for one in lived.outcome.releases}
        if now % every == 0:
            _audit(tuple(releases), now, {key: one for key, one in known.items() if now - one.round <= 8})
            seen += 1
    return seen


def _audit(releases: tuple[Release, ...], now: int, seen: dict[tuple[str, str], Release]) -> None:
    found = board(releases, now, builtin())
    views = {side: found.for_lead(side) for side in Side}
    assert now % 8 or all(view.headline == found.for_member() for view in views.values())
    for side, view in views.items():
        _check_side(view, {d: one for (s, d), one in seen.items() if s == side})
    _check_both(views, seen)


def _check_side(view: LeadView, seen: dict[str, Release]) -> None:
    core = {item.dimension for item in builtin().core}
    cells = {d: one for d, one in seen.items() if d in core}
    for dimension, shown in view.own.dimensions.items():
        expected = text_of(cells[dimension].value) if dimension in cells else "–"
        assert shown.text == expected
    score = text_of(sum(one.value for one in cells.values()) / len(cells)) if cells else "–"
    assert view.own.score.text == score
    assert view.own.supplements.keys() <= seen.keys() - core


def _check_both(views: dict[Side, LeadView], seen: dict[tuple[str, str], Release]) -> None:
    core = [item.dimension for item in builtin().core]
    both = [d for d in core if ("sponsor", d) in seen and ("cro", d) in seen]
    for view in views.values():
        level = [seen[side, d].value for side in ("sponsor", "cro") for d in both]
        assert view.headline.level.text == (text_of(sum(level) / len(level)) if both else "–")
        for one in view.comparisons:
            states = {one.gap.state == "hidden", one.alignment.state == "hidden"}
            assert states == {one.dimension not in both}
            other = one.cro if view.own.side is Side.SPONSOR else one.sponsor
            assert (other.state == "hidden") == (one.dimension not in both)


def text_of(value: float) -> str:
    return bounded_text(half_up(value))
