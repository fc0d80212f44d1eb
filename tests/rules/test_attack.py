"""Single answers that can be worked out from all cards of a year: what the narrow limits of small groups are for."""

from functools import cache

import pytest

from bench.alarms import asked
from bench.attack import LEADS, WORLDS, attack, list_attackers
from bot.app.backtest.generate import make_crowd, simulate_history
from bot.closing.replay import Lived, replay_rounds
from bot.model.alliance import Side

WEEKS = 26


@cache
def happy() -> tuple[tuple[Lived, ...], tuple[str, ...]]:
    """Half a year of eight happy people a side, and the sponsor's people who answer most."""
    past = simulate_history(make_crowd(WORLDS["happy and small"], 5, WEEKS), asked(WEEKS))
    columns = past.sides[Side.SPONSOR]
    often = sorted(zip(-columns.responded.sum(axis=1), columns.names, strict=True))
    lived = tuple(replay_rounds(past, frozenset(LEADS.values())))
    return lived, tuple(person for _, person in often if person not in LEADS.values())


def derive(attacker: str, capped: bool) -> int:
    lived, people = happy()
    knows = list_attackers(people, LEADS[Side.SPONSOR])[attacker]
    groups = attack(lived, Side.SPONSOR, knows, capped)
    assert len(groups) > 30
    assert all(group.total in group.sums for group in groups), "the attack would be wrong, not strong"
    return sum(group.count_derived() for group in groups)


@pytest.mark.parametrize("attacker", ["outsider", "own lead", "one member", "lead and one"])
def test_of_a_happy_small_side_nobody_works_out_an_answer(attacker: str) -> None:
    assert derive(attacker, capped=True) == 0


def test_without_the_narrow_limits_a_lead_and_one_member_would_work_out_the_others() -> None:
    assert derive("lead and one", capped=False) >= 10
    assert derive("three members", capped=False) > 4 * max(1, derive("three members", capped=True))
