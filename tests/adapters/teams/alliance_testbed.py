"""Run the assembled bot against the strict Teams: two companies, one of them guests in the other's tenant.

A test acts through the doors: it presses, writes and reads what stands in Teams.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as day_time
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from bot.app.clock.clock import Clock
from bot.app.platforms.teams import wiring as teams
from bot.app.runtime.bot import Bot
from bot.app.wiring import assemble_bot
from bot.model.alliance import Alliance, Channel, Member, Organisation, Pulse, Round
from bot.schedule import Slot
from bot.use_cases.ask import make_questions, open_round
from bot.use_cases.deliver import deliver_waiting
from bot.use_cases.enrol import enrol_rounds
from bot.use_cases.visits import Visits
from tests.adapters.teams.test_command_line import settings_for
from tests.contract.serve_routes import serve_routes
from tests.databases import fresh
from tests.far import adaptive
from tests.far.teams import FarTeams, serving
from tests.far.teams_hand import Hand
from tests.far.teams_state import JOINT, MERIDIAN, NORTHWIND, Posted, State, two_tenants

PATIENCE = 10.0
"""Seconds to wait for a reply."""

ANNA, BEN = "29:1-1-0", "29:1-2-0"
"""The lead of each company."""
CARLA, LIAM = "29:1-1-1", "29:1-2-1"
GUESTS = f"guests-of-{NORTHWIND}"
PULSE = Pulse("weekly", frozenset(range(7)), day_time(9))


def make_lead(side: int, tenant: str = NORTHWIND) -> Member:
    """The first person of a side, in the account by which the bot reaches them."""
    return Member("teams", f"{tenant}/0000000{side}-0000-4000-8000-000000000000", (tenant,), tenant)


ALLIANCE = Alliance(
    key="nw-mer",
    name="N × M",
    timezone="UTC",
    sponsor=Organisation("Northwind", frozenset({("teams", NORTHWIND)}), (make_lead(1),)),
    cro=Organisation("Meridian", frozenset({("teams", MERIDIAN)}), (make_lead(2),)),
    channels=(Channel("teams", NORTHWIND, JOINT),),
    pulses=(PULSE,),
)


@dataclass(frozen=True, slots=True)
class AllianceTestbed:
    bot: Bot
    hand: Hand

    @property
    def far(self) -> FarTeams:
        return self.hand.far

    @property
    def state(self) -> State:
        return self.hand.far.state

    async def ask(self, alliance: Alliance = ALLIANCE) -> Round:
        """Ask the pulse now in the alliance's channels."""
        now = self.bot.clock.now()
        asked = open_round(alliance, PULSE, Slot(now.date(), now), 0)
        declared = await self.bot.store.alliances.find_by_key(alliance.key)
        assert declared
        questions, later = make_questions(declared, asked), now + timedelta(days=1)
        due = await self.bot.store.pulses.list_due(now)
        (revision,) = (pulse.revision for pulse in due if pulse.alliance.key == alliance.key)
        assert await self.bot.store.pulses.ask(asked, questions, later, revision)
        await self.deliver()
        return asked

    async def enrol(self) -> None:
        await enrol_rounds(
            self.bot.store, self.bot.platforms, self.bot.secret, self.bot.clock.now(), Visits()
        )

    async def deliver(self, at: datetime | None = None) -> None:
        now = (lambda: at) if at else self.bot.clock.now
        while await deliver_waiting(self.bot.store, self.bot.platforms, now, self.bot.patience):
            pass

    async def answer(self, who: str, label: str = "4 ", chat: str = JOINT) -> str:
        """Press a value under the newest question of a channel; the words of the confirmation."""
        posted = [message for message in self.state.chats[chat].messages if message.card][-1]
        assert (await self.hand.press(who, posted, label)).status == 200
        await self.deliver()
        return adaptive.words(self.hand.shown[who][-1])

    async def write(self, who: str, words: str) -> str:
        """Write to the bot in private; the words of the reply."""
        before = len(await self.list_chat(who))
        await self.hand.write(who, words)
        async with asyncio.timeout(PATIENCE):  # the reply follows the acknowledgement
            while len(found := await self.list_chat(who)) == before:
                await asyncio.sleep(0.01)
        return adaptive.words(found[-1].card or {})

    async def list_chat(self, who: str) -> list[Posted]:
        """The bot's messages in a person's private chat, after what waits was sent."""
        await self.deliver()
        chat = self.state.personal(self.state.people[who])
        return [message for message in chat.messages if message.card]

    async def list_sides(self) -> list[tuple[object, ...]]:
        """Side and home of each answer, as stored."""
        query = text("SELECT side, home_organisation FROM answer ORDER BY side, home_organisation")
        return await self.bot.store.answers.reader.run(
            lambda connection: [tuple(row) for row in connection.execute(query)]
        )


@asynccontextmanager
async def open_testbed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *alliances: Alliance, people: int = 3
) -> AsyncIterator[AllianceTestbed]:
    """These alliances are declared (default: ALLIANCE); nothing was asked yet."""
    monkeypatch.setenv("PULSE_ENV", "test")
    monkeypatch.setattr(teams, "_FRESH", 0.0)
    with fresh("sqlite", folder) as url:
        async with (
            serving(two_tenants(time.time, people=people)) as far,
            aiohttp.ClientSession() as session,
            assemble_bot(settings_for(far, url), Clock()) as bot,
            serve_routes(bot) as address,
        ):
            await bot.store.alliances.declare(alliances or (ALLIANCE,))
            yield AllianceTestbed(bot, Hand(far, session, f"{address}/api/messages"))
