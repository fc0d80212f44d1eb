"""An auditor who knows every roster, who answered when, and sees everything the boards of 52 rounds show."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache

import numpy as np
import pytest

from bot.ledger import Release
from bot.model import Side
from bot.rules.bank import builtin
from bot.rules.board import board
from bot.rules.gate import scale
from bot.rules.history import Columns, Floats, History
from bot.rules.replay import Lived, replay
from bot.rules.shown import Shown, bounded_text, half_up
from bot.rules.simulate import Change, World
from bot.rules.views import LeadView
from tests.rules.histories import simulated

WEEKS = 52
LEADS = frozenset({"sponsor-0-0", "cro-0-0"})
WORLDS = {
    "ten answers a side": simulated(World(), 1, WEEKS),
    "five answers a side": simulated(World(people=(8, 8)), 2, WEEKS),
    "five people against thirty-six": simulated(World(people=(5, 36)), 3, WEEKS),
    "people coming and going": simulated(
        World(people=(14, 11), leaving=0.05), 4, WEEKS, Change(20, response=0.4, last=30)
    ),
}
OF_WORLDS = pytest.mark.parametrize("name", WORLDS)


@dataclass(frozen=True, slots=True)
class Count:
    """One published number as the auditor knows it: which answers it is the mean of."""

    release: Release
    answers: frozenset[tuple[str, int, str]]
    """(person, round, item) of the latest answers."""
    spent: frozenset[tuple[str, int, str]]


@cache
def audited(name: str) -> tuple[Lived, ...]:
    return tuple(replay(WORLDS[name], LEADS))


@cache
def counts(name: str) -> tuple[Count, ...]:
    return tuple(_counts(WORLDS[name], audited(name)))


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


@OF_WORLDS
def test_no_answer_and_no_small_group_is_determined(name: str) -> None:
    published = counts(name)
    # An answer belongs to one cell, so what is published of other cells cannot help with it.
    for cell in {one.release.cell for one in published}:
        sums = sums_of([one for one in published if one.release.cell == cell])
        basis, _ = np.linalg.qr(sums.T)
        # An answer is determined if its unit vector lies in the span of what was published.
        assert (basis**2).sum(axis=1).max() <= 0.2 + 1e-9
        # The sums do not overlap, so whatever is combined of them counts whole groups.
        assert (np.count_nonzero(sums, axis=0) == 1).all()
    assert min(len({person for person, _, _ in one.answers} - LEADS) for one in published) >= 5


def sums_of(published: list[Count]) -> Floats:
    """Published numbers × answers: the share of each answer in each number."""
    keys = sorted({key for one in published for key in one.answers})
    place = {key: i for i, key in enumerate(keys)}
    sums = np.zeros((len(published), len(keys)))
    for row, one in enumerate(published):
        sums[row, [place[key] for key in one.answers]] = 1 / len(one.answers)
    return sums


@OF_WORLDS
def test_an_answer_is_counted_at_most_once_and_superseded_ones_never_again(name: str) -> None:
    spent: set[tuple[str, int, str]] = set()
    for one in counts(name):
        assert not spent & one.spent
        spent |= one.spent


@OF_WORLDS
def test_what_is_published_is_the_mean_of_its_group(name: str) -> None:
    past = WORLDS[name]
    for one in counts(name)[::7]:
        assert one.release.cell.side is not None
        values = [value_of(past, one.release.cell.side, key) for key in one.answers]
        assert one.release.value == pytest.approx(sum(values) / len(values))


@OF_WORLDS
def test_everything_on_both_leads_boards_follows_from_what_was_published(name: str) -> None:
    """The auditor recomputes each board from published cells alone and finds nothing else in it."""
    known: dict[tuple[str, str], Release] = {}
    releases: list[Release] = []
    for lived in audited(name):
        now = lived.history.now.index
        releases += lived.outcome.releases
        known |= {(str(one.cell.side), one.cell.dimension): one for one in lived.outcome.releases}
        seen = {key: one for key, one in known.items() if now - one.round <= 8}
        found = board(releases, now, builtin())
        views = {side: found.for_lead(side) for side in Side}
        assert now % 8 or all(view.headline == found.for_member() for view in views.values())
        for side, view in views.items():
            check_side(view, side, {d: one for (s, d), one in seen.items() if s == side})
        check_both(views, seen)


def check_side(view: LeadView, side: Side, seen: dict[str, Release]) -> None:
    core = {item.dimension for item in builtin().core}
    cells = {d: one for d, one in seen.items() if d in core}
    for dimension, shown in view.own.dimensions.items():
        expected = text_of(cells[dimension].value) if dimension in cells else "–"
        assert shown.text == expected
    score = text_of(sum(one.value for one in cells.values()) / len(cells)) if cells else "–"
    assert view.own.score.text == score
    assert view.own.supplements.keys() <= seen.keys() - core


def check_both(views: dict[Side, LeadView], seen: dict[tuple[str, str], Release]) -> None:
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


def test_nine_of_ten_askings_end_in_a_fresh_number_at_ten_answers_a_side() -> None:
    fresh = askings = 0
    for lived in audited("ten answers a side"):
        asked = {item.dimension for item in lived.history.now.items if item.kind == "core"}
        if lived.history.now.holiday:
            continue
        askings += 2 * len(asked)
        fresh += sum(one.cell.dimension in asked for one in lived.outcome.releases)
    assert fresh / askings >= 0.9


def test_what_is_not_released_changes_nothing_that_is_seen() -> None:
    past = WORLDS["five answers a side"]
    spent = {side: np.zeros(past.sides[side].rounds.size, dtype=bool) for side in Side}
    for lived in audited("five answers a side"):
        for block in lived.outcome.blocks:
            for answer in block.answers:
                spent[answer.side][answer.row] = True
    assert all((~one).any() for one in spent.values())
    turned = {
        side: turned_around(columns, ~spent[side], past.sides[side].values)
        for side, columns in past.sides.items()
    }
    other = replay(replace(past, sides=turned), LEADS)
    same = [one.outcome.releases for one in other]
    assert same == [one.outcome.releases for one in audited("five answers a side")]


def turned_around(columns: Columns, which: np.ndarray, values: Floats) -> Columns:
    return replace(columns, values=np.where(which, 6 - values, values))


def test_no_alarm_of_a_small_side_names_it() -> None:
    """Four people who all fall by two points: the charts see it, and nobody is told of that side."""
    past = simulated(World(people=(4, 15), leaving=0.0, response=0.95), 5, 60, Change(40, Side.SPONSOR, -2.0))
    alarms = [alarm for lived in replay(past) for alarm in lived.outcome.alarms]
    assert any(alarm.kind == "level" for alarm in alarms)
    assert {"sponsor", "gap", "part_sponsor"}.isdisjoint(alarm.kind for alarm in alarms)
    assert not any(alarm.dimensions for alarm in alarms)


def test_numbers_of_a_board_are_all_of_the_gates_make(name: str = "ten answers a side") -> None:
    found = board([one for lived in audited(name) for one in lived.outcome.releases], WEEKS, builtin())
    assert isinstance(found.for_member().alignment, Shown)
    assert not any(isinstance(value, float) for value in vars_of(found.for_lead(Side.CRO)))


def vars_of(view: object) -> Iterator[object]:
    if is_dataclass(view):
        for one in fields(view):
            yield from vars_of(getattr(view, one.name))
    elif isinstance(view, dict):
        for one in view.values():
            yield from vars_of(one)
    elif isinstance(view, tuple):
        for one in view:
            yield from vars_of(one)
    else:
        yield view
