"""Test a question in Slack: one message, buttons for every item, a private confirmation, and the closing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from tests.adapters.slack.bot_on_slack import CLOSING, MERI, NORA, SLOT, BotOnSlack, start_on_slack
from tests.far.blockkit import elements
from tests.far.slack_payloads import labels

FIVE = ["1 · Strongly disagree", "2 · Disagree", "3 · Neither", "4 · Agree", "5 · Strongly agree"]
ON_A_PHONE = 25
"""Characters of a label that a phone shows without cutting."""


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotOnSlack]:
    async with start_on_slack(tmp_path, people=7) as made:
        await made.tick(SLOT)
        yield made


async def test_one_message_asks_up_to_three_items_with_six_buttons_each(bot: BotOnSlack) -> None:
    (question,) = bot.room
    rows = [
        [button["text"]["text"] for button in elements(block)] for block in question.blocks if elements(block)
    ]
    *scales, rest = rows
    assert 1 <= len(scales) <= 3
    assert all(row == [*FIVE, "Can't judge"] for row in scales)
    assert rest == ["Add a confidential comment"]
    assert max(len(label) for row in scales for label in row) <= ON_A_PHONE


async def test_who_hears_the_message_hears_whole_sentences(bot: BotOnSlack) -> None:
    text = unescape(bot.room[0].text)
    assert "How well are we working together this week? One tap per question." in text
    assert "Open until Friday 27 November, 09:00" in text
    for block in bot.room[0].blocks:
        if block["type"] == "section":
            assert block["text"]["text"] in text
    for row in (elements(block) for block in bot.room[0].blocks):
        for element in row[:-1]:  # a label, then the question
            assert element["accessibility_label"].startswith(element["text"]["text"])


@pytest.mark.parametrize("user", [NORA, MERI])
async def test_the_confirmation_shows_the_choice_lets_it_change_and_opens_the_comment(
    bot: BotOnSlack, user: str
) -> None:
    await bot.hand.click(user, bot.room[0], "4 · Agree")
    await bot.done()
    (confirmed,) = bot.shown(user)
    assert confirmed.text.startswith("You answered 4 · Agree")
    assert "You can change it until Friday 27 November, 09:00 (Europe/Berlin)" in confirmed.text
    assert [label for label in labels(confirmed.blocks) if "✓" in label] == ["✓ 4 · Agree"]
    await bot.hand.click(user, confirmed, "1 · Strongly disagree")
    await bot.done()
    (confirmed,) = bot.shown(user)
    assert confirmed.text.startswith("You answered 1")
    await bot.hand.click(user, confirmed, "Add a confidential comment")
    await bot.done()
    view = bot.hand.opened(user)
    answer = await bot.hand.submit(user, view, {"text": "More <time> & *together*", "share": True})
    assert "Thank you" in answer.text
    assert len(bot.room) == 1 and "You answered" not in bot.room[0].text


async def test_cant_judge_is_an_answer(bot: BotOnSlack) -> None:
    await bot.hand.click(MERI, bot.room[0], "Can't judge")
    await bot.done()
    assert bot.shown(MERI)[0].text.startswith("You answered Can't judge")


@pytest.mark.parametrize(
    ("people", "told"), [(0, "Nobody answered."), (3, "Fewer than 5"), (6, "5 to 9"), (12, "10 to 19")]
)
async def test_the_closed_message_tells_roughly_how_many_and_thanks_and_no_score(
    bot: BotOnSlack, people: int, told: str
) -> None:
    for user in bot.state.rooms["C0JOINT"].members[:people]:
        await bot.hand.click(user, bot.room[0], "5 · Strongly agree")
    await bot.tick(CLOSING)
    (closed,) = bot.room
    assert f"Closed. {told}" in closed.text and "Thank you." in closed.text
    assert labels(closed.blocks) == ["Show the score"]
    assert not any(word in closed.text for word in ("100", "lignment", "score:"))


async def test_a_tap_after_the_closing_is_answered_with_a_way_on(bot: BotOnSlack) -> None:
    before = bot.room[0].blocks
    await bot.tick(CLOSING)
    await bot.hand.click(MERI, replace(bot.room[0], blocks=before), "4 · Agree")
    await bot.done()
    assert bot.shown(MERI)[0].text.startswith("This pulse is closed")
