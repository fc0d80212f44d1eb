"""Simulated days of twenty alliances with two hundred members on a faulty Slack: nothing grows, is lost or doubled."""

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import aiohttp

import storage
from bot.model.alliance import Alliance, Channel, Member, Organisation, Pulse
from bot.model.delivery import DeliveryState
from storage.engine.connect import sqlite
from storage.outbox.claims import TOO_LATE
from tests.databases import fresh
from tests.far.slack import FarSlack, serving
from tests.far.slack_hand import Hand
from tests.far.slack_state import Posted, Room, State, two_companies
from tests.faults.scale import scaled
from tests.slow.process import PATIENCE, BotProcess
from tests.slow.slack_testbed import (
    FIRST_SLOT,
    HOST,
    OTHER,
    SIGNING_SECRET,
    Clock,
    list_buttons,
    settings_for,
)

DAYS = scaled(6, 30)
STEADY = 3
"""Days after which nothing may grow any more."""
ALLIANCES, PEOPLE = 20, 5
"""People on each side of each."""
FAULTS = {"429": 2, "reset_before": 1, "reset_after": 1, "503": 1}
"""Per cent of the posts."""
SKEW = 75.0
"""Seconds that the bot's clock is ahead of Slack's."""
PULSE = Pulse("daily", frozenset(range(7)), time(9), items=2, open_hours=8, remind_hours=2)
MOMENTS = (timedelta(), timedelta(hours=6), timedelta(hours=8), timedelta(hours=9))
"""Of a day, from its slot on: asked, reminded, closed, and what was unknown is settled."""
UNDER_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(slots=True)
class Month:
    far: FarSlack
    hand: Hand
    bot: BotProcess
    store: storage.DatabaseStore
    clock: Clock
    chance: random.Random = field(default_factory=lambda: random.Random(30))
    memory: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    answered: int = 0

    @property
    def growth(self) -> float:
        """Of memory, MiB a day, once it is steady."""
        steady = self.memory[STEADY:]
        return (steady[-1] - steady[0]) / max(1, len(steady) - 1)

    def told(self) -> str:
        return (
            f"{DAYS} days, {self.answered} answers: memory {self.memory[0]:.0f} to {self.memory[-1]:.0f} MiB, "
            f"{self.growth:.2f} MiB a day after day {STEADY}; "
            f"descriptors {self.descriptors[0]} to {self.descriptors[-1]}"
        )

    def fault(self, method: str) -> tuple[str, float] | None:
        drawn = self.chance.random() * 100
        for kind, share in FAULTS.items() if method == "chat.postMessage" else ():
            if drawn < share:
                return kind, 1.0
            drawn -= share
        return None

    async def day(self, number: int) -> None:
        slot = FIRST_SLOT + timedelta(days=number)
        for moment in MOMENTS:
            await self._move_to(slot + moment)
            if not moment:
                await self._answer(number)
        assert self.bot.process
        self.memory.append(self.bot.memory())
        self.descriptors.append(len(list(Path(f"/proc/{self.bot.process.pid}/fd").iterdir())))

    async def _move_to(self, at: datetime) -> None:
        """And on, second by second, until all that is due is done."""
        self.clock.move_to(at)
        async with asyncio.timeout(2 * PATIENCE):
            while await self._is_busy():
                await asyncio.sleep(0.05)
                self.clock.move_to(self.clock.at + timedelta(seconds=1))

    async def _is_busy(self) -> bool:
        at, store = self.clock.at, self.store
        due = (
            await store.pulses.list_due(at)
            or await store.closings.list_to_close(at)
            or await store.rounds.list_to_remind(at)
        )
        return bool(due) or any([await store.outbox.list_statuses(state, 1) for state in UNDER_WAY])

    async def _answer(self, number: int) -> None:
        """Nine of ten press a button, and a few write something."""
        for room in _joint(self.far.state):
            questions = [message for message in room.messages if list_buttons(message)]
            for question in questions[-1:]:
                await asyncio.gather(*(self._press(user, question) for user in room.members[:-1]))
            await self.hand.say(
                room.members[0], f"Thanks for the quick answer number {number}.", channel=room.id
            )

    async def _press(self, user: str, question: Posted) -> None:
        if self.chance.random() < 0.9:
            pressed = self.chance.choice(list_buttons(question)).payload
            assert (await self.hand.press(user, question, pressed)).status == 200
            self.answered += 1


def _joint(state: State) -> list[Room]:
    return [room for room in state.rooms.values() if room.id.startswith("C0MONTH")]


