"""An old backup comes back: what was asked, reminded and told since stands once, and is answered where it stands."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.databases import KINDS, Kind
from tests.slow.crowd import Click
from tests.slow.stage import FIRST_SLOT, LEADS, OPEN, UNTIL_DIGEST, buttons
from tests.slow.trial import Trial, begun

REMINDER = FIRST_SLOT + OPEN - timedelta(hours=24)


async def _go_back(trial: Trial, down: timedelta) -> None:
    """To the backup; the bot is down so long before it is started again."""
    stage = trial.stage
    await stage.bot.stop()
    stage.clock.move_to(stage.clock.at + down)
    told = await stage.bot.command("restore", "backup.sqlite3", "--replace")
    assert "looked up" in told
    await stage.bot.start()
    trial.taken.clear()


async def _press(trial: Trial, user: str, nth: int) -> None:
    question = trial.stage.from_bot()[0]
    await trial.press(0, question, [Click(user, buttons(question)[nth])])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_question_that_was_asked_since_the_backup_is_taken_up_again(
    tmp_path: Path, kind: Kind
) -> None:
    async with begun(tmp_path, kind, people=3) as trial:
        stage = trial.stage
        await stage.bot.command("backup", "backup.sqlite3")
        stage.clock.move_to(FIRST_SLOT)
        await stage.question(0)
        await _press(trial, "U0ANNA", 0)
        await _go_back(trial, timedelta(minutes=50))
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)
        await _press(trial, "U0BEN", 1)
        await trial.assert_nothing_lost()
        stage.clock.move_to(FIRST_SLOT + OPEN)
        await stage.closed(stage.from_bot()[0])


@pytest.mark.parametrize("kind", KINDS)
async def test_reminders_and_digests_since_the_backup_come_once(tmp_path: Path, kind: Kind) -> None:
    async with begun(tmp_path, kind, people=3) as trial:
        stage = trial.stage
        stage.clock.move_to(FIRST_SLOT)
        await stage.question(0)
        await trial.rest()
        await stage.bot.command("backup", "backup.sqlite3")
        stage.clock.move_to(REMINDER)
        await stage.until(lambda: all(stage.told(user) for user in stage.people), "all are reminded")
        stage.clock.move_to(FIRST_SLOT + OPEN)
        await stage.closed(stage.from_bot()[0])
        stage.clock.move_to(FIRST_SLOT + UNTIL_DIGEST)
        await stage.until(
            lambda: all(len(stage.told(lead)) > 1 for lead in LEADS.values()), "digests are sent"
        )
        before = {user: stage.told(user) for user in stage.people}
        await _go_back(trial, timedelta(minutes=10))
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)
        assert {user: stage.told(user) for user in stage.people} == before


async def test_what_was_not_asked_is_asked_and_what_is_too_long_past_is_missed(tmp_path: Path) -> None:
    async with begun(tmp_path, "sqlite", people=3) as trial:
        stage = trial.stage
        await stage.bot.command("backup", "backup.sqlite3")
        await _go_back(trial, FIRST_SLOT + timedelta(minutes=30) - stage.clock.at)
        await trial.passing(lambda: bool(stage.from_bot()), "the question is asked")
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)
        await _go_back(trial, timedelta(hours=3))
        await trial.rest()
        assert str(FIRST_SLOT.date()) in await stage.bot.command("missed")
        assert len(stage.from_bot()) == 1


async def test_where_nobody_can_look_an_operator_is_asked(tmp_path: Path) -> None:
    async with begun(tmp_path, "sqlite", people=3) as trial:
        stage = trial.stage
        await stage.bot.command("backup", "backup.sqlite3")
        stage.clock.move_to(FIRST_SLOT)
        await stage.question(0)
        for workspace in stage.far.state.workspaces.values():
            workspace.scopes = workspace.scopes - {"channels:history", "groups:history"}
        await _go_back(trial, timedelta(minutes=50))
        for _ in range(30):
            await trial.a_second()
        assert len(stage.from_bot()) == 1, "asked twice on a guess"
        (line,) = (await stage.bot.command("deliveries", "--state", "unknown")).splitlines()
        assert "question" in line and "restored from a backup" in line
