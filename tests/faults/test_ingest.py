"""The database is stuck, full up or refuses one row: who pressed is told the truth, and nobody else notices."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from bot.model.alliance import Member
from bot.privacy.pseudonym import make_pseudonym
from storage.engine import writer
from storage.engine.connect import sqlite
from tests.adapters.slack.bot_on_slack import MERI, SLOT, start_on_slack
from tests.databases import KINDS, Kind
from tests.far.slack_hand import Answer
from tests.far.slack_state import Posted
from tests.slow.crowd import Click
from tests.slow.crowd_trial import begin_trial
from tests.slow.slack_testbed import FIRST_SLOT, KEY, PSEUDONYM_SECRET, SlackTestbed, list_buttons
from tests.storage.test_writer import Gate

LIMIT = 3.0
"""Seconds after which Slack shows an error of its own."""
POISONED = "U0MERI001"
SQLITE_POISON = """
CREATE TRIGGER poison BEFORE INSERT ON answer WHEN NEW.person = '{person}'
BEGIN SELECT RAISE(ABORT, 'poison'); END"""
POSTGRES_POISON = """
CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$;
CREATE TRIGGER poison BEFORE INSERT ON answer FOR EACH ROW WHEN (NEW.person = '{person}') EXECUTE FUNCTION poison()"""


@contextmanager
def behind_its_back(url: str) -> Iterator[Any]:
    """A connection of somebody else's, each statement of which counts at once."""
    if url.startswith("sqlite"):
        connection: Any = sqlite.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    else:
        connection = psycopg.connect(url, autocommit=True)
    yield connection
    connection.close()


@contextmanager
def stuck(url: str) -> Iterator[None]:
    """Nobody else can write, as beside a process that was frozen in the middle of it."""
    with behind_its_back(url) as connection:
        if url.startswith("sqlite"):
            connection.execute("BEGIN IMMEDIATE")
        else:
            connection.execute("BEGIN")
            connection.execute("LOCK TABLE answer, reading, counter IN ACCESS EXCLUSIVE MODE")
        yield
        connection.execute("ROLLBACK")


async def asked(testbed: SlackTestbed) -> Posted:
    testbed.clock.move_to(FIRST_SLOT)
    return await testbed.question(0)


async def all_press(testbed: SlackTestbed, question: Posted) -> dict[str, Answer]:
    """Everybody at once, the same button."""
    pressed = list_buttons(question)[0].payload
    answers = (testbed.hand.press(user, question, pressed) for user in testbed.people)
    return dict(zip(testbed.people, await asyncio.gather(*answers), strict=True))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_row_that_the_database_refuses_harms_nobody_else(tmp_path: Path, kind: Kind) -> None:
    person = make_pseudonym(PSEUDONYM_SECRET.encode(), KEY, Member("slack", POISONED), "answer")
    async with begin_trial(tmp_path, kind) as trial:
        testbed, question = trial.testbed, await asked(trial.testbed)
        with behind_its_back(testbed.database_url) as connection:
            connection.execute((SQLITE_POISON if kind == "sqlite" else POSTGRES_POISON).format(person=person))
            answers = await all_press(testbed, question)
            assert {user for user, answer in answers.items() if answer.status != 200} == {POISONED}
            await testbed.until(lambda: bool(testbed.hand.shown(POISONED)), "it is told")
            assert "Not saved" in testbed.hand.shown(POISONED)[-1].text
            connection.execute("DROP TRIGGER poison" + ("" if kind == "sqlite" else " ON answer"))
        await trial.press(0, question, [Click(user, list_buttons(question)[0]) for user in testbed.people])
        await trial.assert_nothing_lost()
        assert person not in testbed.bot.log and "Traceback" not in testbed.bot.log


@pytest.mark.parametrize("kind", KINDS)
async def test_while_nothing_can_be_written_everybody_is_told_so_and_nothing_is_kept_later(
    tmp_path: Path, kind: Kind
) -> None:
    async with begin_trial(tmp_path, kind) as trial:
        testbed, question = trial.testbed, await asked(trial.testbed)
        await trial.rest()
        with stuck(testbed.database_url):
            answers = await all_press(testbed, question)
            said = await testbed.hand.say("U0ANNA", "Thanks for the quick answer.")
            assert {answer.status for answer in answers.values()} == {503}
            assert set(testbed.hand.deliveries[-4:]) == {503}, "an event that is not kept comes again"
            assert await _ready(testbed) == 503
            for user in testbed.people:
                await testbed.until(lambda u=user: bool(testbed.hand.shown(u)), "it is told")  # type: ignore[misc]
                assert testbed.hand.shown(user)[-1].text.startswith(
                    ("Not saved", "It may not have been saved")
                )
        async with asyncio.timeout(30):
            while await _ready(testbed) != 200:
                await asyncio.sleep(0.1)
        store = testbed.store()
        (round, *_) = await store.rounds.list_open(KEY, FIRST_SLOT)
        assert await store.answers.list_respondents(round.id) == frozenset()
        await store.aclose()
        await testbed.hand.edit("U0ANNA", said, "Thanks again for the quick answer.")
        await trial.press(0, question, [Click(user, list_buttons(question)[0]) for user in testbed.people])
        await trial.assert_nothing_lost()


async def test_what_does_not_fit_in_the_queue_is_refused_at_once_and_the_rest_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WAITING_AT_MOST", 10)
    async with start_on_slack(tmp_path) as bot:
        await bot.tick(SLOT)
        question, gate = bot.room[-1], Gate()
        pressed = list_buttons(question)
        held = await gate.hold(bot.store)
        begun = [asyncio.create_task(bot.hand.press(MERI, question, option.payload)) for option in pressed]
        async with asyncio.timeout(LIMIT):
            while sum(press.done() for press in begun) < len(pressed) - 10:
                await asyncio.sleep(0.01)
        refused = [press.result() for press in begun if press.done()]
        assert {reply.status for reply in refused} == {503} and max(
            reply.seconds for reply in refused
        ) < LIMIT / 2
        gate.opened.set()
        await held
        kept = [reply.status for reply in await asyncio.gather(*begun)].count(200)
        await bot.done()
        headings = [message.text.splitlines()[0] for message in bot.shown(MERI)]
        assert kept == sum("You answered" in heading for heading in headings) == 10
        assert headings.count("*Not saved*") + headings.count("Not saved") == len(pressed) - 10


async def _ready(testbed: SlackTestbed) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{testbed.bot.url}/readyz") as answer:
        return answer.status
