"""Test every command without a slash, for the company that did not install the bot and has no slash command."""

from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from bot.model.alliance import Channel, Organisation
from bot.use_cases.command import list_commands
from tests.adapters.slack.bot_on_slack import (
    BEN,
    HOST,
    MERI,
    NORTHWIND,
    OTHER,
    SLOT,
    BotOnSlack,
    start_on_slack,
)
from tests.far.slack_payloads import labels

MEMBER = {
    "score": "Northwind × Meridian: no score yet",
    "pulse": "Northwind × Meridian: pulse of 24 Nov",
    "comment": "Confidential comment",
    "vision": "Northwind × Meridian",
    "privacy": "Who sees what",
    "data": "A copy of everything I keep about you",
    "charter": "The charter of Northwind × Meridian",
    "pause": "Paused until Tuesday 8 December",
    "home": "Alliance Pulse",
    "help": "What I can do",
}
LEAD = MEMBER | {
    "digest": "Northwind × Meridian: no score yet",
    "alerts": "Northwind × Meridian",
    "actions": "Northwind × Meridian: actions",
    "milestones": "Northwind × Meridian: milestones",
}
ASKED = [*((MERI, *row) for row in MEMBER.items()), *((BEN, *row) for row in LEAD.items())]
"""Who gives which command, and how the answer begins."""


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotOnSlack]:
    async with start_on_slack(tmp_path, people=2) as made:
        await made.tick(SLOT)
        yield made


def test_the_table_names_every_command_that_help_names() -> None:
    assert list(MEMBER) == [verb for verb, _ in list_commands(for_lead=False)]
    assert list(LEAD) == [verb for verb, _ in list_commands(for_lead=True)]


async def by_mention(bot: BotOnSlack, user: str, command: str) -> str:
    await bot.hand.say(user, command, mention=bot.bot_user)
    await bot.done()
    return unescape(bot.shown(user)[-1].text)


async def by_direct_message(bot: BotOnSlack, user: str, command: str) -> str:
    await bot.hand.dm(user, command)
    await bot.done()
    return unescape(bot.direct(user)[-1].text)


async def by_button(bot: BotOnSlack, user: str, command: str) -> str:
    """Under the help that a mention brings; a form opens as a dialog."""
    bot.state.views.clear()
    await bot.hand.say(user, "", mention=bot.bot_user)
    await bot.done()
    if command != "help":
        await bot.hand.click(user, bot.shown(user)[-1], command.capitalize())
        await bot.done()
    views = [view for view in bot.state.views.values() if view.user == user]
    return str(views[-1].content["title"]["text"]) if views else unescape(bot.shown(user)[-1].text)


@pytest.mark.parametrize("way", [by_mention, by_direct_message, by_button])
async def test_every_command_works_by_every_way(bot: BotOnSlack, way: object) -> None:
    for user, command, answer in ASKED:
        assert (await way(bot, user, command)).startswith(answer), (user, command)  # type: ignore[operator]
    assert len(bot.room) == 1  # nothing but the question is for all to see


@pytest.mark.parametrize("way", [by_mention, by_direct_message])
async def test_what_is_for_leads_says_so_to_members(bot: BotOnSlack, way: object) -> None:
    for command in ("digest", "alerts", "ack 1", "ours slack:T1", "propose share gap", "agree 1"):
        assert (await way(bot, MERI, command)).startswith("For the alliance leads")  # type: ignore[operator]


SECOND = replace(
    NORTHWIND,
    key="harbour-meridian",
    name="Harbour × Meridian",
    sponsor=Organisation("Harbour", frozenset({("slack", "T0HARBOUR")})),
    channels=(Channel("slack", HOST, "C0SECOND"),),
    vision="Another one.",
)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[BotOnSlack]:
    """Meridian works for Northwind and for Harbour."""
    async with start_on_slack(tmp_path, NORTHWIND, SECOND, people=2) as made:
        room = made.state.rooms["C0JOINT"]
        made.state.rooms["C0SECOND"] = replace(room, id="C0SECOND", messages=[], ephemerals=[])
        await made.tick(SLOT)
        yield made


@pytest.mark.parametrize(
    "command",
    [*(command for command in MEMBER if command not in ("help", "home", "data")), "digest", "ack 1"],
)
async def test_who_is_in_several_alliances_is_asked_which(two: BotOnSlack, command: str) -> None:
    assert (await by_direct_message(two, BEN, command)).startswith("Which alliance?")
    asked = two.direct(BEN)[-1]
    assert set(labels(asked.blocks)) == {NORTHWIND.name, SECOND.name}
    await two.hand.click(BEN, asked, SECOND.name)
    await two.done()
    shown = [str(view.content) for view in two.state.views.values()] + [
        message.text for message in two.shown(BEN)
    ]
    assert shown and "Which alliance?" not in shown[-1] and "Northwind" not in shown[-1]


async def test_in_a_channel_its_alliance_is_meant(two: BotOnSlack) -> None:
    assert (await by_mention(two, MERI, "vision")).endswith("One team.")


async def test_a_comment_goes_to_the_round_it_was_asked_under(two: BotOnSlack) -> None:
    """From a direct message, where the channel does not tell which alliance is meant."""
    for alliance, other in ((NORTHWIND, SECOND), (SECOND, NORTHWIND)):
        await by_direct_message(two, MERI, f"pulse {alliance.key}")
        await two.hand.click(MERI, two.direct(MERI)[-1], "Add a confidential comment")
        await two.done()
        await two.hand.submit(MERI, two.hand.opened(MERI), {"text": f"about {alliance.name}", "share": False})
        kept = [await _comments(two, chosen.key) for chosen in (alliance, other)]
        assert [len(comments) for comments in kept] == [1, alliance is SECOND]


async def _comments(bot: BotOnSlack, alliance: str) -> list[object]:
    (round,) = await bot.store.rounds.list_open(alliance, SLOT)
    query = "SELECT 1 FROM comment WHERE round = :round"
    with bot.store._engine.connect() as connection:
        return list(connection.exec_driver_sql(query, {"round": round.id}))


async def test_the_page_shows_every_alliance(two: BotOnSlack) -> None:
    await two.hand.open_home(MERI)
    await two.done()
    page = str(two.state.homes[MERI])
    assert "Northwind × Meridian: pulse of" in page and "Harbour × Meridian: pulse of" in page
    assert OTHER not in page
