"""Everybody clicks at once while Slack is slow to show what they get: commands do not wait, and nothing piles up."""

import asyncio
import itertools
import signal
from pathlib import Path

from tests.slow.crowd import Crowd
from tests.slow.crowd_trial import CrowdTrial, begin_trial
from tests.slow.slack_testbed import FIRST_SLOT, list_buttons

CLICKS = 2_500
SLOW = 2.0
"""Seconds that Slack takes for each confirmation: four at a time are two a second, twenty minutes for all."""
AT_ONCE = 3.0
"""Seconds in which a command is answered."""
MORE = 24.0
"""MiB that the process may grow by."""
LONGEST = 25.0
"""Seconds to stop in: platforms kill after thirty."""


async def test_in_a_rush_commands_are_answered_memory_is_bounded_and_sigterm_loses_nothing(
    tmp_path: Path,
) -> None:
    async with begin_trial(tmp_path, "sqlite") as trial:
        testbed, loop = trial.testbed, asyncio.get_running_loop()
        testbed.clock.move_to(FIRST_SLOT)
        question = await testbed.question(0)
        some = Crowd(testbed.people, drop=99).clicks(0, list_buttons(question))
        clicks = list(itertools.islice(itertools.cycle(some), CLICKS))
        await trial.press(0, question, some)
        before = await testbed.bot.settle_memory()
        testbed.far.responding = SLOW
        pressing = asyncio.create_task(trial.press(0, question, clicks))
        waits = [await _seconds_to_answer(trial, user) for user in list(testbed.people)[:3]]
        await pressing
        waits += [await _seconds_to_answer(trial, user) for user in list(testbed.people)[3:8]]
        more = testbed.bot.memory() - before
        process, began = testbed.bot.process, loop.time()
        assert process
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 2 * LONGEST) == 0, testbed.bot.log[-2000:]
        took = loop.time() - began
        print(f"commands {max(waits):.2f} s at most, {more:.0f} MiB more, stopped in {took:.1f} s")
        assert max(waits) < AT_ONCE
        assert more < MORE
        assert took < LONGEST
        assert testbed.bot.log.count("confirmations were not shown") == 1
        assert "Traceback" not in testbed.bot.log
        testbed.far.responding = 0.0
        await testbed.bot.start()
        await trial.assert_nothing_lost()


async def _seconds_to_answer(trial: CrowdTrial, user: str) -> float:
    """From a command in a direct message to its answer there."""
    testbed, loop = trial.testbed, asyncio.get_running_loop()
    told, began = len(testbed.told(user)), loop.time()
    await testbed.hand.dm(user, "vision")
    await testbed.until(lambda: len(testbed.told(user)) > told, "a command is answered")
    return loop.time() - began
