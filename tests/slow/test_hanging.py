"""A channel, or a whole workspace, in which Slack never answers a post: nobody else waits for it."""

import asyncio
from pathlib import Path

import pytest

import storage
from bot.app.clock import Clock
from bot.app.settings import load
from bot.app.wiring import assembled
from bot.app.worker import Pulsebeat, working
from bot.cards import Card, Text
from bot.model import Channel
from bot.outbox import Delivery, DeliveryState
from tests.databases import fresh
from tests.far.slack import Limits, serving
from tests.slow.fleet import fleet_settings, installed, many_channels

CARD = Card("Northwind × Meridian: pulse of 24 Nov", (Text("How do we work together?"),))
CHANNELS = 240
SOON = 8.0
"""Seconds, less than the ten after which a post that is not answered is given up."""


def delivery(channel: str, workspace: str, number: int = 0) -> Delivery:
    return Delivery(f"{channel}:{number}", "north", Channel("slack", workspace, channel), CARD)


@pytest.mark.parametrize(
    ("hanging", "in_time"),
    [
        pytest.param(1, 20, id="one channel, with several waiting for it; its workspace goes on"),
        pytest.param(CHANNELS // 2, 0, id="a whole workspace, with more channels than a worker has hands"),
    ],
)
async def test_what_hangs_holds_up_nobody_else(tmp_path: Path, hanging: int, in_time: int) -> None:
    """`in_time`: channels of the workspace where something hangs that are to be written to meanwhile, too."""
    state = many_channels(CHANNELS, workspaces=2)
    rooms = {
        one: [id for id, room in state.rooms.items() if room.host == one] for one in ("T0HOST0", "T0HOST1")
    }
    stuck, going_on = rooms["T0HOST0"][:hanging], rooms["T0HOST0"][hanging : hanging + in_time]
    wanted = [delivery(id, "T0HOST0", number) for id in stuck for number in range(3)]
    wanted += [delivery(id, "T0HOST0") for id in going_on]
    wanted += [delivery(id, "T0HOST1") for id in rooms["T0HOST1"][:20]]
    with fresh("sqlite", tmp_path) as url:
        async with serving(state, Limits(per_channel=True, tiers=True)) as far:
            far.hanging |= set(stuck)
            settings = load(None, fleet_settings(far, url, storage.new_key()))
            async with assembled(settings, Clock()) as bot:
                await installed(bot.store, state)
                await bot.store.outbox.enqueue(wanted)
                async with working(bot, Pulsebeat(0.5)):
                    free = [*going_on, *rooms["T0HOST1"][:20]]
                    async with asyncio.timeout(SOON):
                        while not all(state.rooms[id].messages for id in free):
                            await asyncio.sleep(0.05)
                    sending = await bot.store.outbox.statuses(DeliveryState.SENDING, 1000)
                    assert len(sending) >= min(hanging, 20), "they still hang"
        assert not any(state.rooms[id].messages for id in stuck)
