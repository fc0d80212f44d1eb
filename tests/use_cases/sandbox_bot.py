"""Run the bot in the sandbox: a real store, the sandbox as chat, and a clock that the test sets.

A test acts through the bot's doors only: it hands in an event, ticks at a time, delivers what waits. It reads the
result where people would read it.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import storage
from adapters.sandbox.chat_log import Posted, from_json
from adapters.sandbox.platform import Sandbox
from bot.entrypoints.deduplicate import Once
from bot.entrypoints.inbox import PulseInbox
from bot.entrypoints.ticker import Ticker
from bot.model.alliance import Alliance, Channel, Member, Organisation, Pulse, Side
from bot.model.cards import AnswerWith, Card, Choice, Choices, RunCommand, to_plain_text
from bot.model.events import Answered, Commanded, Commented, Deleted, Edited, Event, Joined, Said
from bot.mood import read
from bot.ports import ChatPlatform
from bot.privacy.held_comments import HeldComments
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.deliver import DeliveryPolicy, deliver_waiting, look_up_unknown
from storage.engine.connect import (
    sqlite,  # one library on one file: two in one process break each other's locks
)
from tests import databases

SECRET = b"a secret of at least thirty-two characters"
SLOT = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""Tuesday, 09:00 in Berlin: the first slot."""
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
REMINDER, CLOSING = SLOT + 48 * HOUR, SLOT + 72 * HOUR
DIGEST = SLOT + 6 * DAY
"""Monday 09:00 in Berlin, an hour after the digest is due."""


def make_member(name: str, company: str) -> Member:
    return Member("sandbox", name, (company,), "sandbox")


def make_members(company: str, count: int) -> list[Member]:
    """People of whom nothing is known but their company."""
    return [make_member(f"{company}-{number}", company) for number in range(count)]


JOINT, ELSEWHERE = Channel("sandbox", "sandbox", "joint"), Channel("sandbox", "sandbox", "elsewhere")
ANNA, BEN = make_member("anna", "northwind"), make_member("ben", "meridian")
CARLA, LIAM = make_member("carla", "northwind"), make_member("liam", "meridian")
SAM = make_member("sam", "fjordlab")
"""Of a company that nobody declared."""
HARRY = make_member("harry", "harbour")
"""Of another alliance."""
WEEKLY = Pulse("weekly", frozenset({1}), time(9))
NORTHWIND = Alliance(
    key="northwind-meridian",
    name="Northwind × Meridian",
    timezone="Europe/Berlin",
    sponsor=Organisation("Northwind Pharma", frozenset({("sandbox", "northwind")}), (ANNA,)),
    cro=Organisation("Meridian CRO", frozenset({("sandbox", "meridian")}), (BEN,)),
    channels=(JOINT,),
    pulses=(WEEKLY,),
    vision="One team.",
)
HARBOUR = Alliance(
    key="harbour-aster",
    name="Harbour × Aster",
    timezone="Europe/Berlin",
    sponsor=Organisation("Harbour", frozenset({("sandbox", "harbour")}), (HARRY,)),
    cro=Organisation("Aster", frozenset({("sandbox", "aster")})),
    channels=(ELSEWHERE,),
    pulses=(WEEKLY,),
)


