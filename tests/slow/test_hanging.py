"""A channel, a whole workspace, or several of them, in which Slack never answers a post: nobody else waits for it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import storage
from bot.app.config.load import load
from bot.app.runtime.clock import Clock
from bot.app.runtime.worker import Pulsebeat, working
from bot.app.wiring import assembled
from bot.model.alliance import Channel
from bot.model.cards import Card, Text
from bot.model.delivery import Delivery, DeliveryState
from tests.databases import fresh
from tests.far.slack import Limits, serving
from tests.far.slack_state import State
from tests.slow.fleet import fleet_settings, installed, many_channels

CARD = Card("Northwind × Meridian: pulse of 24 Nov", (Text("How do we work together?"),))
CHANNELS = 120
"""Of each workspace: more than a worker has hands for one."""
SOON = 8.0
"""Seconds, less than the ten after which a post that is not answered is given up."""


@dataclass(slots=True)
class Worker:
    state: State
    store: storage.DatabaseStore

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

    async def sending(self) -> int:
        return len(await self.store.outbox.statuses(DeliveryState.SENDING, 1000))


@asynccontextmanager
async def worker(folder: Path, workspaces: int, hanging: Sequence[int]) -> AsyncIterator[Worker]:
    """On a Slack where of each workspace so many channels never answer."""
    state = many_channels(CHANNELS * workspaces, workspaces)
    with fresh("sqlite", folder) as url:
        async with serving(state, Limits(per_channel=True, tiers=True)) as far:
            settings = load(None, fleet_settings(far, url, storage.new_key()))
            async with assembled(settings, Clock()) as bot:
                await installed(bot.store, state)
                made = Worker(state, bot.store)
                for workspace, count in enumerate(hanging):
                    far.hanging |= set(made.rooms(workspace)[:count])
                async with working(bot, Pulsebeat(0.5)):
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


async def test_workspaces_that_hang_have_taken_all_they_can_get_and_another_is_served(tmp_path: Path) -> None:
    async with worker(tmp_path, 4, [CHANNELS] * 3) as made:
        for workspace in range(3):
            await made.enqueue(made.rooms(workspace), 3)
        held = -1
        while held < await made.sending():
            held = await made.sending()
            await asyncio.sleep(3)
        free = made.rooms(3)[:20]
        await made.enqueue(free)
        await made.written_to(free, SOON)
        assert await made.sending() >= 30, "they still hang"
