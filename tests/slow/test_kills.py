"""`kill -9` anywhere in the story: no acknowledged answer is lost, no question asked twice, no slot left out."""

import asyncio
import json
import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.databases import Kind
from tests.slow.crowd import Crowd
from tests.slow.crowd_trial import begin_trial
from tests.slow.slack_testbed import (
    FIRST_SLOT,
    KEY,
    LEADS,
    OPEN,
    UNTIL_DIGEST,
    WEEK,
    SlackTestbed,
    list_buttons,
)


@pytest.mark.parametrize(("kind", "weeks", "seed"), [("sqlite", 3, 1), ("sqlite", 2, 2), ("postgres", 2, 3)])
async def test_killed_at_random_all_through_the_story(
    tmp_path: Path, kind: Kind, weeks: int, seed: int
) -> None:
    chance = random.Random(seed)
    async with begin_trial(tmp_path, kind) as trial:
        testbed, crowd = trial.testbed, Crowd(trial.testbed.people, drop=99, seed=seed)
        for week in range(weeks):
            slot = FIRST_SLOT + week * WEEK
            async with trial.killing(chance):
                testbed.clock.move_to(slot)
                await trial.passing(lambda w=week: len(testbed.from_bot()) > w, "the question is asked")  # type: ignore[misc]
                question = testbed.from_bot()[week]
                testbed.clock.move_to(slot + timedelta(hours=1))
                await trial.press(week, question, crowd.clicks(week, list_buttons(question)), within=3.0)
                testbed.clock.move_to(slot + OPEN - timedelta(hours=24))
                await asyncio.sleep(1.5)
                testbed.clock.move_to(slot + OPEN)
                await trial.passing(lambda q=question: not list_buttons(q), "the round is closed")  # type: ignore[misc]
                testbed.clock.move_to(slot + UNTIL_DIGEST)
                for lead in LEADS.values():
                    await trial.passing(lambda w=week, u=lead: _digests(testbed, u) > w, "the digest is sent")  # type: ignore[misc]
            trial.ledger.close(week)
        await trial.rest()
        assert trial.kills >= 3 * weeks
        assert trial.again > 0
        await trial.assert_nothing_lost()
        await trial.assert_all_sent_once(questions=weeks)
        told = json.loads(await testbed.bot.command("score", KEY, "--json"))
        by_hand = trial.ledger.headline(weeks - 1)
        assert told["alignment"]["value"] == by_hand["alignment"]
        assert told["agreement"]["value"] == by_hand["agreement"]


def _digests(testbed: SlackTestbed, lead: str) -> int:
    return sum("the week for" in letter for letter in testbed.told(lead))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_killed_in_the_middle_of_a_burst_of_clicks(tmp_path: Path, kind: Kind) -> None:
    async with begin_trial(tmp_path, kind) as trial:
        testbed = trial.testbed
        testbed.clock.move_to(FIRST_SLOT)
        question = await testbed.question(0)
        clicks = Crowd(testbed.people, drop=99).clicks(0, list_buttons(question))
        pressing = asyncio.create_task(trial.press(0, question, clicks, within=3.0))
        for share in (0.2, 0.5, 0.8):
            await testbed.until(lambda s=share: len(trial.taken) > s * 110, "clicks are acknowledged")  # type: ignore[misc]
            await testbed.bot.kill()
            await testbed.bot.start()
        await pressing
        assert trial.again > 0
        await trial.assert_nothing_lost()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("fault", ["hang_after", "hang"])
async def test_killed_while_a_question_is_being_posted(tmp_path: Path, kind: Kind, fault: str) -> None:
    """`hang_after`: Slack has taken it; `hang`: it has not. The bot dies without knowing which."""
    async with begin_trial(tmp_path, kind, people=3) as trial:
        testbed = trial.testbed
        testbed.far.fail("chat.postMessage", fault, 30)
        testbed.clock.move_to(FIRST_SLOT)
        await testbed.until(lambda: not testbed.far.faults, "the question is on its way")
        await testbed.until(lambda: fault == "hang" or bool(testbed.from_bot()), "Slack has taken it")
        await testbed.bot.kill()
        await testbed.bot.start()
        await trial.passing(lambda: bool(testbed.from_bot()), "the question is asked")
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)


async def test_a_slot_that_came_while_the_bot_was_dead_is_asked_once(tmp_path: Path) -> None:
    async with begin_trial(tmp_path, "sqlite", people=3) as trial:
        testbed = trial.testbed
        await testbed.bot.kill()
        testbed.clock.move_to(FIRST_SLOT + timedelta(minutes=90))
        await testbed.bot.start()
        await testbed.question(0)
        await testbed.bot.kill()
        await testbed.bot.start()
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)
