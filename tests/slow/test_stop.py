"""SIGTERM in the middle of everything: it ends by itself and in time, and nothing that was acknowledged is lost."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.databases import KINDS, Kind
from tests.slow.crowd import Crowd
from tests.slow.crowd_trial import begin_trial
from tests.slow.process import BotProcess
from tests.slow.slack_testbed import FIRST_SLOT, list_buttons

IN_TIME = 25.0
"""Seconds; platforms kill 30 after they asked."""


async def told_to_end(bot: BotProcess) -> tuple[float, int]:
    """Seconds until it ended, and its exit code."""
    assert bot.process
    loop = asyncio.get_running_loop()
    began = loop.time()
    bot.process.send_signal(signal.SIGTERM)
    code = await asyncio.wait_for(bot.process.wait(), 60)
    return loop.time() - began, code


@pytest.mark.parametrize("kind", KINDS)
async def test_told_to_end_in_a_burst_of_clicks(tmp_path: Path, kind: Kind) -> None:
    async with begin_trial(tmp_path, kind) as trial:
        testbed, crowd = trial.testbed, Crowd(trial.testbed.people, drop=99, seed=5)
        testbed.clock.move_to(FIRST_SLOT)
        question = await testbed.question(0)
        clicks = 25 * crowd.clicks(0, list_buttons(question))
        pressing = asyncio.create_task(trial.press(0, question, clicks, within=3.0))
        while len(trial.taken) < len(clicks) // 100:
            await asyncio.sleep(0)
        seconds, code = await told_to_end(testbed.bot)
        assert not pressing.done()
        assert (code, seconds < IN_TIME) == (0, True)
        began = await testbed.bot.start()
        await pressing
        assert trial.again > 0
        await trial.assert_nothing_lost()
        print(f"ended in {seconds:.1f} s, ready again in {began:.1f} s")


async def test_told_to_end_while_a_platform_does_not_answer(tmp_path: Path) -> None:
    async with begin_trial(tmp_path, "sqlite") as trial:
        testbed = trial.testbed
        testbed.far.fail("chat.postMessage", "hang_after", seconds=30.0)
        testbed.clock.move_to(FIRST_SLOT)
        await testbed.until(lambda: bool(testbed.far.called("chat.postMessage")), "posting has begun")
        seconds, code = await told_to_end(testbed.bot)
        assert (code, seconds < IN_TIME) == (0, True)
        await testbed.bot.start()
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)


async def test_it_says_so_before_it_hears_no_more(tmp_path: Path) -> None:
    """Whoever balances load takes it out in time."""
    async with begin_trial(tmp_path, "sqlite") as trial:
        bot = trial.testbed.bot
        assert bot.process
        bot.process.send_signal(signal.SIGTERM)
        async with aiohttp.ClientSession() as session, asyncio.timeout(5):
            while True:
                async with session.get(f"{bot.url}/readyz") as answer:
                    if answer.status == 503:
                        assert (await answer.json())["staying"] is False
                        break
        await asyncio.wait_for(bot.process.wait(), 60)
