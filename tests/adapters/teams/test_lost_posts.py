"""A post whose outcome Teams does not tell: looked up where that was granted; else leads hear what stays unknown."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.cli.operate import _resolve_noted
from bot.model.delivery import DeliveryState
from bot.use_cases.close import close
from bot.use_cases.deliver import deliver_waiting, look_up_unknown
from tests.adapters.teams.alliance_testbed import ANNA, BEN, AllianceTestbed, open_testbed
from tests.far import adaptive
from tests.far.teams_state import JOINT

HOUR = timedelta(hours=1)


async def look_up(testbed: AllianceTestbed) -> None:
    """An hour later: look for what is unknown, and deliver what waits."""
    bot, at = testbed.bot, testbed.bot.clock.now() + HOUR
    await look_up_unknown(bot.store, bot.platforms, lambda: at, bot.patience)
    while await deliver_waiting(bot.store, bot.platforms, lambda: at, bot.patience):
        pass


async def list_states(testbed: AllianceTestbed, kind: str) -> list[DeliveryState]:
    statuses = await testbed.bot.store.outbox.list_statuses(None, 99)
    return [status.state for status in statuses if status.key.startswith(kind)]


@pytest.mark.parametrize("fault", ["reset_after", "reset_before", "503", "502", "504"])
async def test_with_the_owners_consent_a_lost_question_is_looked_up_and_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    async with open_testbed(tmp_path, monkeypatch, people=1) as testbed:
        await testbed.hand.install()
        await testbed.deliver()
        for number in range(4):  # more than a page of Graph, since
            await testbed.hand.say(ANNA, f"message {number}")
        testbed.far.fail("create", fault)
        await testbed.ask()
        waits = "pending" if fault in ("502", "504") else "unknown"
        assert await list_states(testbed, "question") == [waits]
        await look_up(testbed)
        assert await list_states(testbed, "question") == ["sent"]
        posted = [message for message in testbed.state.chats[JOINT].messages if message.card]
        assert len(posted) == 2  # the welcome, and one question
        assert (await testbed.answer(ANNA)).startswith("You answered 4")


async def test_without_it_the_leads_hear_what_stays_unknown_and_the_closing_is_shown_once_somebody_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_testbed(tmp_path, monkeypatch, people=1) as testbed:
        bot = testbed.bot
        testbed.state.granted.clear()
        testbed.far.fail("create", "reset_after")
        asked = await testbed.ask()
        for _ in range(2):
            await look_up(testbed)
        for lead in (ANNA, BEN):
            (told,) = await testbed.list_chat(lead)
            assert "a question may be missing in a joint channel" in adaptive.words(told.card or {})
        await close(bot.store, bot.secret, asked.closes_at)
        assert await list_states(testbed, "closed") == ["pending"]
        (unknown,) = await bot.store.outbox.list_statuses(DeliveryState.UNKNOWN, 9)
        assert await _resolve_noted(bot, unknown.id, unknown.key, True)
        await testbed.deliver(asked.closes_at)
        assert await list_states(testbed, "closed") == ["sent"]
        newest = testbed.state.chats[JOINT].messages[-1]
        assert "closed" in adaptive.words(newest.card or {}).lower()
