"""Thousands of answers while the bot, and the database server, are killed: what was acknowledged is stored, once.

The time of an acknowledgement is the platform's: from the sending of the request that got it. A request that came while
nobody listened, or to a process that died, got none, and is sent again. How long people waited in all, from their first
press on and over the ladder of a hundredfold hurried platform, is printed beside it.
"""

import asyncio
import random
import statistics
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import storage
from bot.model.alliance import Member
from bot.privacy.pseudonym import make_pseudonym
from storage.engine.connect import sqlite
from tests.databases import Kind, fresh
from tests.far.slack_state import Posted
from tests.faults.postgres import Server, server
from tests.faults.scale import FULL, READY, scaled
from tests.slow.slack_testbed import (
    ALLIANCE,
    FIRST_SLOT,
    KEY,
    PSEUDONYM_SECRET,
    SlackTestbed,
    list_buttons,
    start_slack_testbed,
)

PEOPLE = 100
"""On each side."""
ROUNDS = scaled(5, 17)
"""With three items each: so many answers of every person."""
RATE = 100.0
"""Answers begun in a second, whatever becomes of those before."""
LADDER = (0.0, 0.6, 3.0)
"""Seconds before a press that failed is sent again: 0, 1 and 5 minutes, a hundred times as fast."""
AGAIN = (3.0, 9.0)
"""Seconds, from and to, until a person who saw it fail presses again."""
LIMIT = 3.0
"""Seconds after which Slack has given up, and takes no acknowledgement any more."""
KILLS, CRASHES = scaled((6, 2), (20, 5))
Wanted = tuple[str, str, str]
"""Round, item, user."""


@dataclass(slots=True)
class Load:
    testbed: SlackTestbed
    question: Posted
    began: float
    """Seconds the bot took to start before there was anything to do."""
    taken: dict[Wanted, int] = field(default_factory=dict)
    """What was acknowledged."""
    seconds: list[float] = field(default_factory=list)
    """Of each acknowledgement."""
    waited: list[float] = field(default_factory=list)
    """Seconds from the first press until it was acknowledged."""
    refused: int = 0
    is_down: bool = False
    """The database server is dead."""
    lies: int = 0
    """Acknowledgements while it was."""
    restarts: list[float] = field(default_factory=list)

    async def press_all(self, wanted: list[Wanted]) -> None:
        """So many a second, each until it is acknowledged."""
        loop = asyncio.get_running_loop()
        begin, pressing = loop.time(), []
        for number, answer in enumerate(wanted):
            await asyncio.sleep(max(0.0, begin + number / RATE - loop.time()))
            pressing.append(asyncio.create_task(self._press(answer, 1 + number % 5)))
        await asyncio.gather(*pressing)

    async def _press(self, wanted: Wanted, value: int) -> None:
        round, item, user = wanted
        payload = {**list_buttons(self.question)[0].payload, "value": f"a|{round}|{item}|{value}"}
        sent = self.testbed.hand.click_payload(user, self.question, payload)
        waits, loop, chance = iter(LADDER), asyncio.get_running_loop(), random.Random(str(wanted))
        begin = loop.time()
        while True:
            began_down = self.is_down
            answer = await self.testbed.hand.interact(sent)
            if answer.status == 200 and answer.seconds < LIMIT:
                self.lies += began_down and self.is_down
                self.seconds.append(answer.seconds)
                self.waited.append(loop.time() - begin)
                self.taken[wanted] = value
                return
            self.refused += 1
            await asyncio.sleep(next(waits, chance.uniform(*AGAIN)))

    async def come_to(self, count: float) -> None:
        """Wait until so many are acknowledged."""
        while len(self.taken) < count:
            await asyncio.sleep(0.01)

    async def kill_the_bot(self, times: int, wanted: int) -> None:
        """All through the answers, however long they take."""
        for number in range(times):
            await self.come_to(wanted * (number + 0.5) / times)
            await self.testbed.bot.kill()
            self.restarts.append(await self._begin_again())

    async def _begin_again(self) -> float:
        """As an init system does: it ends where there is no database, and is started again."""
        while True:
            try:
                return await self.testbed.bot.start()
            except AssertionError:
                await asyncio.sleep(0.5)

    async def kill_the_server(self, killed: Server, times: int, wanted: int) -> None:
        for number in range(times):
            await self.come_to(wanted * (number + 0.7) / times)
            await asyncio.to_thread(killed.kill)
            self.is_down = True
            await asyncio.sleep(1.0)
            self.is_down = False
            await asyncio.to_thread(killed.start)


