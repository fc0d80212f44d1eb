"""Run the whole bot behind signed HTTP, with a real store and a clock that the test sets.

async with start_on_slack(folder) as bot:
    await bot.tick(SLOT)
    …  # bot.hand presses and writes, bot.room, bot.shown(user) and bot.direct(user) are what people see
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import storage
from bot.entrypoints.deduplicate import Once
from bot.entrypoints.inbox import PulseInbox
from bot.entrypoints.ticker import Ticker
from bot.model.alliance import Alliance, Channel, Member, Organisation, Pulse
from bot.mood import read
from bot.ports import ChatPlatform
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.deliver import DeliveryPolicy, deliver_waiting, look_up_unknown
from tests import databases
from tests.contract.slack_world import SlackWorld, unhurried, wired
from tests.far.slack_hand import Hand
from tests.far.slack_state import Posted, State, two_companies

PSEUDONYMS = b"a secret of at least thirty-two characters"
HOST, OTHER = "T0NORTHWIND", "T0MERIDIAN"
ANNA, BEN, NORA, MERI = "U0ANNA", "U0BEN", "U0NORT001", "U0MERI001"
"""The leads, and a member each. Meridian's people cannot use slash commands: their company did not install."""
SLOT = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""Tuesday, 09:00 in Berlin."""
HOUR = timedelta(hours=1)
CLOSING = SLOT + 72 * HOUR
NORTHWIND = Alliance(
    key="northwind-meridian",
    name="Northwind × Meridian",
    timezone="Europe/Berlin",
    sponsor=Organisation(
        "Northwind Pharma", frozenset({("slack", HOST)}), (Member("slack", ANNA, (HOST,), HOST),)
    ),
    cro=Organisation("Meridian CRO", frozenset({("slack", OTHER)}), (Member("slack", BEN, (OTHER,), HOST),)),
    channels=(Channel("slack", HOST, "C0JOINT"),),
    pulses=(Pulse("weekly", frozenset({1}), time(9)),),
    vision="One team.",
)


@dataclass(slots=True)
class Clock:
    at: datetime = SLOT - HOUR

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()


@dataclass(slots=True)
class BotOnSlack:
    store: storage.DatabaseStore
    slack: SlackWorld
    clock: Clock

    @property
    def hand(self) -> Hand:
        return self.slack.hand

    @property
    def state(self) -> State:
        return self.slack.far.state

    @property
    def platforms(self) -> dict[str, ChatPlatform]:
        return {"slack": self.slack.platform}

    @property
    def room(self) -> list[Posted]:
        """What the bot posted in the joint channel."""
        return [message for message in self.state.rooms["C0JOINT"].messages if message.bot_id]

    @property
    def bot_user(self) -> str:
        return self.state.workspaces[HOST].bot_user

    async def tick(self, at: datetime | None = None) -> None:
        """One tick at that time; whatever can go out goes out."""
        self.clock.at = at or self.clock.at
        await Ticker(self.store, self.platforms, PSEUDONYMS, catchup=2 * HOUR).tick(self.clock.at)
        await self.deliver()

    async def deliver(self) -> None:
        await look_up_unknown(self.store, self.platforms, self.clock.now, DeliveryPolicy())
        while await deliver_waiting(self.store, self.platforms, self.clock.now, DeliveryPolicy()):
            pass

    async def done(self) -> None:
        """Wait until the private answers are shown."""
        await self.slack.door.replies.drain(3)

    def shown(self, user: str) -> list[Posted]:
        """What was shown to that person alone in the channel."""
        return self.hand.shown(user)

    def direct(self, user: str) -> list[Posted]:
        """What the bot wrote to that person directly."""
        room = self.state.im(self.state.workspaces[HOST], user)
        return [message for message in room.messages if message.bot_id]


@asynccontextmanager
async def start_on_slack(
    folder: Path,
    *alliances: Alliance,
    people: int = 9,
    installed: tuple[str, ...] = (HOST,),
    enterprise: tuple[str, ...] = (),
) -> AsyncIterator[BotOnSlack]:
    """These alliances are declared (default: Northwind's alone); nothing was asked yet."""
    clock = Clock()
    with databases.fresh("sqlite", folder) as url:
        store = storage.open_store(url, [storage.make_key()], PSEUDONYMS)
        await store.alliances.declare(alliances or (NORTHWIND,))
        trail = AuditTrail(store.audit, store.proposals, PSEUDONYMS)
        inbox = PulseInbox(store, read, PSEUDONYMS, clock.now, trail, Once(store.leases, clock.now))
        state = two_companies(clock.seconds, people, installed, enterprise)
        async with wired(state, clock.now, unhurried(clock.seconds), inbox, store) as slack:
            yield BotOnSlack(store, slack, clock)
        await store.aclose()
