"""The database that each simulation begins with: ten rounds have passed, made once and without any fault."""

import os
import random
import tempfile
from datetime import timedelta
from pathlib import Path

import storage
from bot.app.runtime.bot import Bot
from bot.app.runtime.operator import declare_alliances
from bot.app.runtime.worker import tick_once
from bot.app.wiring import open_bot
from bot.model.alliance import Member
from bot.model.events import Answered
from tests.far.slack_state import two_companies
from tests.slow.simulation import virtual_time as virtual
from tests.slow.simulation.settings import OPEN, PEOPLE, SLOT, settings
from tests.slow.simulation.virtual_time import BEGIN
from tests.slow.simulation.world import World, set_up
from tests.slow.slack_testbed import list_buttons

WEEK = timedelta(weeks=1)
USUAL, LOW = 9, 1
"""Rounds before the simulated one: as usual, then lower, so that one more of these is an alarm."""


def ramdisk() -> Path:
    """Where files cost no disk, if there is such a place."""
    where = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="pulse-sim-", dir=where if os.access(where, os.W_OK) else None))


def make_template(folder: Path) -> Path:
    """A database after ten rounds, the last of which was low; made once, without any fault."""
    file = folder / "template.sqlite3"
    storage.migrate(f"sqlite:///{file}")
    with virtual.running(0) as loop:

        async def live() -> None:
            world = await set_up(loop, 0, file)
            virtual.WORLD.clock_is_off = -(USUAL + LOW) * WEEK
            async with open_bot(settings(file)) as bot:
                await declare_alliances(bot, [settings(file).alliance[0].to_alliance()])
                for number in range(USUAL + LOW):
                    await _live_round(world, bot, number)
            virtual.WORLD.clock_is_off = timedelta()

        loop.run_until_complete(live())
    return file


async def _live_round(world: World, bot: Bot, number: int) -> None:
    at = SLOT - (USUAL + LOW - number) * WEEK
    virtual.WORLD.clock_is_off = at - BEGIN - timedelta(seconds=virtual.monotonic())
    await tick_once(bot, at)
    offered = list_buttons(world.slack.state.rooms["C0JOINT"].messages[-1])
    asked = sorted({tuple(str(button.payload["value"]).split("|")[1:3]) for button in offered})
    chance = random.Random(number)
    for who in crowd():
        for round_id, item in asked:
            low = number >= USUAL and who.home == ("T0MERIDIAN",)
            value = chance.choice((4, 4, 5)) - 2 * low
            await bot.inbox.take(
                Answered(by=who, at=at + timedelta(minutes=5), round=round_id, item=item, value=value)
            )
    virtual.WORLD.clock_is_off += OPEN
    await tick_once(bot, at + OPEN)


def crowd() -> list[Member]:
    state = two_companies(lambda: 0.0, PEOPLE)
    return [
        Member("slack", entry.id, (entry.team,), "T0NORTHWIND")
        for entry in state.users.values()
        if not entry.is_bot
    ]
