"""Raise and end alerts without the weeks of answers that it takes: a round is closed with what a closing would find."""

from dataclasses import replace
from datetime import timedelta

from bot.alarms.state import State, pack_memory
from bot.model.alert import Alert, name_alert
from bot.model.alliance import Alliance, Round
from bot.model.closing import Alarm, Closing, Memory, Recovery
from bot.schedule import find_working_moment
from bot.use_cases.loop.tap import UNOWNED
from tests.use_cases.sandbox_bot import NORTHWIND, SLOT, WEEK, SandboxBot

NOTHING = Closing((), frozenset(), (), (), Memory())
BOTH, OWN = "level", "cro"
"""An alert of both sides' leads, and one of the CRO's alone."""


async def raise_alerts(bot: SandboxBot, *kinds: str, week: int = 0, alliance: Alliance = NORTHWIND) -> Round:
    """Ask the round of that week, and close it with alerts of these kinds; it is the moment of its closing then."""
    asked = await ask_round(bot, week)
    alarms = tuple(Alarm(kind, "alert", asked.index, max(0, asked.index - 2), -0.6) for kind in kinds)
    memory = pack_memory(State(episodes={kind: kind for kind in kinds}))
    opened = [
        Alert(
            name_alert(alliance.key, asked.index, kind),
            alliance.key,
            kind,
            asked.index,
            asked.slot,
            look_at=find_working_moment(alliance, asked.closes_at, UNOWNED),
        )
        for kind in kinds
    ]
    assert await bot.store.closings.close_round(
        asked.id, replace(NOTHING, alarms=alarms, memory=memory), [], opened
    )
    return asked


async def end_alerts(bot: SandboxBot, *kinds: str, week: int = 1) -> None:
    """Close the round of that week with these alerts over."""
    asked = await ask_round(bot, week)
    over = tuple(Recovery(kind, asked.slot) for kind in kinds)
    assert await bot.store.closings.close_round(asked.id, replace(NOTHING, recoveries=over), [])


async def ask_round(bot: SandboxBot, week: int) -> Round:
    await bot.tick(SLOT + week * WEEK)
    (asked,) = await bot.store.rounds.list_open(NORTHWIND.key, bot.at)
    assert await bot.store.closings.freeze_round(asked.id)
    bot.at = asked.closes_at + timedelta(minutes=1)
    return asked
