"""Tenants that no alliance names: refused, and told to whoever can say whose they are."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from bot.app.clock.clock import Clock
from bot.app.platforms.teams import wiring as teams
from bot.app.platforms.teams.doctor import diagnose_platform as teams_findings
from bot.app.runtime.bot import Bot
from bot.app.wiring import assemble_bot
from bot.model.alliance import Alliance, Channel, Member, Organisation
from bot.use_cases.deliver import deliver_waiting
from tests.adapters.teams.test_command_line import settings_for
from tests.contract.serve_routes import serve_routes
from tests.databases import fresh
from tests.far import adaptive
from tests.far.teams import serving
from tests.far.teams_hand import Hand
from tests.far.teams_state import GENERAL, JOINT, MERIDIAN, NORTHWIND, Posted, two_tenants

ANNA, BEN = "29:1-1-0", "29:1-2-0"
STRANGE = "8f0c0000-0000-4000-8000-000000000009"
ALLIANCE = Alliance(
    key="nw",
    name="N × M",
    timezone="UTC",
    sponsor=Organisation(
        "N",
        frozenset({("teams", NORTHWIND)}),
        (Member("teams", f"{NORTHWIND}/00000001-0000-4000-8000-000000000000", (NORTHWIND,), NORTHWIND),),
    ),
    cro=Organisation("M", frozenset({("teams", MERIDIAN)})),
    channels=(Channel("teams", NORTHWIND, JOINT),),
)


@dataclass(frozen=True, slots=True)
class StrangerTestbed:
    bot: Bot
    hand: Hand

    async def says(self, tenant: str, chat: str = JOINT, kind: str = "channel") -> int:
        """Somebody says something in a conversation that a tenant holds; the status."""
        place = replace(self.hand.state.chats[JOINT], id=chat, tenant=tenant, kind=kind)
        sent = self.hand.activity("message", self.hand.state.people[BEN], place, chat)
        return (await self.hand.deliver(sent | {"text": "hello"})).status

    async def told(self) -> list[Posted]:
        """What Anna, the lead, has in her personal chat."""
        while await deliver_waiting(
            self.bot.store, self.bot.platforms, self.bot.clock.now, self.bot.patience
        ):
            pass
        chat = self.hand.state.personal(self.hand.state.people[ANNA])
        return [message for message in chat.messages if message.card]

    async def doctor(self) -> str:
        return str(await teams_findings(self.bot))


@pytest.fixture
async def testbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StrangerTestbed]:
    monkeypatch.setenv("PULSE_ENV", "test")
    monkeypatch.setattr(teams, "_FRESH", 0.0)
    with fresh("sqlite", tmp_path) as url:
        async with (
            serving(two_tenants(time.time, people=2)) as far,
            aiohttp.ClientSession() as session,
            assemble_bot(settings_for(far, url), Clock()) as bot,
            serve_routes(bot) as address,
        ):
            await bot.store.alliances.declare([ALLIANCE])
            yield StrangerTestbed(bot, Hand(far, session, f"{address}/api/messages"))


async def test_in_an_alliances_channel_its_lead_is_asked_once_and_says_whose_it_is_with_one_tap(
    testbed: StrangerTestbed,
) -> None:
    for _ in range(2):
        assert await testbed.says(STRANGE) == 403
    (asked,) = await testbed.told()
    assert (
        asked.card and STRANGE in adaptive.words(asked.card) and "We rejected" in adaptive.words(asked.card)
    )
    assert (await testbed.hand.press(ANNA, asked, "That's our company")).status == 200
    assert await testbed.says(STRANGE) == 200
    assert [posted.summary for posted in (await testbed.told())[1:]] == ["N × M: a company now counts as N"]


@pytest.mark.parametrize(("chat", "kind"), [(GENERAL, "channel"), ("a:strange", "personal")])
async def test_from_anywhere_else_only_the_operator_hears_of_it(
    testbed: StrangerTestbed, chat: str, kind: str
) -> None:
    assert await testbed.says(STRANGE, chat, kind) == 403
    assert await testbed.told() == []
    assert STRANGE in await testbed.doctor()
