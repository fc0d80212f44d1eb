"""Test the App Home: a person's open questions and answers, and for leads the score, never those of others."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.slack.bot_on_slack import (
    ANNA,
    BEN,
    CLOSING,
    HOUR,
    MERI,
    NORA,
    SLOT,
    BotOnSlack,
    start_on_slack,
)
from tests.far.blockkit import elements, view_problems
from tests.far.slack_payloads import labels


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotOnSlack]:
    async with start_on_slack(tmp_path) as made:
        yield made


async def open_home(bot: BotOnSlack, user: str) -> dict[str, Any]:
    """The person's page after they opened it."""
    assert (await bot.hand.open_home(user)).status == 200
    await bot.done()
    return read_home(bot, user)


def read_home(bot: BotOnSlack, user: str) -> dict[str, Any]:
    view = bot.state.homes[user]
    assert view_problems(view) == []
    return view


def words(view: dict[str, Any]) -> str:
    return str([block.get("text", block.get("fields", block.get("elements"))) for block in view["blocks"]])


def list_chosen(view: dict[str, Any]) -> list[str]:
    return [label for label in labels(view["blocks"]) if label.startswith("✓")]


@pytest.mark.parametrize("user", [NORA, MERI])
async def test_a_member_finds_the_open_pulse_and_answers_there(bot: BotOnSlack, user: str) -> None:
    await bot.tick(SLOT)
    page = await open_home(bot, user)
    assert "Northwind × Meridian: pulse of 24 Nov" in words(page)
    assert list_chosen(page) == []
    await bot.hand.click_in_view(user, page, "4 · Agree")
    await bot.done()
    page = read_home(bot, user)
    assert list_chosen(page) == ["✓ 4 · Agree"]
    assert "You answered 4 · Agree" in words(page) and "change it until" in words(page)
    await bot.hand.click_in_view(user, page, "2 · Disagree")
    await bot.done()
    assert list_chosen(read_home(bot, user)) == ["✓ 2 · Disagree"]
    assert bot.state.views == {}  # no dialog gets in the way
    (round,) = await bot.store.rounds.list_open("northwind-meridian", SLOT)
    turnout = await bot.store.rounds.count_turnout(round.id)
    assert sum(turnout.answered.values()) == 1


async def test_what_was_answered_in_the_channel_is_marked_and_nobody_elses_answers(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    await bot.hand.click(MERI, bot.room[0], "5 · Strongly agree")
    assert list_chosen(await open_home(bot, MERI)) == ["✓ 5 · Strongly agree"]
    assert list_chosen(await open_home(bot, NORA)) == []


async def test_a_lead_finds_the_score_card_and_a_member_does_not(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    for user in bot.state.rooms["C0JOINT"].members[:-2]:
        for block in bot.room[0].blocks:
            agree = [element for element in elements(block) if element["value"].endswith("|4")]
            for element in agree:
                await bot.hand.press(user, bot.room[0], {**element, "block_id": block["block_id"]})
    await bot.tick(CLOSING + HOUR)
    anna, ben, nora = [words(await open_home(bot, user)) for user in (ANNA, BEN, NORA)]
    assert "Your side, Northwind Pharma" in anna
    assert "Your side, Meridian CRO" in ben and "Your side, Northwind" not in ben
    assert "Your side" not in nora and "alignment" not in nora
    assert "Score" in nora and "No pulse is open" in nora


async def test_a_stranger_finds_nothing(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    bot.state.users["U0SAM"] = type(bot.state.users[NORA])("U0SAM", "T0FJORD")
    bot.state.workspaces["T0FJORD"] = type(bot.state.workspaces["T0NORTHWIND"])("T0FJORD", "Fjord")
    bot.state.rooms["C0JOINT"].members.append("U0SAM")
    page = await open_home(bot, "U0SAM")
    assert "You are not part of this alliance yet" in words(page)
    assert "Northwind" not in words(page)


async def test_commands_of_the_page_open_over_it_and_leave_it(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    page = await open_home(bot, NORA)
    await bot.hand.click_in_view(NORA, page, "Vision")
    await bot.done()
    assert "One team." in str(bot.hand.opened(NORA).content)
    await bot.hand.click_in_view(NORA, page, "Add a confidential comment")
    await bot.done()
    view = bot.hand.opened(NORA)
    await bot.hand.submit(NORA, view, {"text": "More time together, please", "share": False})
    assert read_home(bot, NORA) == page


async def test_the_page_after_the_closing_says_that_nothing_is_open(bot: BotOnSlack) -> None:
    await bot.tick(SLOT)
    page = await open_home(bot, MERI)
    await bot.tick(CLOSING)
    await bot.hand.click_in_view(MERI, page, "4 · Agree")
    await bot.done()
    assert "This pulse is closed" in words(read_home(bot, MERI))
    assert "No pulse is open" in words(read_home(bot, MERI))


async def test_opening_the_messages_tab_changes_nothing(bot: BotOnSlack) -> None:
    room = bot.state.im(bot.state.workspaces["T0NORTHWIND"], NORA)
    inner = {"type": "app_home_opened", "user": NORA, "tab": "messages", "channel": room.id}
    answer = await bot.hand.event({**inner, "event_ts": "1515449522000016"}, room, bot.state.users[NORA])
    await bot.done()
    assert answer.status == 200 and bot.state.homes == {}