@contextmanager
def database(kind: Kind, folder: Path) -> Iterator[tuple[str, Server | None]]:
    if kind == "sqlite":
        with fresh(kind, folder) as url:
            yield url, None
    else:
        with server() as killed:
            storage.migrate(killed.url)
            yield killed.url, killed


@asynccontextmanager
async def asked(folder: Path, url: str) -> AsyncIterator[tuple[Load, list[Wanted]]]:
    """Two hundred members, with every round open."""
    async with start_slack_testbed(folder, url, people=PEOPLE) as testbed:
        more = (
            f'[[alliance.pulse]]\nkey = "p{n}"\ndays = ["tue"]\ntime = "09:00"\n' for n in range(1, ROUNDS)
        )
        (folder / "alliance.toml").write_text(ALLIANCE + "\n".join(more))
        began = await testbed.bot.start()
        await testbed.bot.command("apply", "alliance.toml")
        testbed.clock.move_to(FIRST_SLOT)
        store = testbed.store()
        async with asyncio.timeout(60):
            while len(rounds := await store.rounds.list_open(KEY, FIRST_SLOT)) < ROUNDS:
                await asyncio.sleep(0.1)
        await store.aclose()
        question = await testbed.question(0)
        wanted = [
            (asked_round.id, question.id, user)
            for asked_round in rounds
            for question in asked_round.items
            for user in testbed.people
            if question.kind != "open"
        ]
        yield Load(testbed, question, began), wanted


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_what_was_acknowledged_is_stored_once(tmp_path: Path, kind: Kind) -> None:
    with database(kind, tmp_path) as (url, killed):
        async with asked(tmp_path, url) as (load, wanted):
            async with asyncio.TaskGroup() as trouble:
                trouble.create_task(load.kill_the_bot(KILLS, len(wanted)))
                if killed:
                    trouble.create_task(load.kill_the_server(killed, CRASHES, len(wanted)))
                await load.press_all(wanted)
            _tell(kind, load)
            assert load.taken.keys() == set(wanted)
            assert await _stored(load.testbed, {answer[0] for answer in wanted}) == load.taken
            assert _is_intact(url), "the database is damaged"
            assert load.lies == 0, "acknowledged while there was no database"
            assert len(load.restarts) == KILLS
            assert _percentile(load.seconds, 0.99) < _slowest(load)


def _slowest(load: Load) -> float:
    """Seconds that 99 of 100 acknowledgements may take: one, or so much longer as the start took on a busy machine,
    and never as long as Slack's own limit, above which nothing is acknowledged anyway.
    """
    return 1.0 if FULL else min(max(1.0, load.began / READY), 0.8 * LIMIT)


def _tell(kind: str, load: Load) -> None:
    print(
        f"{kind}: {len(load.taken)} acknowledged, {load.refused} presses were not, {len(load.restarts)} kills, "
        f"p50 {_percentile(load.seconds, 0.5):.3f} p99 {_percentile(load.seconds, 0.99):.3f} "
        f"max {max(load.seconds):.3f} s; waited in all p50 {_percentile(load.waited, 0.5):.3f} "
        f"p99 {_percentile(load.waited, 0.99):.1f} s; start to ready {statistics.median(load.restarts):.2f} s (median)"
    )


def _percentile(times: list[float], part: float) -> float:
    return sorted(times)[int(len(times) * part)]


async def _stored(testbed: SlackTestbed, rounds: set[str]) -> dict[Wanted, int]:
    store: Any = testbed.store()
    found: dict[Wanted, int] = {}
    for user in testbed.people:
        person = make_pseudonym(PSEUDONYM_SECRET.encode(), KEY, Member("slack", user), "answer")
        for round in rounds:
            own = await store.answers.list_own(round, person)
            found |= {(round, answer, user): value for answer, value in own.items()}
    await store.aclose()
    return found


def _is_intact(url: str) -> bool:
    if not url.startswith("sqlite"):
        return True
    with sqlite.connect(url.removeprefix("sqlite:///")) as connection:
        told = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    return bool(told == [("ok",)])
