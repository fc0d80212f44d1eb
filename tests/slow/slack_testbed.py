"""Run the bot as a process on a strict Slack, with two companies of twenty people and a clock that the test sets.

async with start_slack_testbed(folder, database_url) as testbed:
    await testbed.bot.start()
    …  # testbed.hand presses and writes, testbed.move_to(…) turns the clock
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp

import storage
from tests.far.blockkit import elements
from tests.far.slack import FarSlack, serving
from tests.far.slack_hand import Hand
from tests.far.slack_state import Posted, Room, State, two_companies
from tests.slow.process import PATIENCE, BotProcess

Json = dict[str, Any]

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
METRICS_TOKEN = "1c5f0f4e4c6d4b7f9e0a3d2b8a7c6e5d"
PSEUDONYM_SECRET = "thirty-two characters at the least, please"
HOST, OTHER = "T0NORTHWIND", "T0MERIDIAN"
SIDES = {HOST: "sponsor", OTHER: "cro"}
LEADS = {"sponsor": "U0ANNA", "cro": "U0BEN"}
KEY = "northwind-meridian"
NAME = "Northwind × Meridian"
FIRST_SLOT = datetime(2026, 1, 6, 8, 0, tzinfo=UTC)
"""Tuesday, 09:00 in Berlin."""
WEEK = timedelta(weeks=1)
OPEN = timedelta(hours=72)
UNTIL_DIGEST = timedelta(days=6)
"""From a slot to Monday 09:00, an hour after the digest is due."""
LEASE, SETTLE = 5, 5
"""Seconds: how long a dead worker's delivery is still held to be on its way, and then waits to be looked up."""

ALLIANCE = f"""
[[alliance]]
key = "{KEY}"
name = "{NAME}"
timezone = "Europe/Berlin"
threads = "all"
call_day = "tue"
[alliance.sponsor]
name = "Northwind Pharma"
slack = ["{HOST}"]
leads = [{{ platform = "slack", workspace = "{HOST}", user = "U0ANNA" }}]
[alliance.cro]
name = "Meridian CRO"
slack = ["{OTHER}"]
leads = [{{ platform = "slack", workspace = "{HOST}", user = "U0BEN" }}]
[[alliance.channel]]
platform = "slack"
workspace = "{HOST}"
address = "C0JOINT"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
items = 3
open_hours = 72
remind_hours = 24
"""


@dataclass(slots=True)
class Clock:
    """One time for the bot (by a file) and for Slack."""

    file: Path
    at: datetime = FIRST_SLOT - timedelta(hours=1)

    def __post_init__(self) -> None:
        self.move_to(self.at)

    def move_to(self, at: datetime) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(at.isoformat())
        fresh.replace(self.file)
        self.at = at

    def seconds(self) -> float:
        return self.at.timestamp()


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a question as it was posted."""

    item: str
    """Key of the item, as the bank has it."""
    prompt: str
    value: int | None
    payload: Json
    """As a click names it."""


@dataclass(slots=True)
class SlackTestbed:
    far: FarSlack
    hand: Hand
    bot: BotProcess
    clock: Clock
    encryption_key: str
    database_url: str
    people: dict[str, str] = field(default_factory=dict)
    """User → side."""

    @property
    def joint(self) -> Room:
        return self.far.state.rooms["C0JOINT"]

    def from_bot(self) -> list[Posted]:
        """What the bot posted in the joint channel, oldest first."""
        return [message for message in self.joint.messages if message.bot_id]

    def told(self, user: str) -> list[str]:
        """The direct messages of the bot to that person, as words."""
        room = self.far.state.im(self.far.state.workspaces[HOST], user)
        return [unescape(message.text) for message in room.messages if message.bot_id]

    def delivered(self, user: str) -> list[str]:
        """The ids of the deliveries that stand in that person's direct messages."""
        room = self.far.state.im(self.far.state.workspaces[HOST], user)
        marked = (message.metadata for message in room.messages if message.bot_id and message.metadata)
        return [metadata["event_payload"]["delivery"] for metadata in marked]

    async def until(self, so: Callable[[], bool], what: str) -> None:
        """Wait for something to be so at Slack."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not so():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{what}: did not happen; {self.bot.log[-3000:]}") from None

    async def question(self, number: int) -> Posted:
        """The question of round `number` (0, 1 …), once it stands in the channel."""
        await self.until(lambda: len(self.from_bot()) > number, f"question {number}")
        return self.from_bot()[number]

    async def closed(self, question: Posted) -> None:
        await self.until(lambda: not list_buttons(question), "the question says that it is closed")

    def store(self) -> storage.DatabaseStore:
        """The bot's own database; for looking only."""
        return storage.open_store(self.database_url, [self.encryption_key])


