"""Run the bot in a process whose system clock is wrong, beside a Slack whose time is right."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Literal

import aiohttp

import storage
from bot.model.alliance import Alliance, Channel, Member, MessageRef, Organisation, Pulse
from bot.model.cards import Card, Text
from bot.model.delivery import Delivery, DeliveryState, Sent
from tests.databases import Kind, fresh
from tests.far.slack import FarSlack, serving
from tests.far.slack_hand import Hand
from tests.far.slack_state import Room, State, two_companies
from tests.faults.wrong_clock import World
from tests.slow.process import PATIENCE, BotProcess
from tests.slow.slack_testbed import HOST, OTHER, PSEUDONYM_SECRET, SIGNING_SECRET, list_buttons, settings_for
from tests.storage.factories import START
from tests.storage.factories import make_alliance as earlier
from tests.storage.filled_store import BEN, fill_alliance

When = Literal["at start", "while running"]
ERRORS = {
    "75 s": timedelta(seconds=75),
    "1 h": timedelta(hours=1),
    "30 d": timedelta(days=30),
    "400 d": timedelta(days=400),
}
EXAMINED = (ERRORS["75 s"], -ERRORS["400 d"])
SLOT = START + timedelta(days=19)
"""Sunday; what was lived before is kept for 30 days yet."""
DAY = timedelta(days=1)
PULSE = Pulse("daily", frozenset(range(7)), time(9), items=2, open_hours=8, remind_hours=0)
CHANNELS, PEOPLE = 4, 2
WRONG = 8.0
"""Seconds for which the clock is wrong, around the moment of the slot."""
START_TAKES = 12.0
"""Seconds, at most, where other cases start as well."""
AT_ONCE = 4
"""Cases beside each other; each is a process that mostly waits."""
SOON = 2 * PATIENCE
"""Seconds after which what was held up by a wrong clock must be done, once it is right."""
CARD = Card("News", (Text("For you."),))
SETTINGS = {
    "PULSE_RETENTION__ANSWERS_DAYS": "90",
    "PULSE_RETENTION__COMMENTS_DAYS": "30",
    "PULSE_RETENTION__READINGS_DAYS": "30",
    "PULSE_RETENTION__DELIVERIES_DAYS": "30",
    "PULSE_RETENTION__AUDIT_DAYS": "90",
    "PULSE_RETENTION__DEPARTED_DAYS": "30",
    "PULSE_WEB__PUBLIC_URL": "https://pulse.example",
}


@dataclass(slots=True)
class Case:
    name: str
    error: timedelta
    when: When
    url: str
    key: str
    world: World
    far: FarSlack
    hand: Hand
    bot: BotProcess
    session: aiohttp.ClientSession
    store: storage.DatabaseStore
    posts: int = 0

    @property
    def is_examined(self) -> bool:
        """Is the doctor asked, too? What it says does not depend on the running process."""
        return self.error in EXAMINED

    def lose_answers(self, method: str) -> tuple[str, float] | None:
        """Every second post is accepted, and the bot never hears of it."""
        if method != "chat.postMessage":
            return None
        self.posts += 1
        return ("reset_after", 1.0) if self.posts % 2 else None

    async def begin(self) -> None:
        """Start the process; ready it need not be."""
        with (self.bot.folder / "bot.log").open("ab") as log:
            self.bot.process = await self.bot.spawn("run", out=log)
        await self.until(self._answers, "the process answers")

    async def until(self, so: Callable[[], object], what: str, seconds: float = SOON) -> None:
        """Wait for something; `so` may be a coroutine function."""
        try:
            async with asyncio.timeout(seconds):
                while not await _value(so()):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            states = Counter(
                (s.state.value, s.reason) for s in await self.store.outbox.list_statuses(None, 100)
            )
            twice = [id for id, times in count_posted(self.far.state).items() if times > 1]
            told = (
                f"{self.name}: {what}: did not happen within {seconds:.0f} s; {len(twice)} stand twice; {states}; "
                f"{self.bot.log[-2500:]}"
            )
            raise AssertionError(told) from None

    async def enqueue(self, name: str) -> None:
        """Something that goes out at once, in each channel."""
        wanted = [Delivery(f"{name}:{n}", "clocked", _channel(n), CARD) for n in range(CHANNELS)]
        await self.store.outbox.enqueue(wanted)

    async def says_so(self) -> bool:
        """Does readiness name the clock?"""
        async with self.session.get(f"{self.bot.url}/readyz") as answer:
            return answer.status == 503 and (await answer.json())["clock"] is False

    async def ask_doctor(self) -> str:
        """Return what `pulse doctor` finds wrong."""
        other = await self.bot.spawn("doctor", out=asyncio.subprocess.PIPE)
        told, _ = await asyncio.wait_for(other.communicate(), SOON)
        assert other.returncode in (0, 1), told
        return "\n".join(line for line in told.decode().splitlines() if line and not line.startswith("ok"))

    async def is_ready(self) -> bool:
        async with self.session.get(f"{self.bot.url}/readyz") as answer:
            return answer.status == 200

    async def has_settled(self) -> bool:
        """Nothing is on its way or unknown."""
        under_way = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
        return not any([await self.store.outbox.list_statuses(state, 1) for state in under_way])

    def rooms(self) -> list[Room]:
        return [self.far.state.rooms[f"C0CLOCK{n}"] for n in range(CHANNELS)]

    def asked(self) -> list[int]:
        """How many open questions each channel shows."""
        return [sum(bool(list_buttons(message)) for message in room.messages) for room in self.rooms()]

    async def press_all(self) -> int:
        """Everybody answers every item of the open questions; how many answers that are."""
        pressed = 0
        for room in self.rooms():
            question = next(message for message in reversed(room.messages) if list_buttons(message))
            chosen = {button.item: button for button in list_buttons(question) if button.value == 4}
            for user in room.members[:-1]:
                for option in chosen.values():
                    answer = await self.hand.press(user, question, option.payload)
                    assert answer.status == 200, f"{self.name}: {answer}"
                    pressed += 1
        return pressed

    async def _answers(self) -> bool:
        assert self.bot.process and self.bot.process.returncode is None, self.bot.log
        try:
            async with self.session.get(f"{self.bot.url}/healthz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


async def _value(given: object) -> object:
    return await given if asyncio.iscoroutine(given) else given


def _channel(number: int) -> Channel:
    return Channel("slack", HOST, f"C0CLOCK{number}")


def _state(world: World) -> State:
    state = two_companies(world.seconds, PEOPLE)
    people = [user.id for user in state.users.values() if not user.is_bot]
    for n in range(CHANNELS):
        id = f"C0CLOCK{n}"
        state.rooms[id] = Room(id, id.lower(), HOST, [*people, state.workspaces[HOST].bot_user])
    return state


def _alliance() -> Alliance:
    sides = [
        Organisation(name, frozenset({("slack", team)}), (Member("slack", lead, (team,), HOST),))
        for name, team, lead in (("Northwind", HOST, "U0ANNA"), ("Meridian", OTHER, "U0BEN"))
    ]
    channels = tuple(_channel(n) for n in range(CHANNELS))
    return Alliance("clocked", "Clocked", "Europe/Berlin", *sides, channels=channels, pulses=(PULSE,))


async def _live(store: storage.DatabaseStore) -> None:
    """What is to be kept: a closed round with all that comes of it, and a company that left two days ago."""
    await fill_alliance(store)
    claims = await store.claims.take_due(START, START + DAY, 100)
    for claim in claims:
        await store.claims.settle(
            claim.id, claim.token, Sent(MessageRef("C", claim.id)), START + timedelta(hours=1)
        )
    gone = (Channel("slack", "T0GONE", "C0GONE"),)
    meridian = Organisation("Meridian", frozenset({("slack", "T-M-north")}), (BEN,))
    before = earlier(pulses=(), channels=gone, cro=meridian)
    await store.alliances.declare([before, _alliance()], SLOT - DAY / 2)
    await store.departures.record_departure("slack", "T-M-north", SLOT - 2 * DAY)


@asynccontextmanager
async def set_up(folder: Path, kind: Kind, name: str, when: When) -> AsyncIterator[Case]:
    folder.mkdir()
    world, key = World(folder / "clock"), storage.make_key()
    world.move_to(SLOT - timedelta(seconds=30))
    with fresh(kind, folder) as url:
        async with serving(_state(world)) as far, aiohttp.ClientSession() as session:
            far.dates.ahead = world.ahead
            given = settings_for(far, key, url) | world.environment() | SETTINGS
            bot = BotProcess(folder, given)
            hand = Hand(far, session, f"{bot.url}/slack/events", SIGNING_SECRET)
            store = storage.open_store(url, [key], PSEUDONYM_SECRET.encode())
            error = ERRORS[name.removeprefix("-")] * (-1 if name.startswith("-") else 1)
            told = f"{kind}, {name} {when}"
            case = Case(told, error, when, url, key, world, far, hand, bot, session, store)
            try:
                await _live(store)
                yield case
            finally:
                if bot.process:
                    await bot.kill()
                await store.aclose()


def count_posted(state: State) -> Counter[str]:
    """How often each delivery stands somewhere."""
    posted = [
        message.metadata for room in state.rooms.values() for message in room.messages if message.metadata
    ]
    return Counter(str(message["event_payload"]["delivery"]) for message in posted)
