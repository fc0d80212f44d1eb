"""Test private answers while Slack takes nothing: they come late, are never lost, and count as answered only then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.adapters.slack.bot_on_slack import HOST, MERI, NORA, OTHER, SLOT, BotOnSlack, start_on_slack
from tests.adapters.slack.test_home import open_home, words
from tests.far.slack_payloads import button
from tests.far.slack_state import User, Workspace

RETRY_AFTER = 30


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotOnSlack]:
    async with start_on_slack(tmp_path) as made:
        await made.tick(SLOT)
        yield made


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("user", [NORA, MERI])
async def test_a_direct_message_that_meets_a_limit_is_answered_within_a_minute_once(
    bot: BotOnSlack, user: str
) -> None:
    before = len(bot.direct(user))
    bot.slack.far.fail("chat.postMessage", "429", RETRY_AFTER)
    await bot.hand.dm(user, "help")
    await bot.done()
    assert len(bot.direct(user)) == before
    await bot.hand.dm(user, "vision")  # while the method rests
    await bot.done()
    await bot.deliver()
    assert len(bot.direct(user)) == before
    bot.clock.at += timedelta(seconds=RETRY_AFTER + 1)
    await bot.deliver()
    told = [message.text for message in bot.direct(user)[before:]]
    assert len(told) == 2 and any("One team." in text for text in told)
    bot.clock.at += timedelta(minutes=1)
    await bot.deliver()
    assert len(bot.direct(user)) == before + 2


async def test_a_command_that_was_kept_is_not_carried_out_again(bot: BotOnSlack) -> None:
    bot.slack.far.fail("chat.postMessage", "429", RETRY_AFTER)
    room = bot.state.im(bot.state.workspaces[HOST], NORA)
    inner = {"type": "message", "user": NORA, "team": HOST, "text": "vision", "ts": bot.state.ts()}
    sent = bot.hand.envelope(
        inner | {"channel_type": "im"}, room, bot.state.users[NORA], bot.state.workspaces[HOST]
    )
    for seconds in (0, 61, 300):
        bot.clock.at += timedelta(seconds=seconds)
        assert (await bot.hand.deliver(sent)).status == 200
        await bot.done()
    await bot.deliver()
    assert sum("One team." in message.text for message in bot.direct(NORA)) == 1


async def test_a_stranger_is_answered_late_as_well(bot: BotOnSlack) -> None:
    """They are of no alliance, so nothing is kept of them: the process itself tries again."""
    bot.state.users["U0SAM"] = User("U0SAM", "T0FJORD")
    bot.state.workspaces["T0FJORD"] = Workspace("T0FJORD", "Fjord")
    bot.state.rooms["C0JOINT"].members.append("U0SAM")
    for _ in range(2):
        bot.slack.far.fail("chat.postMessage", "429", 0)
    await bot.hand.dm("U0SAM", "score")
    await until(lambda: bot.direct("U0SAM"))
    assert "You are not part of this alliance yet" in bot.direct("U0SAM")[0].text


async def test_an_app_home_that_could_not_be_published_is_published_late(bot: BotOnSlack) -> None:
    bot.slack.far.fail("views.publish", "429", 0)
    assert (await bot.hand.open_home(NORA)).status == 200
    await until(lambda: NORA in bot.state.homes)
    assert "pulse of 24 Nov" in words(bot.state.homes[NORA])


async def test_an_answer_in_the_app_home_is_marked_late(bot: BotOnSlack) -> None:
    page = await open_home(bot, NORA)
    bot.slack.far.fail("views.publish", "429", 0)
    await bot.hand.click_in_view(NORA, page, "4 · Agree")
    await until(lambda: "You answered 4 · Agree" in words(bot.state.homes[NORA]))


async def test_what_waits_for_its_time_holds_up_no_other_answer(bot: BotOnSlack) -> None:
    for _ in range(20):
        bot.slack.far.fail("views.publish", "429", 0)
    for number in range(1, 9):
        await bot.hand.open_home(f"U0NORT00{number}")
    await bot.hand.dm(MERI, "vision")
    await until(lambda: any("One team." in message.text for message in bot.direct(MERI)), 0.9)


async def test_where_the_address_is_used_up_and_direct_messages_are_forbidden_the_channel_is_tried(
    bot: BotOnSlack,
) -> None:
    bot.state.forbids_outsiders.add(OTHER)
    (question,) = [message for message in bot.room if "pulse of" in message.text]
    payload = bot.hand.click_payload(MERI, question, button(question.blocks, "4 · Agree"))
    for known in bot.state.response_urls.values():
        known.uses = 5
    await bot.hand.interact(payload)
    await bot.done()
    assert [message.text.splitlines()[0] for message in bot.shown(MERI)] == ["You answered 4 · Agree"]
    assert bot.direct(MERI) == []
