"""Turns that all processes share: together they call no faster than one alone would, and nobody waits for anybody."""

import asyncio

import pytest

import storage
from bot.rate_limit import Rate, Turn

RATE = Rate(0.2, 8)
NOW = 1_790_000_000.0


async def asked(
    store: storage.DatabaseStore, name: str = "slack T1 chat.postMessage", now: float = NOW
) -> Turn:
    while (turn := await store.turns.ask(name, RATE, now, patience=1.05)) is None:
        await asyncio.sleep(0.001)
    return turn


async def test_two_processes_share_what_a_workspace_takes(
    store: storage.DatabaseStore, other: storage.DatabaseStore
) -> None:
    both = await asyncio.gather(*(asked(one) for _ in range(20) for one in (store, other)))
    given = sorted(turn.at - NOW for turn in both if turn.is_given)
    assert given == pytest.approx([0.0] * 8 + [0.2 * n for n in range(1, 6)], abs=1e-3)
    sent_away = sorted(turn.at - NOW for turn in both if not turn.is_given)
    assert sent_away == pytest.approx([0.675 + 0.2 * n for n in range(27)], abs=1e-3)
    assert (await asked(other, now=NOW + 60.0)).at == NOW + 60.0


async def test_other_workspaces_have_turns_of_their_own(store: storage.DatabaseStore) -> None:
    for _ in range(14):
        await asked(store)
    assert await asked(store, "slack T2 chat.postMessage") == Turn(NOW, True)
