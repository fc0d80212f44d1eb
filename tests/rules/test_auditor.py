"""An auditor who knows every roster, who answered when, and sees everything the boards of 52 rounds show."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from bot.app.backtest.generate import Change, World
from bot.closing.replay import replay_rounds
from bot.model.alliance import Side
from bot.privacy.board import make_board
from bot.privacy.published import Shown
from bot.questions.bank import load_builtin
from bot.scoring.answer_matrix import Columns, Floats
from tests.rules.audit import WEEKS, audit_boards, audited, counts, past_of, sums_of, value_of
from tests.rules.histories import simulated
from tests.rules.worlds import LEADS, WORLDS

OF_WORLDS = pytest.mark.parametrize("name", WORLDS)


@OF_WORLDS
def test_no_answer_and_no_small_group_is_determined(name: str) -> None:
    published = counts(name)
    # An answer belongs to one cell, so what is published of other cells cannot help with it.
    for cell in {publication.release.cell for publication in published}:
        sums = sums_of([publication for publication in published if publication.release.cell == cell])
        basis, _ = np.linalg.qr(sums.T)
        # An answer is determined if its unit vector lies in the span of what was published.
        assert (basis**2).sum(axis=1).max() <= 0.2 + 1e-9
        # The sums do not overlap, so whatever is combined of them counts whole groups.
        assert (np.count_nonzero(sums, axis=0) == 1).all()
    assert (
        min(len({person for person, _, _ in publication.answers} - LEADS) for publication in published) >= 5
    )


@OF_WORLDS
def test_an_answer_is_counted_at_most_once_and_superseded_ones_never_again(name: str) -> None:
    spent: set[tuple[str, int, str]] = set()
    for count in counts(name):
        assert not spent & count.spent
        spent |= count.spent


@OF_WORLDS
def test_what_is_published_is_the_mean_of_its_group(name: str) -> None:
    past = past_of(name)
    for count in counts(name)[::7]:
        assert count.release.cell.side is not None
        values = [value_of(past, count.release.cell.side, key) for key in count.answers]
        assert count.release.value == pytest.approx(sum(values) / len(values))


@OF_WORLDS
def test_everything_on_both_leads_boards_follows_from_what_was_published(name: str) -> None:
    """Every fourth closing; all of them in tests/slow/test_year.py."""
    assert audit_boards(name, every=4) == 13


def test_nine_of_ten_askings_end_in_a_fresh_number_at_ten_answers_a_side() -> None:
    fresh = askings = 0
    for lived in audited("ten answers a side"):
        asked = {week.dimension for week in lived.history.now.items if week.kind == "core"}
        if lived.history.now.holiday:
            continue
        askings += 2 * len(asked)
        fresh += sum(release.cell.dimension in asked for release in lived.outcome.releases)
    assert fresh / askings >= 0.9


def test_what_is_not_released_changes_nothing_that_is_seen() -> None:
    past = past_of("five answers a side")
    spent = {side: np.zeros(past.sides[side].rounds.size, dtype=bool) for side in Side}
    for lived in audited("five answers a side"):
        for block in lived.outcome.blocks:
            for answer in block.answers:
                spent[answer.side][answer.row] = True
    assert all((~mask).any() for mask in spent.values())
    turned = {
        side: turned_around(columns, ~spent[side], past.sides[side].values)
        for side, columns in past.sides.items()
    }
    other = replay_rounds(replace(past, sides=turned), LEADS)
    same = [week.outcome.releases for week in other]
    assert same == [week.outcome.releases for week in audited("five answers a side")]


def turned_around(columns: Columns, which: np.ndarray, values: Floats) -> Columns:
    return replace(columns, values=np.where(which, 6 - values, values))


def test_no_alarm_of_a_small_side_names_it() -> None:
    """Four people who all fall by two points: the charts see it, and nobody is told of that side."""
    past = simulated(World(people=(4, 15), leaving=0.0, response=0.95), 5, 60, Change(40, Side.SPONSOR, -2.0))
    alarms = [alarm for lived in replay_rounds(past) for alarm in lived.outcome.alarms]
    assert any(alarm.kind == "level" for alarm in alarms)
    assert {"sponsor", "gap", "part_sponsor"}.isdisjoint(alarm.kind for alarm in alarms)
    assert not any(alarm.dimensions for alarm in alarms)


def test_numbers_of_a_board_are_all_of_the_gates_make(name: str = "ten answers a side") -> None:
    found = make_board(
        [release for lived in audited(name) for release in lived.outcome.releases], WEEKS, load_builtin()
    )
    assert isinstance(found.for_member().alignment, Shown)
    assert not any(isinstance(value, float) for value in vars_of(found.for_lead(Side.CRO)))


def vars_of(view: object) -> Iterator[object]:
    if is_dataclass(view):
        for declared_field in fields(view):
            yield from vars_of(getattr(view, declared_field.name))
    elif isinstance(view, dict):
        for value in view.values():
            yield from vars_of(value)
    elif isinstance(view, tuple):
        for value in view:
            yield from vars_of(value)
    else:
        yield view
