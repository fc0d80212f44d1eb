"""Let the demo people answer and write as a seeded simulation says."""

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
from bot.app.backtest.generate import Change, Crowd, Given, World, make_crowd
from bot.app.runtime.bot import Bot
from bot.model.alliance import Channel, Round, Side
from bot.model.events import Answered, Said
from bot.privacy.pseudonym import make_pseudonym

SEED = 99
"""A history in which nothing happens but what `DROP` says; `tests/app/test_demo.py` holds it to that."""
WEEKS = 260
DROP = Change(first=9, side=Side.CRO, shift=-0.9, last=20)
"""The CRO's answers drop in the tenth round, after the bot has learned the usual level, and recover after the 21st.

The words beside the clock say so too (`adapters/sandbox/templates/clock.html`).
"""
EXCHANGES = 7
"""Messages that each company writes in a week."""


@dataclass(slots=True)
class DemoPeople:
    """Answer a round and write messages, the same each time; answers that a visitor gave are left alone."""

    bot: Bot
    last_change: int = 0
    question: dict[str, int] = field(default_factory=dict)
    """Channel's place → id of the bot's newest line in it."""
    answered_rounds: set[str] = field(default_factory=set)
    """Ids of the rounds that the people have answered."""

    async def __call__(self, pulse_round: Round) -> None:
        if pulse_round.id in self.answered_rounds:
            return
        self.answered_rounds.add(pulse_round.id)
        answered = await self.bot.store.answers.list_respondents(pulse_round.id)
        given = _simulate_crowd().answer_week(
            pulse_round.index % WEEKS, pulse_round.items, pulse_round.holiday
        )
        await asyncio.gather(*(self._give_answer(pulse_round, answer, answered) for answer in given))
        alliance = await self.bot.store.alliances.find_by_key(pulse_round.alliance)
        for channel in alliance.channels if alliance else ():
            await self._write_messages(pulse_round, channel)

    async def _give_answer(self, pulse_round: Round, given: Given, answered: frozenset[str]) -> None:
        who = find_person(given.person)
        if (
            who
            and make_pseudonym(self.bot.secret, pulse_round.alliance, who.member, "answer") not in answered
        ):
            at = self.bot.clock.now()
            await self.bot.inbox.take(
                Answered(by=who.member, at=at, round=pulse_round.id, item=given.item.id, value=given.value)
            )

    async def _write_messages(self, pulse_round: Round, channel: Channel) -> None:
        await self._note_questions()
        root = self.question.get(Spot("channel", channel.address).place)
        if root is None:
            return
        for number, (who, text) in enumerate(_choose_messages(pulse_round)):
            at = self.bot.clock.now() + timedelta(minutes=number)
            place = Spot("thread", channel.address, root).place
            key = f"demo:{pulse_round.id}:{number}"
            line = await self.bot.store.chat.append(place, who.id, to_json(Words(text)), at, key)
            await self.bot.inbox.take(
                Said(by=who.member, at=at, channel=channel, message=str(line), thread=str(root), text=text)
            )

    async def _note_questions(self) -> None:
        for line in await self.bot.store.chat.lines(self.last_change):
            self.last_change = max(self.last_change, line.change)
            if line.place.startswith("channel:") and isinstance(from_json(line.body), Posted):
                self.question[line.place] = max(line.id, self.question.get(line.place, 0))


@cache
def _simulate_crowd() -> Crowd:
    people = [(person.id, _find_side(person)) for person in _list_staff()]
    world = World(people=(9, 9), level=3.8, response=0.88, response_sd=0.05)
    return make_crowd(world, SEED, WEEKS, [DROP], people)


def _choose_messages(pulse_round: Round) -> Iterator[tuple[Person, str]]:
    chance = random.Random(f"{SEED}:{pulse_round.index}")
    messages = _load_messages()
    for side in Side:
        staff = [person for person in _list_staff() if _find_side(person) is side]
        low = DROP.is_touching(side, pulse_round.index)
        weights = [1, 3, 5] if low else [4, 5, 1]
        for _ in range(EXCHANGES):
            (mood,) = chance.choices(["content", "plain", "strained"], weights)
            yield chance.choice(staff), chance.choice(messages[mood])


@cache
def _load_messages() -> dict[str, Sequence[str]]:
    text = files("bot.app.demo").joinpath("demo_messages.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))


def _list_staff() -> tuple[Person, ...]:
    return tuple(person for person in PEOPLE if person.company.badge != "Visitor")


def _find_side(person: Person) -> Side:
    return Side.SPONSOR if person.company is SPONSOR else Side.CRO
