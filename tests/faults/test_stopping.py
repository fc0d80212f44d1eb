"""SIGTERM under load, and how long a restart takes."""

import asyncio
import signal
from pathlib import Path

import psutil
import pytest

from tests.databases import Kind
from tests.faults.scale import READY
from tests.slow.crowd import Click, Crowd
from tests.slow.crowd_trial import begin_trial
from tests.slow.slack_testbed import FIRST_SLOT, list_buttons

LONGEST = 25.0
"""Seconds to stop in: platforms kill after thirty."""
STARTS = 5


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_sigterm_under_load_ends_well_and_loses_nothing(tmp_path: Path, kind: Kind) -> None:
    async with begin_trial(tmp_path, kind) as trial:
        testbed, loop = trial.testbed, asyncio.get_running_loop()
        testbed.clock.move_to(FIRST_SLOT)
        question = await testbed.question(0)
        clicks = Crowd(testbed.people, drop=99).clicks(0, list_buttons(question))
        pressing = asyncio.create_task(trial.press(0, question, clicks * 5, within=3.0))
        await testbed.until(lambda: len(trial.taken) > 40, "clicks are acknowledged")
        testbed.far.fail("chat.postMessage", "hang", 1.5)
        process, began = testbed.bot.process, loop.time()
        assert process
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 2 * LONGEST) == 0, testbed.bot.log[-2000:]
        took = loop.time() - began
        await testbed.bot.start()
        await pressing
        print(f"{kind}: stopped in {took:.1f} s, {trial.again} presses had to be repeated")
        assert took < LONGEST
        assert trial.again > 0
        await trial.assert_nothing_lost()
        assert "Traceback" not in testbed.bot.log


async def test_a_restart_is_ready_in_two_seconds(tmp_path: Path) -> None:
    """The best of a few, in seconds of the processor: other work on the machine is not the bot's."""
    async with begin_trial(tmp_path, "sqlite") as trial:
        testbed = trial.testbed
        testbed.clock.move_to(FIRST_SLOT)
        question = await testbed.question(0)
        await trial.press(0, question, [Click(user, list_buttons(question)[0]) for user in testbed.people])
        took, processor = [], []
        for _ in range(STARTS):
            await testbed.bot.kill()
            took.append(await testbed.bot.start())
            assert testbed.bot.process
            used = psutil.Process(testbed.bot.process.pid).cpu_times()
            processor.append(used.user + used.system)
        print(f"start to ready: {min(took):.2f} s at best, {min(processor):.2f} s of the processor")
        assert min(*took, *processor) < READY
