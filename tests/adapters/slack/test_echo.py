"""Test that a message of unknown outcome is recognised when Slack sends it back as an event."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.delivery import DeliveryState
from bot.use_cases.deliver import DeliveryPolicy, look_up_unknown
from tests.adapters.slack.bot_on_slack import MERI, SLOT, BotOnSlack, start_on_slack

SECOND = timedelta(seconds=1)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotOnSlack]:
    async with start_on_slack(tmp_path, people=2) as made:
        yield made


async def question(bot: BotOnSlack) -> DeliveryState:
    (found,) = [
        status
        for status in await bot.store.outbox.list_statuses(None, 100)
        if status.key.startswith("question")
    ]
    return found.state


async def ask_without_reply(bot: BotOnSlack, fault: str = "reset_after") -> None:
    bot.slack.far.fail("chat.postMessage", fault)
    await bot.tick(SLOT)
    assert await question(bot) is DeliveryState.UNKNOWN


@pytest.mark.parametrize("whole", [True, False])
async def test_our_own_message_settles_its_delivery_at_once(bot: BotOnSlack, whole: bool) -> None:
    await ask_without_reply(bot)
    (posted,) = bot.room
    assert (await bot.hand.echo(posted, whole)).status == 200
    assert await question(bot) is DeliveryState.SENT
    for _ in range(3):
        await bot.tick(bot.clock.at + 100 * SECOND)
    assert len(bot.room) == 1
    assert bot.slack.far.called("conversations.history") == []
    await bot.hand.click(MERI, posted, "4 · Agree")  # and the closing finds the message
    await bot.tick(SLOT + timedelta(hours=72))
    assert "Closed" in bot.room[0].text


async def test_an_echo_that_comes_before_the_answer_changes_nothing(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    await bot.hand.echo(bot.room[0])
    await bot.hand.echo(bot.room[0])
    assert await question(bot) is DeliveryState.SENT
    await bot.tick(SLOT + 200 * SECOND)
    assert len(bot.room) == 1


async def test_an_echo_after_the_look_up_keeps_it_from_being_posted_twice(bot: BotOnSlack) -> None:
    """Slack accepted it so late that history did not show it."""
    await ask_without_reply(bot)
    room = bot.state.rooms["C0JOINT"]
    late = room.messages.pop()
    bot.clock.at += 100 * SECOND
    await look_up_unknown(bot.store, bot.platforms, bot.clock.now, DeliveryPolicy())
    assert await question(bot) is DeliveryState.PENDING
    room.messages.append(late)
    await bot.hand.echo(late)
    await bot.tick()
    assert await question(bot) is DeliveryState.SENT
    assert len(bot.room) == 1


@pytest.mark.parametrize("app", ["A0OTHER", None])
async def test_nobody_else_can_say_that_something_was_posted(bot: BotOnSlack, app: str | None) -> None:
    await ask_without_reply(bot, "reset_before")
    (status,) = await bot.store.outbox.list_statuses(None, 10)
    room, someone = bot.state.rooms["C0JOINT"], bot.state.users["U0OTHERBOT" if app else MERI]
    forged = {
        "type": "message",
        "user": someone.id,
        "team": someone.team,
        "text": "Closed",
        "ts": bot.state.ts(),
        "metadata": {"event_type": "pulse_delivery", "event_payload": {"delivery": status.id}},
        **({"bot_id": "B0OTHER", "app_id": app} if app else {}),
    }
    assert (await bot.hand.event(forged, room, someone)).status == 200
    assert await question(bot) is DeliveryState.UNKNOWN


async def test_our_own_words_are_never_read_for_mood(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    await bot.hand.echo(bot.room[0])
    assert (await bot.store.closings.list_mood("northwind-meridian")) == ()
