"""Many channels in several workspaces on a Slack that keeps its limits, and one `pulse run` for all of them.

    fleet = await fan_out(folder, channels=500, workspaces=5)

With `workers=3` it is a web process and three workers, on PostgreSQL.
Every channel is another alliance's. They are declared beside the running bot, all at once, and all their pulses are
due at that moment.
"""

import asyncio
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp
from slack_sdk.oauth.installation_store import Bot
from sqlalchemy import text
from tqdm import tqdm

import storage
from adapters.slack.installations import serialise_bot
from bot.model.alliance import Alliance, Channel, Organisation, Pulse
from storage.engine.connect import open_engine
from tests.databases import fresh
from tests.far.slack import FarSlack, Limits, serving
from tests.far.slack_hand import Hand
from tests.far.slack_methods import METHODS
from tests.far.slack_state import Posted, Room, State, User, Workspace, install
from tests.slow.process import BotProcess, free_port
from tests.slow.slack_testbed import METRICS_TOKEN, PSEUDONYM_SECRET, SIGNING_SECRET, list_buttons

PEOPLE = 6
"""Of each company, in every channel of their workspace."""
PATIENCE = 900.0
"""Seconds in which all has to be over."""
DECLARED_AT_ONCE = 500


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
    shares: list[int] = field(default_factory=list)
    """What Slack answered to each worker."""

    @property
    def allowed(self) -> float:
        """The least time in which Slack would take one message for every channel."""
        each = -(-self.channels // self.workspaces)
        return (each - self.limits.leap) / (METHODS["chat.postMessage"][2] / 60)

    @property
    def slowest(self) -> float:
        """p99 of the acknowledgements."""
        return sorted(self.acknowledged)[int(len(self.acknowledged) * 0.99)]


async def fan_out(
    folder: Path, channels: int, workspaces: int, workers: int = 0, answering: float = 1.0
) -> Fleet:
    """Ask in all channels at once while in that share of them people answer what has arrived."""
    fleet = Fleet(channels, workspaces, Limits(per_channel=True, tiers=True))
    state, key = many_channels(channels, workspaces), storage.make_key()
    async with serving(state, fleet.limits) as far, aiohttp.ClientSession() as session:
        with fresh("postgres" if workers else "sqlite", folder) as url:
            bots = _processes(folder, fleet_settings(far, url, key), workers)
            try:
                await asyncio.gather(*(bot.start() for bot in bots))
                hand = Hand(far, session, f"{bots[0].url}/slack/events", SIGNING_SECRET)
                await _answered_everywhere(fleet, hand, await _begin(state, url, key), answering)
                await asyncio.sleep(2)  # whatever comes twice comes now
                fleet.shares = [await _share(session, bot) for bot in bots[1:]]
            finally:
                await asyncio.gather(*(bot.kill() for bot in bots))
            fleet.kept = _answers(url)
        posted = [[message for message in room.messages if message.bot_id] for room in _joint(state)]
        fleet.lost = sum(not found for found in posted)
        fleet.doubled = sum(len(found) > 1 for found in posted)
        fleet.limited = far.statuses["429 chat.postMessage"]
    return fleet


def _processes(folder: Path, settings: dict[str, str], workers: int) -> list[BotProcess]:
    """The first one listens to Slack; each worker tells its figures at a port of its own."""
    if not workers:
        return [BotProcess(folder, settings)]
    ports = [free_port() for _ in range(workers)]
    told = [settings | {"PULSE_WORKER__PORT": str(port)} for port in ports]
    made = [BotProcess(folder, bot, port, role="worker") for bot, port in zip(told, ports, strict=True)]
    return [BotProcess(folder, settings, role="web"), *made]


async def _share(session: aiohttp.ClientSession, worker: BotProcess) -> int:
    async with session.get(
        f"{worker.url}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}
    ) as answer:
        found = re.search(
            r'pulse_platform_answers_total{platform="slack",status="2xx"} (\d+)', await answer.text()
        )
    return int(found.group(1)) if found else 0


def _answers(url: str) -> int:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM answer")).scalar_one()
    engine.dispose()
    return int(found)


async def _answered_everywhere(fleet: Fleet, hand: Hand, began: float, answering: float) -> None:
    waiting, clicks = set(hand.state.rooms), set[asyncio.Task[None]]()
    joint = {room.id: room for room in _joint(hand.state)}
    waiting &= joint.keys()
    chance = random.Random(fleet.channels)
    progress = tqdm(total=len(waiting), desc="asked", leave=False, disable=len(waiting) < 1_000)
    async with asyncio.timeout(PATIENCE):
        while waiting:
            for room in [joint[id] for id in waiting if joint[id].messages]:
                waiting.discard(room.id)
                progress.update()
                fleet.took = time.time() - began
                if chance.random() < answering:
                    clicks.add(asyncio.create_task(_answer(fleet, hand, room, room.messages[0])))
            await asyncio.sleep(0.02)
        await asyncio.gather(*clicks)
    progress.close()


async def _answer(fleet: Fleet, hand: Hand, room: Room, question: Posted) -> None:
    """One of each company answers one item, as soon as they have read it."""
    pressed, haste = list_buttons(question)[3].payload, random.Random(room.id)
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
            state.users |= {f"U{team}{index}": User(f"U{team}{index}", team) for index in range(PEOPLE)}
        install(state, ours)
    for number in range(channels):
        ours, other = f"T0HOST{number % workspaces}", f"T0OTHER{number % workspaces}"
        people = [f"U{team}{index}" for team in (ours, other) for index in range(PEOPLE)]
        members = [people[0], state.workspaces[ours].bot_user, *people[1:]]
        state.rooms[f"C{number:04d}"] = Room(f"C{number:04d}", f"joint-{number}", ours, members)
    return state


async def installed(store: storage.DatabaseStore, state: State) -> None:
    """Let every workspace that has a token have installed the bot."""
    for workspace in state.workspaces.values():
        if workspace.token:
            kept = Bot(
                team_id=workspace.id,
                bot_token=workspace.token,
                bot_id=workspace.bot_id,
                bot_user_id=workspace.bot_user,
                installed_at=0.0,
            )
            await store.installations.keep(workspace.id, serialise_bot(kept), None)


async def _begin(state: State, url: str, key: str) -> float:
    """Let every workspace have installed the bot, and declare the alliances; when, in seconds since 1970."""
    store = storage.open_store(url, [key], PSEUDONYM_SECRET.encode())
    await installed(store, state)
    alliances = [alliance_in(room) for room in _joint(state)]
    begun = 0.0
    for first in range(0, len(alliances), DECLARED_AT_ONCE):
        await store.alliances.declare(alliances[first : first + DECLARED_AT_ONCE])
        begun = begun or time.time()
    await store.aclose()
    return begun


def alliance_in(room: Room) -> Alliance:
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
        "PULSE_SLACK__CLIENT_SECRET": "secret-of-the-app",
        "PULSE_WEB__PUBLIC_URL": "https://pulse.example.com",
        "PULSE_WEB__METRICS_TOKEN": METRICS_TOKEN,
    }
