"""`kill -9` anywhere in the story: no acknowledged answer is lost, no question asked twice, no slot left out."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bench.by_hand import Ledger
from bot.model import Member
from bot.ports import DeliveryState
from bot.rules.pseudonym import pseudonym
from storage import DatabaseStore
from tests.databases import Kind, fresh
from tests.far.slack_state import Posted
from tests.slow.crowd import Click, Crowd
from tests.slow.process import PATIENCE
from tests.slow.stage import (
    FIRST_SLOT,
    KEY,
    LEADS,
    LEASE,
    OPEN,
    PSEUDONYM_SECRET,
    SETTLE,
    UNTIL_DIGEST,
    WEEK,
    Stage,
    buttons,
    round_of,
    set_up,
)

SECOND = timedelta(seconds=1)
AT_ONCE = 8


@dataclass(slots=True)
class Trial:
    """People press until they are answered; `taken` is what the bot acknowledged."""

    stage: Stage
    kills: int = 0
    again: int = 0
    """Presses that were not acknowledged."""
    taken: dict[tuple[str, str, str], int | None] = field(default_factory=dict)
    """(round, user, item) → the last acknowledged choice."""
    ledger: Ledger = field(default_factory=lambda: Ledger(frozenset(LEADS.values())))

    async def press(self, round: int, question: Posted, clicks: list[Click]) -> None:
        room, turns, id = asyncio.Semaphore(AT_ONCE), dict[str, asyncio.Lock](), round_of(question)

        async def one(click: Click) -> None:
            async with turns.setdefault(click.user, asyncio.Lock()), room:
                while (await self.stage.hand.press(click.user, question, click.button.payload)).status != 200:
                    self.again += 1
                    await asyncio.sleep(0.05)
                self.taken[id, click.user, click.button.item] = click.button.value
                side = self.stage.people[click.user]
                self.ledger.click(side, click.user, round, click.button.item, click.button.value)

        await asyncio.gather(*(one(click) for click in clicks))

    async def passing(self, so: Callable[[], bool], what: str) -> None:
        """Time goes on, a second at a time, until something is so at Slack: leases of the dead run out."""
        async with asyncio.timeout(2 * PATIENCE):
            while not so():
                await self._a_second()
        assert so(), what

    async def rest(self) -> None:
        """Time goes on until no delivery is on its way: a dead worker's waits for its lease, then to be looked up.

        Then for as long again, in which nothing may come a second time.
        """
        store = self.stage.store()
        with suppress(TimeoutError):  # What never arrives, the next assertion names.
            async with asyncio.timeout(2 * PATIENCE):
                while not await _all_arrived(store):
                    await self._a_second()
        await store.aclose()
        for _ in range(LEASE + SETTLE):
            await self._a_second()

    async def _a_second(self) -> None:
        self.stage.clock.move_to(self.stage.clock.at + SECOND)
        await asyncio.sleep(0.1)

    @asynccontextmanager
    async def killing(self, chance: random.Random) -> AsyncIterator[None]:
        """Kill the bot and start it again, over and over, at random moments; in the end it runs."""
        over = asyncio.Event()

        async def kill() -> None:
            while not over.is_set():
                await asyncio.sleep(chance.uniform(0.02, 1.2))
                await self.stage.bot.kill()
                self.kills += 1
                await self.stage.bot.start()

        killer = asyncio.create_task(kill())
        try:
            yield
        finally:
            over.set()
            await killer

    async def assert_nothing_lost(self) -> None:
        store, people = self.stage.store(), {user for _, user, _ in self.taken}
        kept: dict[tuple[str, str, str], int | None] = {}
        for round in {round for round, _, _ in self.taken}:
            for user in people:
                person = pseudonym(PSEUDONYM_SECRET.encode(), KEY, Member("slack", user), "answer")
                for item, value in (await store.own_answers(round, person)).items():
                    kept[round, user, item.partition("@")[0]] = value
        await store.aclose()
        assert kept == self.taken

    async def assert_all_sent_once(self, questions: int) -> None:
        assert len(self.stage.from_bot()) == questions, "questions in the channel"
        told = json.loads(await self.stage.bot.command("deliveries", "--json", "--limit", "10000"))
        assert {one["state"] for one in told} <= {"sent"}
        for user in self.stage.people:
            said = self.stage.told(user)
            assert len(said) == len(set(said)), "a direct message came twice"


async def _all_arrived(store: DatabaseStore) -> bool:
    under_way = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
    return not any([await store.deliveries(state, 1) for state in under_way])


@asynccontextmanager
async def begun(folder: Path, kind: Kind, people: int = 20) -> AsyncIterator[Trial]:
    """The bot runs on a database of that kind, and the alliance is declared."""
    with fresh(kind, folder) as url:
        async with set_up(folder, url, people) as stage:
            await stage.bot.start()
            await stage.bot.command("apply", "alliance.toml")
            yield Trial(stage)


@pytest.mark.parametrize(("kind", "weeks", "seed"), [("sqlite", 3, 1), ("sqlite", 2, 2), ("postgres", 2, 3)])
async def test_killed_at_random_all_through_the_story(
    tmp_path: Path, kind: Kind, weeks: int, seed: int
) -> None:
    chance = random.Random(seed)
    async with begun(tmp_path, kind) as trial:
        stage, crowd = trial.stage, Crowd(trial.stage.people, drop=99, seed=seed)
        for week in range(weeks):
            slot = FIRST_SLOT + week * WEEK
            async with trial.killing(chance):
                stage.clock.move_to(slot)
                await trial.passing(lambda w=week: len(stage.from_bot()) > w, "the question is asked")  # type: ignore[misc]
                question = stage.from_bot()[week]
                stage.clock.move_to(slot + timedelta(hours=1))
                await trial.press(week, question, crowd.clicks(week, buttons(question)))
                stage.clock.move_to(slot + OPEN - timedelta(hours=24))
                await asyncio.sleep(1.5)
                stage.clock.move_to(slot + OPEN)
                await trial.passing(lambda q=question: not buttons(q), "the round is closed")  # type: ignore[misc]
                stage.clock.move_to(slot + UNTIL_DIGEST)
                for lead in LEADS.values():
                    await trial.passing(lambda w=week, u=lead: _digests(stage, u) > w, "the digest is sent")  # type: ignore[misc]
            trial.ledger.close(week)
        await trial.rest()
        assert trial.kills >= 3 * weeks
        assert trial.again > 0
        await trial.assert_nothing_lost()
        await trial.assert_all_sent_once(questions=weeks)
        told = json.loads(await stage.bot.command("score", KEY, "--json"))
        by_hand = trial.ledger.headline(weeks - 1)
        assert told["alignment"]["value"] == by_hand["alignment"]
        assert told["agreement"]["value"] == by_hand["agreement"]


def _digests(stage: Stage, lead: str) -> int:
    return sum("the week for" in one for one in stage.told(lead))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_killed_in_the_middle_of_a_burst_of_clicks(tmp_path: Path, kind: Kind) -> None:
    async with begun(tmp_path, kind) as trial:
        stage = trial.stage
        stage.clock.move_to(FIRST_SLOT)
        question = await stage.question(0)
        clicks = Crowd(stage.people, drop=99).clicks(0, buttons(question))
        pressing = asyncio.create_task(trial.press(0, question, clicks))
        for share in (0.2, 0.5, 0.8):
            await stage.until(lambda s=share: len(trial.taken) > s * 110, "clicks are acknowledged")  # type: ignore[misc]
            await stage.bot.kill()
            await stage.bot.start()
        await pressing
        assert trial.again > 0
        await trial.assert_nothing_lost()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("fault", ["hang_after", "hang"])
async def test_killed_while_a_question_is_being_posted(tmp_path: Path, kind: Kind, fault: str) -> None:
    """`hang_after`: Slack has taken it; `hang`: it has not. The bot dies without knowing which."""
    async with begun(tmp_path, kind, people=3) as trial:
        stage = trial.stage
        stage.far.fail("chat.postMessage", fault, 30)
        stage.clock.move_to(FIRST_SLOT)
        await stage.until(lambda: not stage.far.faults, "the question is on its way")
        await stage.until(lambda: fault == "hang" or bool(stage.from_bot()), "Slack has taken it")
        await stage.bot.kill()
        await stage.bot.start()
        await trial.passing(lambda: bool(stage.from_bot()), "the question is asked")
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)


async def test_a_slot_that_came_while_the_bot_was_dead_is_asked_once(tmp_path: Path) -> None:
    async with begun(tmp_path, "sqlite", people=3) as trial:
        stage = trial.stage
        await stage.bot.kill()
        stage.clock.move_to(FIRST_SLOT + timedelta(minutes=90))
        await stage.bot.start()
        await stage.question(0)
        await stage.bot.kill()
        await stage.bot.start()
        await trial.rest()
        await trial.assert_all_sent_once(questions=1)
