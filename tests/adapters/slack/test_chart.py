"""Test that trends become charts where Slack can draw them and bars of text elsewhere, and are posted once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.chart import build_line_chart
from adapters.slack.render import render_message
from bot.model.cards import Card, Series, Trend
from tests.adapters.slack.bot_on_slack import (
    ANNA,
    CLOSING,
    HOUR,
    MERI,
    NORA,
    SLOT,
    BotOnSlack,
    start_on_slack,
)
from tests.far.blockkit import elements, problems
from tests.far.slack_state import Posted

WEEK = 168 * HOUR
DIGEST = SLOT + 144 * HOUR

labels = st.lists(
    st.one_of(st.text(max_size=30), st.sampled_from(["24 Nov", "שבוע", "🙂" * 12, ""])), max_size=30
)
values = st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=30)
lines = st.lists(st.builds(Series, st.text(max_size=30), values.map(tuple)), max_size=8)


@given(st.builds(Trend, st.text(max_size=80), labels.map(tuple), lines.map(tuple)))
@settings(max_examples=100)
def test_whatever_is_drawn_slack_takes(trend: Trend) -> None:
    drawn = build_line_chart(trend)
    assert drawn is None or problems([drawn]) == []
    assert problems(render_message(Card("", (trend, trend, trend)), charts=True)["blocks"]) == []


def draw_points(trend: Trend) -> list[list[float]]:
    drawn = build_line_chart(trend)
    assert drawn
    return [[point["value"] for point in line["data"]] for line in drawn["chart"]["series"]]


def test_the_newest_twenty_points_are_drawn() -> None:
    points = tuple(float(number) for number in range(26))
    trend = Trend(
        "Alignment over time", tuple(f"{number} Nov" for number in range(26)), (Series("A", points),)
    )
    assert draw_points(trend) == [[float(number) for number in range(6, 26)]]


def test_what_is_withheld_is_left_out_for_every_line_and_said() -> None:
    trend = Trend("T", ("1", "2", "3"), (Series("A", (1.0, None, 3.0)), Series("B", (4.0, 5.0, 6.0))))
    assert draw_points(trend) == [[1.0, 3.0], [4.0, 6.0]]
    blocks = render_message(Card("", (trend,)), charts=True)["blocks"]
    assert "leaves out" in str(blocks[1])


@pytest.mark.parametrize("points", [(), (50.0,), (50.0, None), (None, None)])
def test_fewer_than_two_points_are_no_line(points: tuple[float | None, ...]) -> None:
    assert build_line_chart(Trend("T", ("1", "2")[: len(points)], (Series("A", points),))) is None


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotOnSlack]:
    """Two rounds have closed, with six people a side besides the leads."""
    async with start_on_slack(tmp_path, people=7) as made:
        for week in range(2):
            await made.tick(SLOT + week * WEEK)
            await _answer(made, made.room[-1], 3 + week % 2)
            await made.tick(CLOSING + week * WEEK)
        yield made


async def _answer(bot: BotOnSlack, question: Posted, value: int) -> None:
    for block in question.blocks:
        for element in elements(block):
            if element["value"].endswith(f"|{value}"):
                for user in bot.state.rooms["C0JOINT"].members[:-2]:
                    await bot.hand.press(user, question, {**element, "block_id": block["block_id"]})
    await bot.done()


def charts(posted: Posted) -> list[dict[str, Any]]:
    return [block for block in posted.blocks if block["type"] == "data_visualization"]


def is_drawn_in_words(posted: Posted) -> bool:
    return "rich_text_preformatted" in str(posted.blocks) and charts(posted) == []


@pytest.mark.parametrize("draws", [True, False])
async def test_trends_are_drawn_whichever_way_they_are_shown(bot: BotOnSlack, draws: bool) -> None:
    bot.slack.far.draws = draws
    before = len(bot.direct(ANNA))
    await bot.tick(DIGEST + WEEK)
    (digest,) = bot.direct(ANNA)[before:]  # posted once
    assert "▁" in digest.text or "▄" in digest.text or "▅" in digest.text  # whoever hears it hears the trend
    await bot.hand.slash(NORA, "score")
    await bot.hand.say(MERI, "score", mention=bot.bot_user)
    await bot.hand.dm(ANNA, "score")
    await bot.hand.open_home(ANNA)
    await bot.done()
    for shown in (bot.shown(NORA), bot.shown(MERI), bot.direct(ANNA)[-1:]):
        (score,) = [message for message in shown if "alignment" in message.text.splitlines()[0]]
        assert bool(charts(score)) is draws and is_drawn_in_words(score) is not draws
    assert bool(charts(digest)) is draws and is_drawn_in_words(digest) is not draws
    assert "rich_text_preformatted" in str(bot.state.homes[ANNA])  # charts are for messages


async def test_another_refusal_is_no_reason_to_post_again(bot: BotOnSlack) -> None:
    bot.slack.far.calls.clear()
    bot.slack.far.fail("chat.postMessage", "refuse:channel_not_found")
    bot.slack.far.fail("chat.postMessage", "refuse:restricted_action")
    await bot.tick(DIGEST + WEEK)
    failed = [
        status
        for status in await bot.store.outbox.list_statuses(None, 100)
        if status.key.startswith("digest")
    ]
    assert {status.state.value for status in failed} == {"failed"}
    posted = bot.slack.far.called("chat.postMessage")
    assert [call["text"] for call in posted if "something waits for a lead" not in call["text"]] == []
