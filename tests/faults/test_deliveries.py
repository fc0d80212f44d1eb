"""Workers are killed and frozen while Slack misbehaves: all stands in its place once, or is listed as unknown."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

import storage
from bot.model.alliance import Channel
from bot.model.cards import Card, Text
from bot.model.delivery import Delivery, DeliveryState
from tests.databases import Kind, fresh
from tests.far.slack import FarSlack, serving
from tests.far.slack_state import SCOPES, Room, two_companies
from tests.faults.scale import scaled
from tests.slow.process import BotProcess
from tests.slow.slack_testbed import HOST, LEASE, SETTLE, settings_for

CARD = Card("Northwind × Meridian: pulse of 24 Nov", (Text("How do we work together?"),))
MIX = {"429": 3, "reset_before": 2, "reset_after": 2, "hang_after": 2, "late": 1, "503": 2}
"""Per cent of posts that go wrong, and how."""
SEND_TIMEOUT = 1
ROOMS, WORKSPACES = 250, 50
"""One token serves all workspaces: what is paced for each of them then goes faster."""
PATIENCE = 240.0
ON_ITS_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(slots=True)
class Yard:
    """Workers on one database, and a Slack that misbehaves."""

    far: FarSlack
    store: storage.DatabaseStore
    workers: list[BotProcess]
    chance: random.Random
    enqueued: int = 0
    kills: int = 0
    frozen: BotProcess | None = None
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    faults: Counter[str] = field(default_factory=Counter)

    def fault(self, method: str) -> tuple[str, float] | None:
        if method != "chat.postMessage":
            return None
        drawn = self.chance.random() * 100
        for kind, share in MIX.items():
            if drawn < share:
                self.faults[kind] += 1
                return kind, {"late": SEND_TIMEOUT + 1.5, "429": 1}.get(kind, 3.0)
            drawn -= share
        return None

    async def enqueue(self, count: int) -> None:
        numbers = range(self.enqueued, self.enqueued + count)
        self.enqueued += count
        rooms = [Channel("slack", f"T{n % WORKSPACES}", f"C0ROOM{n % ROOMS}") for n in range(ROOMS)]
        await self.store.outbox.enqueue([Delivery(f"d{n}", "north", rooms[n % ROOMS], CARD) for n in numbers])

    async def kill_one(self) -> None:
        async with self.starting:
            worker = self.chance.choice(
                [candidate for candidate in self.workers if candidate is not self.frozen]
            )
            await worker.kill()
            self.kills += 1
            await worker.start()

    async def freeze_one(self) -> None:
        """Longer than its lease and the settle time, in the middle of whatever it does."""
        await asyncio.sleep(3)
        async with self.starting:
            running = ((worker, worker.process) for worker in self.workers if worker.process)
            self.frozen, process = next(candidate for candidate in running if candidate[1].returncode is None)
            process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(LEASE + SETTLE + 3)
        process.send_signal(signal.SIGCONT)
        self.frozen = None

    async def supervise(self) -> None:
        """As an init system does: what ended by itself (the database was busy when it began) is started again."""
        while True:
            await asyncio.sleep(1.0)
            async with self.starting:
                for worker in self.workers:
                    if worker.process and worker.process.returncode is not None:
                        await worker.start()

    async def none_left(self, *states: DeliveryState) -> None:
        """Wait until no delivery is in these states."""
        for _ in range(int(PATIENCE / 0.2)):
            left = [status for state in states for status in await self.store.outbox.list_statuses(state, 3)]
            if not left:
                return
            await asyncio.sleep(0.2)
        running = [
            worker.process is not None and worker.process.returncode is None for worker in self.workers
        ]
        raise AssertionError(
            f"still to be sent: {left}; workers running: {running}; {self.workers[0].log[-2000:]}"
        )

    def standing(self) -> Counter[str]:
        """How often each delivery stands in Slack."""
        posted = (
            message for room in self.far.state.rooms.values() for message in room.messages if message.metadata
        )
        return Counter(str((message.metadata or {})["event_payload"]["delivery"]) for message in posted)

    async def states(self) -> dict[str, DeliveryState]:
        return {status.id: status.state for status in await self.store.outbox.list_statuses(None, 10_000)}

    async def unknown(self) -> set[str]:
        return {id for id, state in (await self.states()).items() if state is DeliveryState.UNKNOWN}


@asynccontextmanager
async def yard(folder: Path, url: str, workers: int, seed: int = 5) -> AsyncIterator[Yard]:
    key = storage.make_key()
    state = two_companies(time.time, 2)
    bot = state.workspaces[HOST].bot_user
    state.rooms |= {f"C0ROOM{n}": Room(f"C0ROOM{n}", f"room-{n}", HOST, [bot]) for n in range(ROOMS)}
    async with serving(state) as far:
        given = settings_for(far, key, url) | {
            "PULSE_SLACK__WORKSPACE": "",
            "PULSE_SCHEDULE__SEND_TIMEOUT": str(SEND_TIMEOUT),
            "PULSE_SCHEDULE__TICK_SECONDS": "0.5",
        }
        made = [BotProcess(folder, given, role="worker") for _ in range(workers)]
        opened = Yard(far, storage.open_store(url, [key]), made, random.Random(seed))
        far.mix = opened.fault
        await asyncio.gather(*(candidate.start() for candidate in made))
        supervising = asyncio.create_task(opened.supervise())
        try:
            yield opened
        finally:
            supervising.cancel()
            await asyncio.gather(*(candidate.kill() for candidate in made))
            await opened.store.aclose()


async def trouble(made: Yard, deliveries: int, kills: int, frozen: bool) -> None:
    """That many deliveries come in, a few at a time, while workers die at random moments and one is frozen."""
    freezing = asyncio.create_task(made.freeze_one()) if frozen else None
    while made.kills < kills:
        await made.enqueue(min(deliveries - made.enqueued, deliveries // kills + 1))
        await asyncio.sleep(made.chance.uniform(0.5, 2.0))
        await made.kill_one()
    await made.enqueue(deliveries - made.enqueued)
    if freezing:
        await freezing


CASES = [("postgres", 3, *scaled((300, 15), (1000, 45))), ("sqlite", 2, *scaled((150, 8), (500, 20)))]


@pytest.mark.parametrize(("kind", "workers", "deliveries", "kills"), CASES)
async def test_with_look_up_everything_stands_once(
    tmp_path: Path, kind: Kind, workers: int, deliveries: int, kills: int
) -> None:
    with fresh(kind, tmp_path) as url:
        async with yard(tmp_path, url, workers) as made:
            await trouble(made, deliveries, kills, frozen=True)
            await made.none_left(*ON_ITS_WAY, DeliveryState.UNKNOWN)
            await asyncio.sleep(SEND_TIMEOUT + 2)
            standing, states = made.standing(), await made.states()
            print(f"{kind}: {made.kills} kills, faults {dict(made.faults)}, {sum(standing.values())} posted")
            assert len(states) == deliveries
            assert set(states.values()) == {DeliveryState.SENT}
            assert standing == dict.fromkeys(states, 1)
            assert sum(made.faults.values()) > deliveries // 20


async def test_without_look_up_nothing_stands_twice_and_the_rest_is_listed(tmp_path: Path) -> None:
    deliveries, kills = scaled((300, 15), (1000, 45))
    with fresh("postgres", tmp_path) as url:
        async with yard(tmp_path, url, 3) as made:
            workspace = made.far.state.workspaces[HOST]
            workspace.scopes = SCOPES - {"channels:history", "groups:history"}
            await trouble(made, deliveries, kills, frozen=True)
            await made.none_left(*ON_ITS_WAY)
            await asyncio.sleep(SEND_TIMEOUT + 2)
            standing, states = made.standing(), await made.states()
            unknown = await made.unknown()
            print(f"{made.kills} kills, faults {dict(made.faults)}, {len(unknown)} unknown")
            assert len(states) == deliveries
            assert set(states.values()) == {DeliveryState.SENT, DeliveryState.UNKNOWN}
            assert max(standing.values()) == 1
            assert all(standing[id] == 1 for id in states.keys() - unknown)
            await _decided_by_an_operator(made, unknown)


async def _decided_by_an_operator(made: Yard, unknown: set[str]) -> None:
    """Who looks in the channels and says what stands there ends with each standing once.

    What is sent again may be unknown again, where Slack is slow at that moment too: then they look once more.
    """
    made.far.mix = None
    while unknown:
        standing = made.standing()
        for id in unknown:
            assert await made.store.outbox.resolve(id, is_sent=bool(standing[id]), now=datetime.now(UTC))
        await made.none_left(*ON_ITS_WAY)
        await asyncio.sleep(SEND_TIMEOUT + 2)
        unknown = await made.unknown()
    assert made.standing() == dict.fromkeys(await made.states(), 1)
