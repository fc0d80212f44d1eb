"""Let a crowd press until each press is answered while the bot is killed; check that nothing is lost or sent twice."""

import asyncio
import itertools
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bench.by_hand import Ledger
from bot.model.alliance import Member
from bot.model.delivery import DeliveryState
from bot.privacy.pseudonym import make_pseudonym
from storage import DatabaseStore
from storage.outbox.claims import TOO_LATE
from tests.databases import Kind, fresh
from tests.far.slack_hand import Hand
from tests.far.slack_state import Posted
from tests.slow.crowd import Click
from tests.slow.process import PATIENCE
from tests.slow.slack_testbed import (
    KEY,
    LEADS,
    LEASE,
    PSEUDONYM_SECRET,
    SETTLE,
    SlackTestbed,
    round_of,
    start_slack_testbed,
)

SECOND = timedelta(seconds=1)
AT_ONCE = 8


@dataclass(slots=True)
class CrowdTrial:
    """People press until they are answered; `taken` is what the bot acknowledged."""

    testbed: SlackTestbed
    kills: int = 0
    again: int = 0
    """Presses that were not acknowledged."""
    acknowledged: int = 0
    """Presses that were."""
    taken: dict[tuple[str, str, str], int | None] = field(default_factory=dict)
    """(round, user, item) → the last acknowledged choice."""
    ledger: Ledger = field(default_factory=lambda: Ledger(frozenset(LEADS.values())))

    async def press(
        self,
        round: int,
        question: Posted,
        clicks: list[Click],
        hands: Sequence[Hand] = (),
        within: float = 0.0,
    ) -> None:
        """Each press, at some moment `within` so many seconds, reaches one of the web processes that `hands` act on;
        the next try, another."""
        ways = itertools.cycle(hands or (self.testbed.hand,))
        room, turns, id = asyncio.Semaphore(AT_ONCE), dict[str, asyncio.Lock](), round_of(question)

        async def one(click: Click) -> None:
            await asyncio.sleep(random.uniform(0, within))
            async with turns.setdefault(click.user, asyncio.Lock()), room:
                while (await next(ways).press(click.user, question, click.button.payload)).status != 200:
                    self.again += 1
                    await asyncio.sleep(0.05)
                self.acknowledged += 1
                self.taken[id, click.user, click.button.item] = click.button.value
                side = self.testbed.people[click.user]
                self.ledger.click(side, click.user, round, click.button.item, click.button.value)

        await asyncio.gather(*(one(click) for click in clicks))

    async def passing(self, so: Callable[[], bool], what: str) -> None:
        """Time goes on, a second at a time, until something is so at Slack: leases of the dead run out."""
        async with asyncio.timeout(2 * PATIENCE):
            while not so():
                await self.a_second()
        assert so(), what

    async def rest(self) -> None:
        """Time goes on until no delivery is on its way: a dead worker's waits for its lease, then to be looked up.

        Then for as long again, in which nothing may come a second time.
        """
        store = self.testbed.store()
        with suppress(TimeoutError):  # What never arrives, the next assertion names.
            async with asyncio.timeout(2 * PATIENCE):
                while not await _all_arrived(store):
                    await self.a_second()
        await store.aclose()
        for _ in range(LEASE + SETTLE):
            await self.a_second()

    async def a_second(self) -> None:
        self.testbed.clock.move_to(self.testbed.clock.at + SECOND)
        await asyncio.sleep(0.1)

    @asynccontextmanager
    async def killing(self, chance: random.Random) -> AsyncIterator[None]:
        """Kill the bot and start it again, over and over, at random moments; in the end it runs."""
        over = asyncio.Event()

        async def kill() -> None:
            while not over.is_set():
                await asyncio.sleep(chance.uniform(0.02, 1.2))
                await self.testbed.bot.kill()
                self.kills += 1
                await self.testbed.bot.start()

        killer = asyncio.create_task(kill())
        try:
            yield
        finally:
            over.set()
            await killer

    async def assert_nothing_lost(self) -> None:
        store, people = self.testbed.store(), {user for _, user, _ in self.taken}
        kept: dict[tuple[str, str, str], int | None] = {}
        for round in {round for round, _, _ in self.taken}:
            for user in people:
                person = make_pseudonym(PSEUDONYM_SECRET.encode(), KEY, Member("slack", user), "answer")
                for question, value in (await store.answers.list_own(round, person)).items():
                    kept[round, user, question.partition("@")[0]] = value
        await store.aclose()
        assert kept == self.taken

    async def assert_all_sent_once(self, questions: int) -> None:
        assert len(self.testbed.from_bot()) == questions, "questions in the channel"
        told = json.loads(await self.testbed.bot.command("deliveries", "--json", "--limit", "10000"))
        left = [delivery for delivery in told if not _is_late_reminder(delivery)]
        assert {delivery["state"] for delivery in left} <= {"sent"}, left
        for user in self.testbed.people:
            twice = [name for name, count in Counter(self.testbed.delivered(user)).items() if count > 1]
            assert not twice, f"a direct message came twice; all of them: {self.testbed.told(user)}"


def _is_late_reminder(delivery: dict[str, object]) -> bool:
    """Nobody is reminded in the evening because the bot was dead in the hours of work."""
    return str(delivery["slot"]).startswith("reminder:") and delivery["reason"] == TOO_LATE


async def _all_arrived(store: DatabaseStore) -> bool:
    under_way = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
    return not any([await store.outbox.list_statuses(state, 1) for state in under_way])


@asynccontextmanager
async def begin_trial(folder: Path, kind: Kind, people: int = 20) -> AsyncIterator[CrowdTrial]:
    """The bot runs on a database of that kind, and the alliance is declared."""
    with fresh(kind, folder) as url:
        async with start_slack_testbed(folder, url, people) as testbed:
            await testbed.bot.start()
            await testbed.bot.command("apply", "alliance.toml")
            yield CrowdTrial(testbed)
