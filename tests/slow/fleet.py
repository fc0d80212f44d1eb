"""Many channels in several workspaces on a Slack that keeps its limits, and one `pulse run` for all of them.

    fleet = await fan_out(folder, channels=500, workspaces=5)

Every channel is another alliance's. They are declared beside the running bot, all at once, and all their pulses are
due at that moment.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp
from slack_sdk.oauth.installation_store import Bot

import storage
from adapters.slack.installations import written
from bot.model import Alliance, Channel, Organisation, Pulse
from tests.far.slack import FarSlack, Limits, serving
from tests.far.slack_hand import Hand
from tests.far.slack_methods import METHODS
from tests.far.slack_state import Posted, Room, State, User, Workspace, install
from tests.slow.process import BotProcess
from tests.slow.stage import PSEUDONYM_SECRET, SIGNING_SECRET, buttons

PEOPLE = 6
"""Of each company, in every channel of their workspace."""
PATIENCE = 300.0
"""Seconds in which all has to be over."""


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
    fleet = Fleet(channels, workspaces, Limits(per_channel=True, tiers=True))
    state = many_channels(channels, workspaces)
    url, key = f"sqlite:///{folder}/fleet.sqlite3", storage.new_key()
    async with serving(state, fleet.limits) as far, aiohttp.ClientSession() as session:
        bot = BotProcess(folder, fleet_settings(far, url, key))
        try:
            await bot.start()
            hand = Hand(far, session, f"{bot.url}/slack/events", SIGNING_SECRET)
            await _answered_everywhere(fleet, hand, await _begin(state, url, key))
            await asyncio.sleep(2)  # whatever comes twice comes now
        finally:
            await bot.kill()
        posted = [[one for one in room.messages if one.bot_id] for room in _joint(state)]
        fleet.lost = sum(not found for found in posted)
        fleet.doubled = sum(len(found) > 1 for found in posted)
        fleet.limited = far.statuses["429 chat.postMessage"]
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
    """One of each company answers one item, as soon as they have read it."""
    pressed, haste = buttons(question)[3].payload, random.Random(room.id)
    for user in (room.members[0], room.members[-1]):
        await asyncio.sleep(haste.uniform(0.2, 4))
        answer = await hand.press(user, question, pressed)
        fleet.acknowledged.append(answer.seconds)
        fleet.refused += answer.status != 200


def _joint(state: State) -> Iterator[Room]:
    return (room for room in state.rooms.values() if not room.is_im)


def many_channels(channels: int, workspaces: int) -> State:
    """`C0000` … in turn of `T0HOST0`, `T0HOST1` …, each shared with another company of its own."""
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


async def installed(store: storage.DatabaseStore, state: State) -> None:
    """Let every workspace that has a token have installed the bot."""
    for one in state.workspaces.values():
        if one.token:
            kept = Bot(
                team_id=one.id,
                bot_token=one.token,
                bot_id=one.bot_id,
                bot_user_id=one.bot_user,
                installed_at=0.0,
            )
            await store.installations.keep(one.id, written(kept), None)


async def _begin(state: State, url: str, key: str) -> float:
    """Let every workspace have installed the bot, and declare the alliances; when, in seconds since 1970."""
    store = storage.open_store(url, [key], PSEUDONYM_SECRET.encode())
    await installed(store, state)
    alliances = [_alliance(room) for room in _joint(state)]
    await store.declare(alliances)
    begun = time.time()
    await store.aclose()
    return begun


def _alliance(room: Room) -> Alliance:
    return Alliance(
        key=f"alliance-{room.id.lower()}",
        name=f"Alliance {room.id}",
        timezone="UTC",
        sponsor=Organisation("Host", frozenset({("slack", room.host)})),
        cro=Organisation("Other", frozenset({("slack", room.host.replace("HOST", "OTHER"))})),
        channels=(Channel("slack", room.host, room.id),),
        pulses=(Pulse("daily", frozenset(range(7)), datetime.min.time()),),
    )


def fleet_settings(far: FarSlack, url: str, key: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "PULSE_PRIVACY__SECRET": PSEUDONYM_SECRET,
        "PULSE_PRIVACY__ENCRYPTION_KEYS": key,
        "PULSE_SCHEDULE__CATCHUP_HOURS": "48",
        "PULSE_SCHEDULE__TICK_SECONDS": "0.5",
        "PULSE_SLACK__API_URL": far.api_url,
        "PULSE_SLACK__SIGNING_SECRET": SIGNING_SECRET,
        "PULSE_SLACK__CLIENT_ID": "1.2",
        "PULSE_SLACK__CLIENT_SECRET": "secret",
        "PULSE_WEB__PUBLIC_URL": "https://pulse.example.com",
    }
