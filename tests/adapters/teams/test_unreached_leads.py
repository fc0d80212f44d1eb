"""A lead who cannot be written to: the side's other lead, the channel, the log, readiness and the doctor say so."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.doctor.leads import check_chats
from bot.app.runtime.health import Health
from bot.model.alliance import Member, Side
from bot.model.cards import Card, Text
from bot.use_cases.notify_leads import write_to_sides
from tests.adapters.teams.alliance_testbed import (
    ALLIANCE,
    ANNA,
    BEN,
    LIAM,
    AllianceTestbed,
    make_lead,
    open_testbed,
)
from tests.far import adaptive
from tests.far.teams_state import JOINT, NORTHWIND

LIAM_LEADS = Member("teams", f"{NORTHWIND}/00000002-0000-4000-8000-000000000001", (NORTHWIND,), NORTHWIND)
TWO_LEADS = replace(ALLIANCE, cro=replace(ALLIANCE.cro, leads=(make_lead(2), LIAM_LEADS)))
CARLA = "29:1-1-1"


async def send_news(testbed: AllianceTestbed) -> None:
    """An alert for both sides' leads."""
    cards = dict.fromkeys(Side, Card("Alert", (Text("Answers at both companies dropped."),)))
    await testbed.bot.store.outbox.enqueue(
        write_to_sides(TWO_LEADS, "alert:nw-mer:3", cards, testbed.bot.secret)
    )
    await testbed.deliver()


async def test_news_that_do_not_reach_a_lead_are_told_and_wait_as_a_button_in_the_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_testbed(tmp_path, monkeypatch, TWO_LEADS, people=2) as testbed:
        testbed.state.people[BEN].has_app = False
        assert await Health(testbed.bot, None).why() == {}
        await send_news(testbed)
        heard = [adaptive.words(posted.card or {}) for posted in await testbed.list_chat(LIAM)]
        assert "Answers at both companies dropped" in heard[0] and "another lead at Meridian" in heard[1]
        assert len(await testbed.list_chat(ANNA)) == 1  # the other company hears nothing of it
        (button,) = [message for message in testbed.state.chats[JOINT].messages if message.card]
        assert "something waits for a lead at Meridian" in adaptive.words(button.card or {})
        assert "dropped" not in adaptive.words(button.card or {})
        for who, shown in ((BEN, "no score yet"), (CARLA, "For the alliance leads")):
            await testbed.hand.press(who, button, "Show it to me")
            assert shown in adaptive.words(testbed.hand.shown[who][-1])
        assert "could not be written to: BotNotInConversationRoster" in caplog.text
        assert "1 alerts or digests did not reach a lead" in (await Health(testbed.bot, None).why())["leads"]
        found = {finding.check: finding.ok for finding in await check_chats(testbed.bot, TWO_LEADS)}
        assert [found[f"nw-mer: lead {number} of Meridian can be written to"] for number in (1, 2)] == [
            False,
            True,
        ]
