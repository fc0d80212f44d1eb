"""Pulses edited, paused, moved, deleted and brought back around the moment they are due: as a small model expects."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import TypeAlias

from bot.model.alliance import Pulse
from tests.faults.model import Model
from tests.faults.scale import scaled
from tests.use_cases.sandbox_bot import NORTHWIND, SLOT, WEEKLY, SandboxBot, open_sandbox_bot

CASES = scaled(100, 500)
MINUTES = (-90, -1, 0, 1, 30, 119, 121, 600, 1440, 2880)
DAYS = (frozenset({1}), frozenset({1, 2}), frozenset({0}), frozenset(range(7)))
TIMES = (time(8), time(8, 59), time(9), time(9, 1), time(10), time(12))


def _edited(chance: random.Random) -> Pulse:
    return replace(
        WEEKLY,
        days=chance.choice(DAYS),
        time=chance.choice(TIMES),
        paused=chance.random() < 0.25,
        remind_hours=0,
    )


async def _declare(bot: SandboxBot, pulses: tuple[Pulse, ...]) -> None:
    await bot.store.alliances.declare([replace(NORTHWIND, pulses=pulses)], bot.at)


Slots: TypeAlias = tuple[set[date], set[date]]
"""Asked, missed."""


async def _lived(bot: SandboxBot, chance: random.Random, number: int) -> AsyncIterator[tuple[Slots, Slots]]:
    """Eight moments around a slot; at each the pulse may be changed, or be gone until the next, before the tick.

    After each: the slots of the bot, and of the model.
    """
    key = f"p{number}"
    bot.at = SLOT + timedelta(weeks=8 * number) - timedelta(days=1)
    model = Model(replace(_edited(chance), key=key), bot.at)
    await _declare(bot, (model.pulse,))
    for _ in range(8):
        drawn = chance.random()
        if drawn < 0.15:
            model.edit(replace(model.pulse, paused=True), bot.at)
            await _declare(bot, ())
        elif drawn < 0.6:
            model.edit(replace(_edited(chance), key=key), bot.at)
            await _declare(bot, (model.pulse,))
        bot.at += timedelta(minutes=abs(chance.choice(MINUTES)))
        await bot.tick(bot.at)
        model.tick(bot.at)
        yield (_slots(bot, "round", key), _slots(bot, "missed", key)), (set(model.asked), set(model.missed))


def _slots(bot: SandboxBot, table: str, key: str) -> set[date]:
    rows = bot.rows(f"SELECT slot FROM \"{table}\" WHERE pulse = '{key}'")
    return {date.fromisoformat(str(row[0])) for row in rows}


async def test_a_pulse_changed_around_its_time_does_what_its_owner_expects(tmp_path: Path) -> None:
    chance = random.Random(11)
    async with open_sandbox_bot(tmp_path) as bot:
        for number in range(CASES):
            async for slots, expected in _lived(bot, chance, number):
                assert slots == expected, number


async def test_a_pulse_that_is_gone_is_not_asked_and_its_open_round_still_closes(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path) as bot:
        await bot.store.alliances.declare([NORTHWIND], SLOT - timedelta(days=1))
        await bot.tick(SLOT)
        await _declare(bot, (replace(WEEKLY, key="other", days=frozenset({4})),))
        await bot.tick(SLOT + timedelta(hours=72))
        await asyncio.sleep(0)
        states = [row[0] for row in bot.rows('SELECT state FROM "round" ORDER BY slot')]
        assert states[0] == "closed"
        await bot.tick(SLOT + timedelta(weeks=1))
        asked = [str(row[0]) for row in bot.rows("SELECT pulse FROM \"round\" WHERE pulse = 'weekly'")]
        assert len(asked) == 1
