"""Each window between two commits is hit on purpose: the bot dies there, begins anew, nothing is lost or doubled."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.databases import Kind
from tests.faults.scale import scaled
from tests.slow.crowd import Click, Crowd
from tests.slow.crowd_trial import CrowdTrial, begin_trial
from tests.slow.process import PATIENCE
from tests.slow.slack_testbed import FIRST_SLOT, OPEN, UNTIL_DIGEST, WEEK, list_buttons

ASKING = (
    *("before_due", "before_ask", "after_ask", "before_claim", "after_claim", "before_post", "after_post"),
    *("before_find", "after_find", "before_settle", "after_settle"),
)
"""In an order in which each still has something to do: what one leaves behind, a later one takes up."""
REMINDING = ("before_remind", "after_remind")
CLOSING = (
    *("before_freeze", "after_freeze", "before_record", "after_record", "before_close", "after_close"),
    *("before_update", "after_update"),
)
DIGESTING = ("before_digest", "after_digest")
ENROLLING = ("before_enrol", "after_enrol")
ANSWERING = ("before_answer", "after_answer")


async def falls(trial: CrowdTrial, point: str) -> None:
    """The bot is started with that crash point, time goes on, and it dies there."""
    bot = trial.testbed.bot
    given = bot.settings
    bot.settings = {**given, "PULSE_CRASHPOINT": point}
    with (bot.folder / "bot.log").open("ab") as log:
        bot.process = await bot.spawn("run", out=log)
    bot.settings = given
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE / 2):
            while bot.process.returncode is None:
                await trial.a_second()
    assert bot.process.returncode == -9, f"{point}: {bot.log[-2000:]}"


@pytest.mark.parametrize("kind", scaled(["sqlite"], ["sqlite", "postgres"]))
async def test_a_round_lives_through_every_crash_point(tmp_path: Path, kind: Kind) -> None:
    async with begin_trial(tmp_path, kind, people=6) as trial:
        testbed = trial.testbed
        for points, moment in (
            (ASKING, FIRST_SLOT),
            (REMINDING, FIRST_SLOT + OPEN - timedelta(hours=24)),
            (CLOSING, FIRST_SLOT + OPEN),
            (DIGESTING, FIRST_SLOT + UNTIL_DIGEST),
            (ENROLLING, FIRST_SLOT + WEEK),
        ):
            await testbed.bot.kill()
            testbed.clock.move_to(moment)
            for point in points:
                await falls(trial, point)
            await testbed.bot.start()
            await trial.rest()
            if points is ASKING:
                crowd = Crowd(testbed.people, drop=99)
                await trial.press(
                    0, testbed.from_bot()[0], crowd.clicks(0, list_buttons(testbed.from_bot()[0]))
                )
        await trial.assert_nothing_lost()
        await trial.assert_all_sent_once(questions=2)


@pytest.mark.parametrize("point", ANSWERING)
async def test_an_answer_is_stored_once_or_seen_to_have_failed(tmp_path: Path, point: str) -> None:
    async with begin_trial(tmp_path, "sqlite", people=3) as trial:
        testbed = trial.testbed
        testbed.clock.move_to(FIRST_SLOT)
        question = await testbed.question(0)
        await trial.rest()
        (click, *_) = (Click("U0ANNA", button) for button in list_buttons(question) if button.value == 4)
        testbed.bot.settings = {**testbed.bot.settings, "PULSE_CRASHPOINT": point}
        await testbed.bot.kill()
        await testbed.bot.start()
        with suppress(aiohttp.ClientError):
            answer = await testbed.hand.press(click.user, question, click.button.payload)
            assert answer.status != 200, "it was acknowledged by a bot that died before it could"
        testbed.bot.settings = {k: v for k, v in testbed.bot.settings.items() if k != "PULSE_CRASHPOINT"}
        await testbed.bot.kill()
        await testbed.bot.start()
        await trial.press(0, question, [click])
        await trial.assert_nothing_lost()
