"""A channel, a whole workspace, or several of them, in which Slack never answers a post: nobody else waits for it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import storage
from bot.app.clock.clock import Clock
from bot.app.config.load import load_settings
from bot.app.runtime.worker import TickMonitor, run_worker
from bot.app.wiring import assemble_bot
from bot.model.alliance import Channel
from bot.model.cards import Card, Text
from bot.model.delivery import Delivery, DeliveryState
from tests.databases import fresh
from tests.far.slack import FarSlack, Limits, serving
from tests.far.slack_state import State
from tests.slow.fleet import alliance_in, fleet_settings, installed, many_channels

CARD = Card("Northwind × Meridian: pulse of 24 Nov", (Text("How do we work together?"),))
CHANNELS = 120
"""Of each workspace: more than a worker has hands for one."""
SOON = 8.0
"""Seconds, less than the ten after which a post that is not answered is given up."""
ASKED = 4.0
"""Seconds from an alliance's time to its question, with half a second from tick to tick."""


@dataclass(slots=True)
class Worker:
    state: State
    store: storage.DatabaseStore
    far: FarSlack

    def rooms(self, workspace: int) -> list[str]:
        return [id for id, room in self.state.rooms.items() if room.host == f"T0HOST{workspace}"]

    async def enqueue(self, channels: Iterable[str], each: int = 1) -> None:
        await self.store.outbox.enqueue(
            [delivery(id, self.state.rooms[id].host, number) for id in channels for number in range(each)]
        )

    async def written_to(self, channels: Sequence[str], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not all(self.state.rooms[id].messages for id in channels):
                await asyncio.sleep(0.05)

    async def is_enrolled(self, alliance: str) -> bool:
        rounds = await self.store.rounds.list_open(alliance, datetime.now(UTC))
        return (
            bool(rounds) and sum((await self.store.rounds.count_turnout(rounds[-1].id)).invited.values()) > 0
        )

    async def sending(self) -> int:
        return len(await self.store.outbox.list_statuses(DeliveryState.SENDING, 1000))


@asynccontextmanager
async def worker(
    folder: Path, workspaces: int, hanging: Sequence[int], schedule: Mapping[str, str] | None = None
) -> AsyncIterator[Worker]:
    """On a Slack where of each workspace so many channels never answer."""
    state = many_channels(CHANNELS * workspaces, workspaces)
    with fresh("sqlite", folder) as url:
        async with serving(state, Limits(per_channel=True, tiers=True)) as far:
            settings = load_settings(None, fleet_settings(far, url, storage.make_key()) | (schedule or {}))
            async with assemble_bot(settings, Clock()) as bot:
                await installed(bot.store, state)
                made = Worker(state, bot.store, far)
                for workspace, count in enumerate(hanging):
                    far.hanging |= set(made.rooms(workspace)[:count])
                async with run_worker(bot, TickMonitor(0.5)):
                    yield made
        assert not any(state.rooms[id].messages for id in far.hanging)


def delivery(channel: str, workspace: str, number: int = 0) -> Delivery:
    return Delivery(f"{channel}:{number}", "north", Channel("slack", workspace, channel), CARD)


@pytest.mark.parametrize(
    ("hanging", "in_time"),
    [
        pytest.param(1, 20, id="one channel, with several waiting for it; its workspace goes on"),
        pytest.param(CHANNELS, 0, id="a whole workspace, with more channels than a worker has hands for one"),
    ],
)
async def test_what_hangs_holds_up_nobody_else(tmp_path: Path, hanging: int, in_time: int) -> None:
    """`in_time`: channels of the workspace where something hangs that are to be written to meanwhile, too."""
    async with worker(tmp_path, 2, [hanging]) as made:
        stuck, going_on = made.rooms(0)[:hanging], made.rooms(0)[hanging : hanging + in_time]
        free = [*going_on, *made.rooms(1)[:20]]
        await made.enqueue(stuck, 3)
        await made.enqueue(free)
        await made.written_to(free, SOON)
        assert await made.sending() >= min(hanging, 10), "they still hang"


@pytest.mark.parametrize("hanging", [3, 12])
async def test_workspaces_that_hang_have_taken_all_they_can_get_and_another_is_served(
    tmp_path: Path, hanging: int
) -> None:
    async with worker(tmp_path, hanging + 1, [CHANNELS] * hanging) as made:
        for workspace in range(hanging):
            await made.enqueue(made.rooms(workspace), 3)
        held = -1
        while held < await made.sending():
            held = await made.sending()
            await asyncio.sleep(3)
        free = made.rooms(hanging)[:20]
        await made.enqueue(free)
        await made.written_to(free, SOON)
        assert await made.sending() >= 30, "they still hang"


async def test_nobody_is_asked_late_because_workspaces_do_not_say_who_is_there_or_what_was_posted(
    tmp_path: Path,
) -> None:
    """Rosters and look-ups of three workspaces hang; those of a fourth are asked and enrolled as they become due."""
    soon = {"PULSE_SCHEDULE__SEND_TIMEOUT": "1", "PULSE_SCHEDULE__SETTLE_SECONDS": "3"}
    async with worker(tmp_path, 4, [], soon) as made:
        made.far.asleep |= {f"T0HOST{number}" for number in range(3)}
        stuck = [made.state.rooms[id] for number in range(3) for id in made.rooms(number)[:40]]
        await made.store.alliances.declare([alliance_in(room) for room in stuck])
        await asyncio.sleep(8)
        late = []
        for id in made.rooms(3)[:8]:
            began = asyncio.get_running_loop().time()
            await made.store.alliances.declare([alliance_in(made.state.rooms[id])])
            await made.written_to([id], 40)
            late.append(asyncio.get_running_loop().time() - began)
        print(f"asked after {max(late):.2f} s at most")
        assert max(late) < ASKED
        keys = [f"alliance-{id.lower()}" for id in made.rooms(3)[:8]]
        async with asyncio.timeout(SOON):
            while not all([await made.is_enrolled(key) for key in keys]):
                await asyncio.sleep(0.1)
        assert not [message for room in stuck for message in room.messages]