@dataclass(slots=True)
class SandboxBot:
    store: storage.DatabaseStore
    file: Path
    key: str
    at: datetime = SLOT - HOUR
    platforms: dict[str, ChatPlatform] = field(default_factory=dict)
    held: HeldComments = field(default_factory=HeldComments)
    """What this process holds in memory."""

    @asynccontextmanager
    async def another(self) -> AsyncIterator["SandboxBot"]:
        """A second bot on the same database."""
        other = reopen_sandbox_bot(self.file, self.key)
        try:
            yield other
        finally:
            await other.store.aclose()

    @property
    def inbox(self) -> PulseInbox:
        trail = AuditTrail(self.store.audit, self.store.proposals, SECRET)
        return PulseInbox(
            self.store,
            read,
            SECRET,
            lambda: self.at,
            trail,
            Once(self.store.leases, lambda: self.at),
            held=self.held,
        )

    # What happens

    async def tick(self, at: datetime | None = None) -> dict[str, int]:
        """One tick at that time; whatever can go out goes out."""
        self.at = at or self.at
        done = await Ticker(self.store, self.platforms, SECRET, catchup=2 * HOUR).tick(self.at)
        await self.deliver()
        return done

    async def deliver(self) -> None:
        await look_up_unknown(self.store, self.platforms, lambda: self.at, DeliveryPolicy())
        while await deliver_waiting(self.store, self.platforms, lambda: self.at, DeliveryPolicy()):
            pass

    async def take(self, event: Event) -> Card | None:
        """Take an event; it goes out what there is to go out."""
        card = await self.inbox.take(event)
        await self.deliver()
        return card

    async def press(self, who: Member, button: Choice, at: datetime | None = None) -> Card:
        """Press a button as it stands somewhere; what goes out because of it is delivered."""
        card = await self.press_only(who, button, at)
        await self.deliver()
        return card

    async def press_only(self, who: Member, button: Choice, at: datetime | None = None) -> Card:
        match button.action:
            case AnswerWith(round, item, value):
                event: Event = Answered(by=who, at=at or self.at, round=round, item=item, value=value)
            case RunCommand(text):
                event = Commanded(by=who, at=at or self.at, channel=None, text=text)
            case other:
                raise AssertionError(f"not a button of a message: {other}")
        card = await self.inbox.take(event)
        assert card
        return card

    async def answer(self, who: Member, value: int | None, nth: int = 0, at: datetime | None = None) -> Card:
        """Press that value under the nth item of the newest question in the joint channel."""
        return await self.press(who, await self.find_option(value, nth), at)

    async def find_option(self, value: int | None, nth: int = 0) -> Choice:
        return find_option((await self.channel())[-1], value, nth)

    async def type(self, who: Member, text: str, where: Channel | None = JOINT) -> Card:
        card = await self.take(Commanded(by=who, at=self.at, channel=where, text=text))
        assert card
        return card

    async def comment(self, who: Member, text: str, share: bool = False) -> Card:
        (round, *_) = await self.store.rounds.list_open(NORTHWIND.key, self.at)
        card = await self.take(Commented(by=who, at=self.at, round=round.id, text=text, share=share))
        assert card
        return card

    async def say(self, who: Member, text: str, message: str = "m1", thread: str | None = None) -> None:
        said = Said(by=who, at=self.at, channel=JOINT, message=message, thread=thread, text=text)
        assert await self.take(said) is None

    async def edit(self, who: Member, text: str, message: str = "m1", thread: str | None = None) -> None:
        await self.take(Edited(by=who, at=self.at, channel=JOINT, message=message, thread=thread, text=text))

    async def erase(self, message: str = "m1") -> None:
        await self.take(Deleted(at=self.at, channel=JOINT, message=message))

    async def invite(self, channel: Channel = JOINT) -> None:
        """The bot comes into a channel."""
        await self.take(Joined(at=self.at, channel=channel, who=None))

    async def live(self, weeks: Iterable[int], people: Sequence[Member], low: Sequence[Member] = ()) -> None:
        """Ask, answer and close the rounds of these weeks; `low` answer two steps lower."""
        for week in weeks:
            await self.tick(SLOT + week * WEEK)
            question = (await self.channel())[-1]
            self.at += HOUR
            chance = random.Random(week)
            presses = [
                self.press_only(
                    person, find_option(question, chance.choice((4, 4, 5)) - 2 * (person in low), nth)
                )
                for nth in range(3)
                for person in people
            ]
            await asyncio.gather(*presses)
            await self.tick(SLOT + week * WEEK + 72 * HOUR)

    # What people see

    async def channel(self, channel: Channel = JOINT) -> list[Card]:
        """The bot's cards in a channel as they stand now, oldest first."""
        return await self._cards(f"channel:{channel.address}")

    async def dms(self, who: Member) -> list[Card]:
        return await self._cards(f"dm:{who.id}")

    async def everything(self) -> list[tuple[str, str]]:
        """(place, words) of all that the bot posted."""
        lines = await self.store.chat.lines()
        bodies = [(line.place, from_json(line.body)) for line in sorted(lines, key=lambda line: line.id)]
        return [(place, to_plain_text(body.card)) for place, body in bodies if isinstance(body, Posted)]

    async def _cards(self, place: str) -> list[Card]:
        lines = [line for line in await self.store.chat.lines() if line.place == place]
        bodies = [from_json(line.body) for line in sorted(lines, key=lambda line: line.id)]
        return [body.card for body in bodies if isinstance(body, Posted)]

    async def line_of_question(self) -> str:
        """Id of the newest message of the bot in the joint channel."""
        lines = [line for line in await self.store.chat.lines() if line.place == "channel:joint"]
        return str(max(line.id for line in lines))

    # What lies in the database

    async def answered(self, alliance: Alliance = NORTHWIND) -> int:
        """People who answered the alliance's newest round."""
        rounds = await self.store.rounds.list_open(alliance.key, datetime(2000, 1, 1, tzinfo=UTC))
        last = rounds[-1] if rounds else await self.store.rounds.find_last_closed(alliance.key)
        assert last
        counts = await self.store.rounds.count_turnout(last.id)
        return sum(counts.answered[side] for side in Side)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with sqlite.connect(f"file:{self.file}?mode=ro", uri=True) as connection:
            found = connection.execute(query).fetchall()
        connection.close()
        return found

    def damage(self, statement: str) -> None:
        """Do something to the database behind the bot's back."""
        with sqlite.connect(self.file) as connection:
            connection.execute(statement)
        connection.close()

    def bytes(self) -> bytes:
        """All that is on disk: the database and its log."""
        files = sorted(self.file.parent.glob(f"{self.file.name}*"))
        return b"".join(file.read_bytes() for file in files)


def find_option(card: Card, value: int | None, nth: int = 0) -> Choice:
    """The button for that value under the nth item of a card."""
    scales = [block for block in card.blocks if isinstance(block, Choices) and block.scale]
    return next(
        choice
        for choice in scales[nth].options
        if isinstance(choice.action, AnswerWith) and choice.action.value == value
    )


def find_button(card: Card, label: str) -> Choice:
    """The button with that label."""
    options = [choice for block in card.blocks if isinstance(block, Choices) for choice in block.options]
    return next(choice for choice in options if choice.label == label)


def list_headings(cards: Iterable[Card]) -> list[str]:
    return [card.heading for card in cards]


@asynccontextmanager
async def open_sandbox_bot(folder: Path, *alliances: Alliance) -> AsyncIterator[SandboxBot]:
    """These alliances are declared (default: Northwind's alone); nothing was asked yet."""
    with databases.fresh("sqlite", folder) as url:
        bot = reopen_sandbox_bot(Path(url.removeprefix("sqlite:///")), storage.make_key())
        await bot.store.alliances.declare(alliances or (NORTHWIND,))
        try:
            yield bot
        finally:
            await bot.store.aclose()


def reopen_sandbox_bot(file: Path, key: str) -> SandboxBot:
    """A bot on the database in that file."""
    store = storage.open_store(f"sqlite:///{file}", [key], SECRET)
    bot = SandboxBot(store, file, key)
    bot.platforms["sandbox"] = Sandbox(store.chat, lambda: bot.at)
    return bot
