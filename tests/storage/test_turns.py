"""Turns that all processes share: together they call no faster than one alone would, and nobody waits for anybody."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

import storage
from bot.rate_limit import Rate, Turn, WaitingLine, ask_for_turn, heal_line
from storage.coordination.rate_limits import RateLimits

RATE = Rate(0.2, 8)
NOW = 1_790_000_000.0
MONTH = 30 * 86_400.0


async def asked(
    store: storage.DatabaseStore, name: str = "slack T1 chat.postMessage", now: float | None = NOW
) -> Turn:
    """`now`: what the database's clock says; None: whatever it does."""
    turns = store.rate_limits if now is None else RateLimits(store.writer, lambda _: now)
    while (turn := await turns.ask(name, RATE, patience=1.05)) is None:
        await asyncio.sleep(0.001)
    return turn


async def test_two_processes_share_what_a_workspace_takes(
    store: storage.DatabaseStore, other: storage.DatabaseStore
) -> None:
    both = await asyncio.gather(*(asked(side_store) for _ in range(20) for side_store in (store, other)))
    given = sorted(turn.at for turn in both if turn.is_given)
    assert given == pytest.approx([0.0] * 8 + [0.2 * n for n in range(1, 6)], abs=1e-3)
    sent_away = sorted(turn.at for turn in both if not turn.is_given)
    assert sent_away == pytest.approx([0.675 + 0.2 * n for n in range(27)], abs=1e-3)
    assert (await asked(other, now=NOW + 60.0)).at == 0.0


async def test_other_workspaces_have_turns_of_their_own(store: storage.DatabaseStore) -> None:
    for _ in range(14):
        await asked(store)
    assert await asked(store, "slack T2 chat.postMessage") == Turn(0.0, True)


async def test_marks_of_a_clock_that_was_a_month_ahead_hold_up_nobody(store: storage.DatabaseStore) -> None:
    for _ in range(40):
        await asked(store, now=NOW + MONTH)
    first, *rest = [await asked(store, now=NOW + n) for n in range(3)]
    assert first == Turn(pytest.approx(0.2, abs=1e-3), True)
    assert all(turn.is_given and turn.at == 0.0 for turn in rest)


async def test_the_databases_clock_decides_and_not_the_callers(store: storage.DatabaseStore) -> None:
    given = [await asked(store, now=None) for _ in range(8)]
    assert all(turn == Turn(0.0, True) for turn in given)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1.05)), max_size=60))
def test_healing_changes_nothing_that_a_right_clock_wrote(asked: list[tuple[float, float]]) -> None:
    line, now = WaitingLine(), NOW
    for later, patience in asked:
        now += later
        assert heal_line(line, RATE, now) == line
        line, _ = ask_for_turn(line, RATE, now, patience)