def _state(clock: Clock) -> State:
    state = two_companies(lambda: clock.seconds() - SKEW, ALLIANCES * PEOPLE)
    staff = [user for user in state.users.values() if not user.is_bot]
    crews = [sorted(user.id for user in staff if user.team == team) for team in (HOST, OTHER)]
    for n in range(ALLIANCES):
        people = [user for crew in crews for user in crew[n * PEOPLE : (n + 1) * PEOPLE]]
        id = f"C0MONTH{n}"
        state.rooms[id] = Room(id, id.lower(), HOST, [*people, state.workspaces[HOST].bot_user])
    return state


def _alliance(n: int, state: State) -> Alliance:
    leads = [
        Member("slack", user, (state.users[user].team,), HOST)
        for user in state.rooms[f"C0MONTH{n}"].members[:-1]
    ]
    sides = [
        Organisation(name, frozenset({("slack", team)}), (lead,))
        for name, team, lead in (("Northwind", HOST, leads[0]), ("Meridian", OTHER, leads[-1]))
    ]
    place = Channel("slack", HOST if n < 2 else f"T{n}", f"C0MONTH{n}")
    return Alliance(f"a{n}", f"Alliance {n}", "Europe/Berlin", *sides, channels=(place,), pulses=(PULSE,))


async def test_a_month_leaves_nothing_growing(tmp_path: Path) -> None:
    clock, key = Clock(tmp_path / "clock"), storage.make_key()
    with fresh("sqlite", tmp_path) as url:
        async with serving(_state(clock)) as far, aiohttp.ClientSession() as session:
            given = settings_for(far, key, url) | {
                "PULSE_CLOCK_FILE": str(clock.file),
                "PULSE_SLACK__WORKSPACE": "",
                # Twenty seconds pass here while one does elsewhere: a send is not slower for that.
                "PULSE_SCHEDULE__LEASE_SECONDS": "600",
                "PULSE_SCHEDULE__SETTLE_SECONDS": "600",
            }
            bot = BotProcess(tmp_path, given)
            hand = Hand(far, session, f"{bot.url}/slack/events", SIGNING_SECRET)
            far.dates.ahead = lambda: -SKEW
            month = Month(far, hand, bot, storage.open_store(url, [key]), clock)
            await month.store.alliances.declare([_alliance(n, far.state) for n in range(ALLIANCES)], clock.at)
            far.mix = month.fault
            try:
                await bot.start("/healthz")
                await _assert_only_the_clock_is_off(session, bot)
                for number in range(DAYS):
                    await month.day(number)
                told = await month.store.outbox.list_statuses(None, 10_000)
                # Nobody is reminded in the evening because a platform took nothing in the hours of work.
                late = [
                    status
                    for status in told
                    if status.key.startswith("reminder:") and status.reason == TOO_LATE
                ]
                states = Counter(status.state for status in told if status not in late)
            finally:
                await bot.kill()
                await month.store.aclose()
        rows = _rows(url)
    print(month.told())
    assert max(_posted(far.state).values()) == 1, "posted twice"
    assert states.keys() <= {DeliveryState.SENT}, states
    assert all(len(room.messages) >= DAYS for room in _joint(far.state))
    assert rows["round"] == DAYS * ALLIANCES
    assert rows["delivery"] <= DAYS * ALLIANCES * (2 + 2 * PEOPLE) + ALLIANCES * DAYS
    assert max(month.descriptors[STEADY:]) <= month.descriptors[STEADY] + 5
    assert month.growth < scaled(4.0, 1.0)
    assert "Traceback" not in bot.log


async def _assert_only_the_clock_is_off(session: aiohttp.ClientSession, bot: BotProcess) -> None:
    """An operator is told; the bot goes by the platform's time and works on."""
    async with session.get(f"{bot.url}/readyz") as answer:
        told = await answer.json()
        assert answer.status == 503
    assert [check for check, fine in told.items() if fine is False] == ["clock"], told
    why = told["why"]["clock"]  # a date header is cut to whole seconds
    assert re.search("7[56] seconds ahead of the platforms' clocks, by which the bot goes", why), why


def _posted(state: State) -> Counter[str]:
    """How often each delivery stands somewhere."""
    posted = [
        message.metadata for room in state.rooms.values() for message in room.messages if message.metadata
    ]
    return Counter(str(message["event_payload"]["delivery"]) for message in posted)


def _rows(url: str) -> dict[str, int]:
    with sqlite.connect(url.removeprefix("sqlite:///")) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    connection.close()
    return rows
