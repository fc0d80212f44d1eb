"""The auditor's year: everything shown over 52 rounds in four worlds, to everybody together."""

import re

import pytest

from tests.rules.audit import WEEKS, audit_boards
from tests.rules.surface import shown
from tests.rules.test_properties import alarms_under_other_names, golden_alarms
from tests.rules.worlds import WORLDS, replayed, turned_within_blocks, world


@pytest.mark.parametrize("name", WORLDS)
def test_nothing_that_anybody_sees_determines_an_answer(name: str) -> None:
    """Every answer that was counted could have been another one: cards, digests, exports and figures are the same."""
    past = world(name, WEEKS)
    twin, turned = turned_within_blocks(past)
    counted = sum(len(block.answers) for lived in replayed(past) for block in lived.outcome.blocks)
    assert turned > counted / 3
    mine, theirs = (list(shown(replayed(history), alarms=False)) for history in (past, twin))
    assert mine == theirs
    assert len(mine) >= 8 * WEEKS


@pytest.mark.parametrize("name", WORLDS)
def test_every_board_follows_from_what_was_published(name: str) -> None:
    assert audit_boards(name) == WEEKS


@pytest.mark.parametrize("name", WORLDS)
def test_nobody_is_named_and_no_share_is_finer_than_ten_percent(name: str) -> None:
    past = world(name, WEEKS)
    names = {name for columns in past.sides.values() for name in columns.names}
    told = "\n".join(words for _, words in shown(replayed(past)))
    assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", told)]
    shares = set(re.findall(r"Answered, [^:]+: (.*)", told))
    few = {"too few people to say", "a quarter or less", "about half", "three quarters or more"}
    assert shares <= {*few, "10 % or less", "90 % or more", *(f"about {n}0 %" for n in range(2, 9))}


@pytest.mark.parametrize("seed", range(2, 22))
def test_no_alarm_depends_on_who_a_person_is(seed: int) -> None:
    assert alarms_under_other_names(seed) == golden_alarms()
