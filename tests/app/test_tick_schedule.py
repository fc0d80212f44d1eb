"""The ticking goes on whatever is done to the machine's clock, at once and without a backlog."""

import asyncio
import tracemalloc
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from bot.app.clock.tick_schedule import schedule_ticks

EVERY = 0.05


class Set:
    """The machine's clock as the scheduler reads it, and as an administrator sets it."""

    off = timedelta()

    @classmethod
    def now(cls, zone: tzinfo | None = None) -> datetime:
        return datetime.now(zone or UTC) + cls.off


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> type[Set]:
    Set.off = timedelta()
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Set)
    monkeypatch.setattr("bot.app.clock.tick_schedule.wall_now", Set.now)
    return Set


@pytest.mark.parametrize("days", [-400, -1 / 24, 1 / 24, 400])
async def test_a_leap_neither_stops_the_ticks_nor_lists_what_was_missed(
    machine: type[Set], days: float
) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        ticks += 1

    async with schedule_ticks(tick, EVERY):
        await asyncio.sleep(4 * EVERY)
        assert ticks >= 2
        before = ticks
        tracemalloc.start()
        machine.off = timedelta(days=days)
        await asyncio.sleep(20 * EVERY)
        grown, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert 4 <= ticks - before <= 25
    assert peak < 2**20, f"{grown} {peak}"


async def test_a_slow_tick_is_not_overtaken_and_none_begins_after_the_end(machine: type[Set]) -> None:
    running = most = begun = 0

    async def tick() -> None:
        nonlocal running, most, begun
        begun, running = begun + 1, running + 1
        most = max(most, running)
        await asyncio.sleep(5 * EVERY)
        running -= 1

    async with schedule_ticks(tick, EVERY) as begin_no_more:
        await asyncio.sleep(12 * EVERY)
        begin_no_more()
        ended = begun
        machine.off = timedelta(days=400)
        await asyncio.sleep(8 * EVERY)
    assert most == 1 and begun == ended >= 2
