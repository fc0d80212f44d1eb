"""Test two copies of the bot in one channel: one speaks, and another one goes on when that is gone."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack.installations import SlackInstallations
from bot.app.platforms.slack.copies import BotCopies, Uninstallation
from bot.entrypoints.inbox import PulseInbox
from tests.adapters.slack.bot_on_slack import (
    ANNA,
    BEN,
    CLOSING,
    HOST,
    HOUR,
    MERI,
    NORTHWIND,
    OTHER,
    SLOT,
    BotOnSlack,
    start_on_slack,
)
from tests.far import slack_rooms as rooms
from tests.far.slack_state import Posted, uninstall

GONE, HANDED_OVER = "no longer in a joint channel", "removed its copy of me"


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotOnSlack]:
    async with start_on_slack(tmp_path, installed=(HOST, OTHER)) as made:
        yield made


async def remove_app(bot: BotOnSlack, team: str) -> None:
    """The company removes the app: the other copy sees it leave, and Slack says so twice to the app."""
    ours, room = bot.state.workspaces[team], bot.state.rooms["C0JOINT"]
    rest = [copy for copy in bot.state.bots(room) if copy.id != team]
    uninstall(bot.state, team)
    bot.clock.at += timedelta(seconds=1)
    if rest:
        inner = {"type": "member_left_channel", "user": ours.bot_user, "channel": room.id, "team": team}
        inner |= {"channel_type": "C", "event_ts": bot.state.ts()}
        await bot.hand.event(inner, room, bot.state.users[ours.bot_user], rest[-1])
    assert isinstance(bot.slack.door.inbox, PulseInbox)
    installations, api = SlackInstallations(bot.store.installations), bot.slack.platform.api
    told = Uninstallation(bot.store, bot.slack.door.inbox, installations, BotCopies(bot.store, api))
    for _ in range(2):
        bot.clock.at += timedelta(seconds=1)
        await told.end_installation(team, bot.clock.at)
    await bot.deliver()


def list_told(bot: BotOnSlack, words: str) -> list[str]:
    """People who were told that, once for each time, by whichever copy."""
    return [
        user
        for user in (ANNA, BEN)
        for team in (HOST, OTHER)
        for message in bot.state.im(bot.state.workspaces[team], user).messages
        if words in message.text
    ]


def list_questions(bot: BotOnSlack) -> list[Posted]:
    return [message for message in bot.room if "pulse of" in message.text]


async def test_a_copy_that_does_not_speak_goes_without_a_word(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    await remove_app(bot, OTHER)
    assert list_told(bot, "joint channel") == []
    await bot.tick(SLOT + timedelta(days=7))
    assert [question.team for question in list_questions(bot)] == [HOST, HOST]


async def test_the_other_copy_goes_on_and_the_leads_hear_of_it_once(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    await remove_app(bot, HOST)
    assert list_told(bot, GONE) == [] and sorted(list_told(bot, HANDED_OVER)) == [ANNA, BEN]
    await bot.tick(CLOSING + HOUR)
    await bot.tick(SLOT + timedelta(days=7))
    assert [question.team for question in list_questions(bot)] == [HOST, OTHER]
    before = len(await bot.store.outbox.list_statuses(None, 1000))
    await bot.hand.click(MERI, list_questions(bot)[1], "4 · Agree")
    await bot.done()
    (asked,) = await bot.store.rounds.list_open(NORTHWIND.key, bot.clock.at)
    assert len(await bot.store.answers.list_respondents(asked.id)) == 1
    assert len(await bot.store.outbox.list_statuses(None, 1000)) == before


async def test_when_the_last_copy_goes_the_leads_would_hear_of_it(bot: BotOnSlack) -> None:
    """Nobody can tell them any more, so it waits for a copy that comes back."""
    await bot.tick(SLOT)
    await remove_app(bot, HOST)
    await remove_app(bot, OTHER)
    assert list_told(bot, GONE) == []
    slots = [status.key for status in await bot.store.outbox.list_statuses(None, 1000)]
    assert sum(slot.startswith("left:") for slot in slots) == 2, slots


async def test_a_copy_that_is_taken_out_of_the_channel_is_followed_by_the_other(bot: BotOnSlack) -> None:
    await rooms.removed(bot.hand, bot.state.workspaces[HOST])
    await bot.tick(SLOT)
    assert sorted(list_told(bot, HANDED_OVER)) == [ANNA, BEN] and list_told(bot, GONE) == []
    assert [question.team for question in list_questions(bot)] == [OTHER]


async def test_while_slack_does_not_say_who_is_there_the_copy_that_speaks_is_the_last(
    bot: BotOnSlack,
) -> None:
    bot.slack.far.fail("conversations.info", "503")
    await rooms.removed(bot.hand, bot.state.workspaces[HOST])
    await bot.deliver()
    assert sorted(list_told(bot, GONE)) == [ANNA, BEN]


async def test_no_other_copy_is_tried_where_the_channel_itself_refuses(bot: BotOnSlack) -> None:
    bot.state.rooms["C0JOINT"].is_archived = True
    await bot.tick(SLOT)
    posts = [
        team
        for team, method, given in bot.slack.far.calls
        if given.get("channel") == "C0JOINT" and "post" in method
    ]
    assert posts == [HOST]


async def test_a_deleted_channel_is_not_archived(bot: BotOnSlack) -> None:
    await rooms.deleted(bot.hand)
    await bot.deliver()
    assert sorted(list_told(bot, "a joint channel was deleted")) == [ANNA, BEN]
    assert list_told(bot, "archived") == []


async def test_a_message_that_reaches_both_copies_is_read_once(bot: BotOnSlack, tmp_path: Path) -> None:
    room, who = bot.state.rooms["C0JOINT"], bot.state.users[MERI]
    inner = {"type": "message", "user": MERI, "team": OTHER, "text": "Thanks, that was a great turnaround."}
    inner |= {"ts": bot.state.ts(), "channel_type": "channel"}
    for team in (HOST, OTHER):
        answer = await bot.hand.event(inner, room, who, bot.state.workspaces[team])
        assert answer.status == 200
    (file,) = tmp_path.glob("*.sqlite")
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM reading").fetchone() == (1,)
