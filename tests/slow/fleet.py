"""Many channels in several workspaces on a Slack that keeps its limits, and one bot for all of them.

    figures = await fan_out(folder, channels=500, workspaces=5)

The bot is a process of its own (`python -m tests.slow.fleet`), put together as `pulse run` is, with a token for each
workspace. Every channel is another alliance's; all their pulses are due at the same moment.
"""

import asyncio
import json
import os
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

import storage
from adapters.slack.api import Api
from adapters.slack.people import People
from adapters.slack.platform import SlackPlatform
from adapters.slack.show import Shower
from adapters.slack.webhook import Door, routes
from bot.app.settings import load
from bot.app.web import application
from bot.app.wiring import opened
from bot.app.worker import Pulsebeat, working
from bot.model import Alliance, Channel, Organisation, Pulse
from tests.far.slack import FarSlack, Limits, serving
from tests.far.slack_hand import Hand
from tests.far.slack_methods import METHODS
from tests.far.slack_state import Posted, Room, State, User, Workspace, install
from tests.slow.process import free_port
from tests.slow.stage import PSEUDONYM_SECRET, SIGNING_SECRET, buttons

PEOPLE = 6
"""Of each company, in every channel of their workspace."""
PATIENCE = 300.0


@dataclass(slots=True)
class Fleet:
    """What happened. Times in seconds."""

    channels: int
    workspaces: int
    limits: Limits
    took: float = 0.0
    lost: int = 0
    doubled: int = 0
    limited: int = 0
    """Calls that Slack refused with 429."""
    acknowledged: list[float] = field(default_factory=list)
    refused: int = 0
    kept: int = 0
    """Answers in the database."""

    @property
    def allowed(self) -> float:
        """The least time in which Slack would take one message for every channel."""
        each = -(-self.channels // self.workspaces)
        return (each - self.limits.leap) / (METHODS["chat.postMessage"][2] / 60)

    @property
    def slowest(self) -> float:
        """p99 of the acknowledgements."""
        return sorted(self.acknowledged)[int(len(self.acknowledged) * 0.99)]


async def fan_out(folder: Path, channels: int, workspaces: int) -> Fleet:
    """Ask in all channels at once while people answer what has arrived."""
    limits = Limits(per_channel=True, tiers=True)
    fleet = Fleet(channels, workspaces, limits)
    state = _state(channels, workspaces)
    url, key = f"sqlite:///{folder}/fleet.sqlite3", storage.new_key()
    await _declare(url, key, channels, workspaces)
    async with serving(state, limits) as far, aiohttp.ClientSession() as session:
        port = free_port()
        hand = Hand(far, session, f"http://127.0.0.1:{port}/slack/events", SIGNING_SECRET)
        async with _bot(far, url, key, port) as began:
            await _answered_everywhere(fleet, hand, began)
            await asyncio.sleep(2)  # whatever comes twice comes now
        posted = [[one for one in room.messages if one.bot_id] for room in _joint(state)]
        fleet.lost = sum(not found for found in posted)
        fleet.doubled = sum(len(found) > 1 for found in posted)
        fleet.limited = far.statuses["429"]
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        (fleet.kept,) = database.execute("SELECT count(*) FROM answer").fetchone()
    database.close()
    return fleet


async def _answered_everywhere(fleet: Fleet, hand: Hand, began: float) -> None:
    waiting, clicks = set(hand.state.rooms), set[asyncio.Task[None]]()
    joint = {room.id: room for room in _joint(hand.state)}
    waiting &= joint.keys()
    async with asyncio.timeout(PATIENCE):
        while waiting:
            for room in [joint[id] for id in waiting if joint[id].messages]:
                waiting.discard(room.id)
                fleet.took = time.time() - began
                clicks.add(asyncio.create_task(_answer(fleet, hand, room, room.messages[0])))
            await asyncio.sleep(0.01)
        await asyncio.gather(*clicks)


async def _answer(fleet: Fleet, hand: Hand, room: Room, question: Posted) -> None:
    """One of each company answers one item."""
    pressed = buttons(question)[3].payload
    for user in (room.members[0], room.members[-1]):
        answer = await hand.press(user, question, pressed)
        fleet.acknowledged.append(answer.seconds)
        fleet.refused += answer.status != 200


def _joint(state: State) -> Iterator[Room]:
    return (room for room in state.rooms.values() if not room.is_im)


def _state(channels: int, workspaces: int) -> State:
    state = State(time.time)
    for host in range(workspaces):
        ours, other = f"T0HOST{host}", f"T0OTHER{host}"
        for team in (ours, other):
            state.workspaces[team] = Workspace(team, team)
            state.users |= {f"U{team}{one}": User(f"U{team}{one}", team) for one in range(PEOPLE)}
        install(state, ours)
    for number in range(channels):
        ours, other = f"T0HOST{number % workspaces}", f"T0OTHER{number % workspaces}"
        people = [f"U{team}{one}" for team in (ours, other) for one in range(PEOPLE)]
        members = [people[0], state.workspaces[ours].bot_user, *people[1:]]
        state.rooms[f"C{number:04d}"] = Room(f"C{number:04d}", f"joint-{number}", ours, members)
    return state


async def _declare(url: str, key: str, channels: int, workspaces: int) -> None:
    storage.migrate(url)
    store = storage.open_store(url, [key])
    every_day = Pulse("daily", frozenset(range(7)), datetime.min.time())
    await store.declare(
        [
            Alliance(
                key=f"alliance-{number:04d}",
                name=f"Alliance {number}",
                timezone="UTC",
                sponsor=Organisation("Host", frozenset({("slack", f"T0HOST{number % workspaces}")})),
                cro=Organisation("Other", frozenset({("slack", f"T0OTHER{number % workspaces}")})),
                channels=(Channel("slack", f"T0HOST{number % workspaces}", f"C{number:04d}"),),
                pulses=(every_day,),
            )
            for number in range(channels)
        ]
    )
    await store.aclose()


@asynccontextmanager
async def _bot(far: FarSlack, url: str, key: str, port: int) -> AsyncIterator[float]:
    """Runs; when its first tick began, in seconds since 1970."""
    tokens = {one.id: one.token for one in far.state.workspaces.values() if one.token}
    settings = {
        "DATABASE_URL": url,
        "PULSE_PRIVACY__SECRET": PSEUDONYM_SECRET,
        "PULSE_PRIVACY__ENCRYPTION_KEYS": key,
        "PULSE_SCHEDULE__CATCHUP_HOURS": "48",
    }
    told = json.dumps({"port": port, "api_url": far.api_url, "tokens": tokens})
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.slow.fleet", told, env=os.environ | settings, stdout=PIPE
    )
    try:
        yield await _beginning(child)
    finally:
        child.kill()
        await child.wait()


async def _beginning(child: Process) -> float:
    assert child.stdout
    async with asyncio.timeout(PATIENCE):
        return float(await child.stdout.readline())


async def main(port: int, api_url: str, tokens: dict[str, str]) -> None:
    """The bot's process."""
    async with opened(load(None)) as core, aiohttp.ClientSession() as session:
        api = Api(session, lambda workspace: tokens.get(workspace, ""), api_url)
        people = People(api)
        platforms = {"slack": SlackPlatform(api, people)}
        bot = replace(core, platforms=platforms, ticker=replace(core.ticker, platforms=platforms))
        door = Door(bot.inbox, Shower(api), people, SIGNING_SECRET, bot.clock.now)
        runner = web.AppRunner(application(bot.store, None, routes(door)), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        print(datetime.now(UTC).timestamp(), flush=True)
        async with working(bot, Pulsebeat(5.0)):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
