"""The demo people when nobody plays them: they answer and write as a seeded simulation says."""

import asyncio
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.resources import files

from adapters.sandbox.cast import PEOPLE, SPONSOR, Person, find_person
from adapters.sandbox.chat_log import Posted, Words, from_json, to_json
from adapters.sandbox.places import Spot
from bot.app.backtest.generate import Change, Crowd, Given, World, crowd
from bot.app.runtime.bot import Bot
from bot.model.alliance import Channel, Round, Side
from bot.model.events import Answered, Said
from bot.privacy.pseudonym import pseudonym

SEED = 7
WEEKS = 260
DROP = Change(first=9, side=Side.CRO, shift=-0.9, last=20)
"""The CRO loses heart in the tenth round, after the bot has learned what is usual, and recovers later."""
EXCHANGES = 7
"""Messages a side writes in a week."""


@dataclass(slots=True)
class DemoPeople:
    """Lets everyone live through a round, the same each time; whoever has answered in person is left alone."""

    bot: Bot
    last_change: int = 0
    question: dict[str, int] = field(default_factory=dict)
    """Channel's place → the newest line of the bot in it."""
    lived: set[str] = field(default_factory=set)
    """Rounds."""

    async def __call__(self, round: Round) -> None:
        if round.id in self.lived:
            return
        self.lived.add(round.id)
        answered = await self.bot.store.answers.list_respondents(round.id)
        given = _crowd().week(round.index % WEEKS, round.items, round.holiday)
        await asyncio.gather(*(self._answer(round, one, answered) for one in given))
        alliance = await self.bot.store.alliances.find_by_key(round.alliance)
        for channel in alliance.channels if alliance else ():
            await self._talk(round, channel)

    async def _answer(self, round: Round, given: Given, answered: frozenset[str]) -> None:
        who = find_person(given.person)
        if who and pseudonym(self.bot.secret, round.alliance, who.member, "answer") not in answered:
            at = self.bot.clock.now()
            await self.bot.inbox.take(
                Answered(by=who.member, at=at, round=round.id, item=given.item.id, value=given.value)
            )

    async def _talk(self, round: Round, channel: Channel) -> None:
        await self._read_on()
        root = self.question.get(Spot("channel", channel.address).place)
        if root is None:
            return
        for number, (who, text) in enumerate(_messages(round)):
            at = self.bot.clock.now() + timedelta(minutes=number)
            place = Spot("thread", channel.address, root).place
            key = f"demo:{round.id}:{number}"
            line = await self.bot.store.chat.append(place, who.id, to_json(Words(text)), at, key)
            await self.bot.inbox.take(
                Said(by=who.member, at=at, channel=channel, message=str(line), thread=str(root), text=text)
            )

    async def _read_on(self) -> None:
        for line in await self.bot.store.chat.lines(self.last_change):
            self.last_change = max(self.last_change, line.change)
            if line.place.startswith("channel:") and isinstance(from_json(line.body), Posted):
                self.question[line.place] = max(line.id, self.question.get(line.place, 0))


@cache
def _crowd() -> Crowd:
    people = [(one.id, _side(one)) for one in _staff()]
    world = World(people=(9, 9), level=3.8, response=0.88, response_sd=0.05)
    return crowd(world, SEED, WEEKS, [DROP], people)


def _messages(round: Round) -> Iterator[tuple[Person, str]]:
    chance = random.Random(f"{SEED}:{round.index}")
    said = _said()
    for side in Side:
        staff = [one for one in _staff() if _side(one) is side]
        low = DROP.touches(side, round.index)
        weights = [1, 3, 5] if low else [4, 5, 1]
        for _ in range(EXCHANGES):
            (mood,) = chance.choices(["content", "plain", "strained"], weights)
            yield chance.choice(staff), chance.choice(said[mood])


@cache
def _said() -> dict[str, Sequence[str]]:
    text = files("bot.app.demo").joinpath("demo_messages.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))


def _staff() -> tuple[Person, ...]:
    return tuple(one for one in PEOPLE if one.company.badge != "Visitor")


def _side(one: Person) -> Side:
    return Side.SPONSOR if one.company is SPONSOR else Side.CRO
