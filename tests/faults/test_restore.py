"""An old backup comes back: what was asked, reminded and told since stands once, and is answered where it stands."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.databases import KINDS, Kind
from tests.slow.crowd import Click
from tests.slow.crowd_trial import CrowdTrial, begin_trial
from tests.slow.slack_testbed import FIRST_SLOT, LEADS, OPEN, UNTIL_DIGEST, list_buttons

REMINDER = FIRST_SLOT + OPEN - timedelta(hours=24)


async def _go_back(trial: CrowdTrial, down: timedelta) -> None:
    """To the backup; the bot is down so long before it is started again."""
    testbed = trial.testbed
    await testbed.bot.stop()
    testbed.clock.move_to(testbed.clock.at + down)
    told = await testbed.bot.command("restore", "backup.sqlite3", "--replace")
    assert "looked up" in told
    await testbed.bot.start()
    trial.taken.clear()


async def _press(trial: CrowdTrial, user: str, nth: int) -> None:
    question = trial.testbed.from_bot()[0]
    await trial.press(0, question, [Click(user, list_buttons(question)[nth])])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_question_that_was_asked_since_the_backup_is_taken_up_again(
    tmp_path: Path, kind: Kind
) -> None:
    async with begin_trial(tmp_path, kind, people=3) as trial:
        testbed = trial.testbed
        await testbed.bot.command("backup", "backup.sqlite3")
        testbed.clock.move_to(FIRST_SLOT)
        await testbed.question(0)
        await _press(trial, "U0ANNA", 0)
        await _go_back(trial, timedelta(minutes=50))
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)
        await _press(trial, "U0BEN", 1)
        await trial.assert_nothing_lost()
        testbed.clock.move_to(FIRST_SLOT + OPEN)
        await testbed.closed(testbed.from_bot()[0])


@pytest.mark.parametrize("kind", KINDS)
async def test_reminders_and_digests_since_the_backup_come_once(tmp_path: Path, kind: Kind) -> None:
    async with begin_trial(tmp_path, kind, people=3) as trial:
        testbed = trial.testbed
        testbed.clock.move_to(FIRST_SLOT)
        await testbed.question(0)
        await trial.rest()
        await testbed.bot.command("backup", "backup.sqlite3")
        testbed.clock.move_to(REMINDER)
        await testbed.until(lambda: all(testbed.told(user) for user in testbed.people), "all are reminded")
        testbed.clock.move_to(FIRST_SLOT + OPEN)
        await testbed.closed(testbed.from_bot()[0])
        testbed.clock.move_to(FIRST_SLOT + UNTIL_DIGEST)
        await testbed.until(
            lambda: all(len(testbed.told(lead)) > 1 for lead in LEADS.values()), "digests are sent"
        )
        before = {user: testbed.told(user) for user in testbed.people}
        await _go_back(trial, timedelta(minutes=10))
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)
        assert {user: testbed.told(user) for user in testbed.people} == before


async def test_what_was_not_asked_is_asked_and_what_is_too_long_past_is_missed(tmp_path: Path) -> None:
    async with begin_trial(tmp_path, "sqlite", people=3) as trial:
        testbed = trial.testbed
        await testbed.bot.command("backup", "backup.sqlite3")
        await _go_back(trial, FIRST_SLOT + timedelta(minutes=30) - testbed.clock.at)
        await trial.passing(lambda: bool(testbed.from_bot()), "the question is asked")
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)
        await _go_back(trial, timedelta(hours=3))
        await trial.rest()
        assert str(FIRST_SLOT.date()) in await testbed.bot.command("missed")
        assert len(testbed.from_bot()) == 1


async def test_where_nobody_can_look_an_operator_is_asked(tmp_path: Path) -> None:
    async with begin_trial(tmp_path, "sqlite", people=3) as trial:
        testbed = trial.testbed
        await testbed.bot.command("backup", "backup.sqlite3")
        testbed.clock.move_to(FIRST_SLOT)
        await testbed.question(0)
        for workspace in testbed.far.state.workspaces.values():
            workspace.scopes = workspace.scopes - {"channels:history", "groups:history"}
        await _go_back(trial, timedelta(minutes=50))
        for _ in range(30):
            await trial.a_second()
        assert len(testbed.from_bot()) == 1, "asked twice on a guess"
        (line,) = (await testbed.bot.command("deliveries", "--state", "unknown")).splitlines()
        assert "question" in line and "restored from a backup" in line
