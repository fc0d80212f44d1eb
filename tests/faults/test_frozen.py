"""A worker is frozen (SIGSTOP) beside a web process: answers are still taken, nothing is lost, nothing comes twice."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import storage
from bot.ports import StoreUnavailable
from tests.databases import KINDS, Kind
from tests.faults.scale import scaled
from tests.slow.crowd import Crowd
from tests.slow.crowd_trial import CrowdTrial, begin_trial
from tests.slow.process import BotProcess
from tests.slow.slack_testbed import FIRST_SLOT, OPEN, SlackTestbed, list_buttons

FREEZES = scaled(5, 25)


@asynccontextmanager
async def web_and_worker(folder: Path, kind: Kind) -> AsyncIterator[tuple[CrowdTrial, BotProcess]]:
    async with begin_trial(folder, kind) as trial:
        bot = trial.testbed.bot
        await bot.stop()
        bot.role = "web"
        await bot.start()
        async with working(bot) as worker:
            yield trial, worker


@asynccontextmanager
async def working(beside: BotProcess) -> AsyncIterator[BotProcess]:
    worker = BotProcess(beside.folder, beside.settings, role="worker")
    await worker.start()
    try:
        yield worker
    finally:
        await worker.kill()


def send(worker: BotProcess, what: signal.Signals) -> None:
    assert worker.process
    worker.process.send_signal(what)


async def freeze_between_writes(testbed: SlackTestbed, worker: BotProcess) -> None:
    """SQLite has one writer at a time: one that is frozen in the middle of writing holds up all until it goes on."""
    store = testbed.store()
    send(worker, signal.SIGSTOP)
    while not await _is_writable(store):
        send(worker, signal.SIGCONT)
        await asyncio.sleep(0.02)
        send(worker, signal.SIGSTOP)
    await store.aclose()


async def _is_writable(store: storage.DatabaseStore) -> bool:
    try:
        async with asyncio.timeout(2.0):
            return await store.ready()
    except (StoreUnavailable, TimeoutError):
        return False


async def freeze_and_thaw(trial: CrowdTrial, worker: BotProcess, chance: random.Random) -> list[int]:
    """How many presses were acknowledged in each freeze."""
    counts = []
    for _ in range(FREEZES):
        await asyncio.sleep(chance.uniform(0.05, 0.5))
        send(worker, signal.SIGSTOP)
        before = trial.acknowledged
        await asyncio.sleep(chance.uniform(0.5, 1.5))
        counts.append(trial.acknowledged - before)
        send(worker, signal.SIGCONT)
    return counts


@pytest.mark.parametrize("kind", KINDS)
async def test_answers_are_taken_while_the_worker_is_frozen(tmp_path: Path, kind: Kind) -> None:
    async with web_and_worker(tmp_path, kind) as (trial, worker):
        testbed, chance = trial.testbed, random.Random(3)
        testbed.clock.move_to(FIRST_SLOT)
        question = await testbed.question(0)
        freezing = asyncio.create_task(freeze_and_thaw(trial, worker, chance))
        pressed = 0
        while not freezing.done():
            await trial.press(
                0, question, Crowd(testbed.people, drop=99, seed=pressed).clicks(0, list_buttons(question))
            )
            pressed += 1
        counts = await freezing
        await trial.rest()
        print(f"{kind}: acknowledged while it was frozen: {counts}; {trial.again} presses had to be repeated")
        # One that is frozen in the middle of writing may hold up the others until it goes on.
        assert sum(count > 0 for count in counts) > len(counts) / 2
        await trial.assert_nothing_lost()
        await trial.assert_all_sent_once(questions=1)


@pytest.mark.parametrize("kind", KINDS)
async def test_another_worker_does_what_a_frozen_one_left_and_the_thawed_one_repeats_nothing(
    tmp_path: Path, kind: Kind
) -> None:
    async with web_and_worker(tmp_path, kind) as (trial, worker):
        testbed = trial.testbed
        testbed.far.fail("chat.postMessage", "hang", 2)
        testbed.clock.move_to(FIRST_SLOT)
        await testbed.until(lambda: not testbed.far.faults, "the question is on its way")
        await freeze_between_writes(testbed, worker)
        async with working(testbed.bot):
            await trial.passing(lambda: bool(testbed.from_bot()), "another asks the question")
            question = testbed.from_bot()[0]
            await trial.press(0, question, Crowd(testbed.people, drop=99).clicks(0, list_buttons(question)))
            send(worker, signal.SIGCONT)
            await trial.rest()
            testbed.clock.move_to(FIRST_SLOT + OPEN)
            await trial.passing(lambda: not list_buttons(question), "the round is closed")
            await trial.rest()
        await trial.assert_nothing_lost()
        await trial.assert_all_sent_once(questions=1)