def list_buttons(posted: Posted) -> list[Button]:
    """The answers that a question offers."""
    found, prompt = [], ""
    for block in posted.blocks:
        if block["type"] == "section" and "text" in block:
            prompt = block["text"]["text"]
        for element in elements(block):
            match str(element.get("value", "")).split("|"):
                case ["a", _, item, value]:
                    payload = {**element, "block_id": block["block_id"]}
                    chosen = None if value == "-" else int(value)
                    found.append(Button(item.partition("@")[0], prompt, chosen, payload))
    return found


def round_of(question: Posted) -> str:
    """Id of the round that a question asks."""
    return str(list_buttons(question)[0].payload["value"]).split("|")[1]


@asynccontextmanager
async def start_slack_testbed(
    folder: Path, database_url: str, people: int = 20, settings: dict[str, str] | None = None
) -> AsyncIterator[SlackTestbed]:
    """Slack is there and the alliance declared in a file; the bot is not started yet, and ended afterwards."""
    clock, key = Clock(folder / "clock"), storage.make_key()
    (folder / "alliance.toml").write_text(ALLIANCE)
    state = two_companies(clock.seconds, people)
    async with serving(state) as far, aiohttp.ClientSession() as session:
        given = (
            settings_for(far, key, database_url) | {"PULSE_CLOCK_FILE": str(clock.file)} | (settings or {})
        )
        bot = BotProcess(folder, given)
        hand = Hand(far, session, f"{bot.url}/slack/events", SIGNING_SECRET)
        testbed = SlackTestbed(far, hand, bot, clock, key, database_url, _people(state))
        try:
            yield testbed
        finally:
            if bot.process:
                await bot.kill()


def settings_for(far: FarSlack, key: str, database_url: str) -> dict[str, str]:
    """The bot's environment on that Slack; its clock is the machine's unless a file is named too."""
    return {
        "PULSE_ENV": "test",
        "PULSE_DATABASE__URL": database_url,
        "PULSE_PRIVACY__SECRET": PSEUDONYM_SECRET,
        "PULSE_PRIVACY__ENCRYPTION_KEYS": key,
        "PULSE_SLACK__SIGNING_SECRET": SIGNING_SECRET,
        "PULSE_WEB__METRICS_TOKEN": METRICS_TOKEN,
        "PULSE_SLACK__BOT_TOKEN": far.state.workspaces[HOST].token,
        "PULSE_SLACK__WORKSPACE": HOST,
        "PULSE_SLACK__API_URL": far.api_url,
        "PULSE_SCHEDULE__TICK_SECONDS": "0.1",
        "PULSE_SCHEDULE__LEASE_SECONDS": str(LEASE),
        "PULSE_SCHEDULE__SETTLE_SECONDS": str(SETTLE),
        "PULSE_SCHEDULE__SEND_TIMEOUT": "2",
    }


def _people(state: State) -> dict[str, str]:
    members = (state.users[id] for id in state.rooms["C0JOINT"].members)
    return {member.id: SIDES[member.team] for member in members if not member.is_bot}
