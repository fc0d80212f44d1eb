"""Whatever happens, in whatever order, and wherever the bot dies: it does what a small model says."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.app.runtime.crashpoints import crash_at
from bot.model.alliance import MessageRef
from bot.model.delivery import DeliveryState
from bot.model.events import Answered, Deleted, Edited, Event, Said
from bot.privacy.pseudonym import make_pseudonym
from storage.engine import writer
from tests.faults.model import Model
from tests.faults.scale import scaled
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    JOINT,
    LIAM,
    NORTHWIND,
    SECRET,
    SLOT,
    WEEKLY,
    SandboxBot,
    open_sandbox_bot,
    reopen_sandbox_bot,
)

PEOPLE = (ANNA, BEN, CARLA, LIAM)
PULSE = replace(WEEKLY, days=frozenset(range(5)), open_hours=30, remind_hours=6)
MESSAGES = ("m1", "m2", "m3")
SETTLED = timedelta(minutes=4)
"""Longer than a lease and the settle time."""
POINTS = [
    (when, method)
    for when in ("before", "after")
    for method in (
        *("ask", "look_again", "enrol", "remind", "freeze", "close", "record", "digest", "answered"),
        *("claim", "settle", "expire", "unsettled", "post", "find", "update", "due", "to_close"),
        *("claim", "settle", "post"),  # between which a delivery hangs: more often
    )
]


class Died(BaseException):
    """The process ended here."""


def die() -> None:
    raise Died


@dataclass(slots=True)
class Recorded:
    """A platform that counts what it posts: the sandbox alone would not post a delivery twice.

    A post that its process took into death before it stood in the log is none.
    """

    platform: Any
    posts: "Counter[str]" = field(default_factory=Counter)

    async def post(self, place: Any, card: Any, delivery_id: str) -> MessageRef:
        try:
            return await self.platform.post(place, card, delivery_id)  # type: ignore[no-any-return]
        finally:
            if await self.platform.find(place, delivery_id, SLOT):
                self.posts[delivery_id] += 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.platform, name)


class Story(RuleBasedStateMachine):
    """What is done, not how fast: a busy machine is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.patience, writer.PATIENCE = writer.PATIENCE, 60.0
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory(prefix="pulse-machine-")
        self.bot: SandboxBot
        self.model = Model(PULSE, SLOT - timedelta(hours=1))
        self.posts: Counter[str] = Counter()
        self.last: Event | None = None

    @initialize()
    def begin(self) -> None:
        self.bot = self.do(
            self.stack.enter_async_context(open_sandbox_bot(Path(self.folder.name), NORTHWIND))
        )
        self.do(self.bot.store.alliances.declare([self._alliance()], self.model.since))
        self._record()

    def teardown(self) -> None:
        writer.PATIENCE = self.patience
        self.do(self.bot.store.aclose())
        self.do(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    def do(self, what: Awaitable[Any]) -> Any:
        async def run() -> Any:
            return await what

        return self.runner.run(run())

    # What happens

    @rule(minutes=st.sampled_from([1, 20, 60, 119, 121, 300, 1440, 4000]))
    def time_goes_on(self, minutes: int) -> None:
        self._tick(self.bot.at + timedelta(minutes=minutes))

    @rule(minutes=st.sampled_from([-60, -1, 60]))
    def the_clock_jumps(self, minutes: int) -> None:
        """And is set right again: a tick at another time between two."""
        at = self.bot.at
        self._tick(at + timedelta(minutes=minutes))
        self._tick(max(at, self.bot.at))

    @rule(
        days=st.sampled_from([frozenset({1}), frozenset(range(5)), frozenset({0, 3}), frozenset(range(7))]),
        at=st.sampled_from([time(0, 30), time(9), time(10), time(14)]),
        paused=st.sampled_from([False, False, True]),
    )
    def edit(self, days: frozenset[int], at: time, paused: bool) -> None:
        self.model.edit(replace(PULSE, days=days, time=at, paused=paused), self.bot.at)
        self.do(self.bot.store.alliances.declare([self._alliance()], self.bot.at))

    @precondition(lambda self: self.model.asked)
    @rule(data=st.data(), value=st.sampled_from([None, 1, 3, 5]), back=st.sampled_from([0, 0, 1, 30, 3000]))
    def answer(self, data: st.DataObject, value: int | None, back: int) -> None:
        """To any round, by anybody; what was pressed earlier may come later."""
        slot = data.draw(st.sampled_from(sorted(self.model.asked)))
        who, nth = data.draw(st.sampled_from(PEOPLE)), data.draw(st.integers(0, 1))
        round = self.do(self.bot.store.rounds.find_round(self._round(slot)))
        self.last = Answered(
            by=who,
            at=self.bot.at - timedelta(seconds=back),
            round=round.id,
            item=round.items[nth].id,
            value=value,
        )
        self._answered(slot)

    @precondition(lambda self: isinstance(self.last, Answered))
    @rule()
    def the_platform_sends_it_again(self) -> None:
        slot = next(slot for slot in self.model.asked if self._round(slot) == self.last.round)  # type: ignore[union-attr]
        self._answered(slot)

    @rule(message=st.sampled_from(MESSAGES), back=st.integers(0, 50), edited=st.booleans())
    def say(self, message: str, back: int, edited: bool) -> None:
        kind, at = Edited if edited else Said, self.bot.at - timedelta(seconds=back)
        said = kind(
            by=BEN, at=at, channel=JOINT, message=message, thread=None, text="Thanks for the great work."
        )
        self.do(self.bot.take(said))
        self.do(self.bot.take(said))
        self.model.say(message, at)

    @rule(message=st.sampled_from(MESSAGES))
    def erase(self, message: str) -> None:
        self.do(self.bot.take(Deleted(at=self.bot.at, channel=JOINT, message=message)))
        self.model.readings[message] = None

    @rule(point=st.sampled_from(POINTS), minutes=st.sampled_from([None, None, 1, 60, 119, 1440, 1800]))
    def die(self, point: tuple[str, str], minutes: int | None) -> None:
        """In a tick (None: that of the next slot), before or after that; the next process ticks at the same moment."""
        passes = timedelta(minutes=minutes) if minutes else self.model.following(self.bot.at) - self.bot.at
        at = self.bot.at + passes
        store, platform = self.bot.store, self.bot.platforms["sandbox"]
        self.bot.store = crash_at(store, *point, die)
        self.bot.platforms["sandbox"] = crash_at(platform, *point, die)
        self.do(self._until_dead(at))
        self.do(store.aclose())
        self._reopen(at)
        self._tick(at)

    # What must be so

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        if not hasattr(self, "bot"):
            return
        asked = self.bot.rows('SELECT slot, state FROM "round"')
        assert {date.fromisoformat(str(slot)) for slot, _ in asked} == self.model.asked.keys()
        assert {
            date.fromisoformat(str(slot)) for slot, state in asked if state == "closed"
        } == self.model.closed
        missed = {date.fromisoformat(str(row[0])) for row in self.bot.rows("SELECT slot FROM missed")}
        assert missed == self.model.missed
        assert self._kept() == {key: kept.value for key, kept in self.model.answers.items()}
        nothing_left = "deleted AND polarity IS NULL AND person IS NULL"
        read = {str(row[0]): row[1] for row in self.bot.rows(f"SELECT message, {nothing_left} FROM reading")}
        keys = self.do(self.bot.store._place_keys.load())
        assert read == {
            keys.hash_message(JOINT, message): at is None for message, at in self.model.readings.items()
        }

    @invariant()
    def nothing_is_posted_twice(self) -> None:
        assert all(count == 1 for count in self.posts.values()), "posted twice"

    @precondition(lambda self: hasattr(self, "bot"))
    @rule()
    def all_arrives(self) -> None:
        """Once leases have run out and the unknown is settled, every delivery has been sent."""
        self._tick(self.bot.at + SETTLED)
        self._tick(self.bot.at + SETTLED)
        states = self.do(self.bot.store.outbox.list_statuses(None, 10_000))
        later = {state.id for state in states if state.state is DeliveryState.PENDING}
        assert all(state.state is DeliveryState.SENT for state in states if state.id not in later)
        questions = [state for state in states if state.key.startswith("question:")]
        assert len(questions) == len(self.model.asked)
        assert not {question.id for question in questions} & later

    # How

    def _tick(self, at: datetime) -> None:
        self.do(self.bot.tick(at))
        self.model.tick(at)

    async def _until_dead(self, at: datetime) -> None:
        try:
            await self.bot.tick(at)
        except Died:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for other in others:
                other.cancel()  # type: ignore[union-attr]
            await asyncio.gather(*others, return_exceptions=True)  # type: ignore[arg-type]

    def _reopen(self, at: datetime) -> None:
        self.bot = reopen_sandbox_bot(self.bot.file, self.bot.key)
        self.bot.at = at
        self._record()

    def _record(self) -> None:
        self.bot.platforms["sandbox"] = Recorded(self.bot.platforms["sandbox"], self.posts)

    def _alliance(self) -> Any:
        return replace(NORTHWIND, pulses=(self.model.pulse,))

    def _answered(self, slot: date) -> None:
        assert isinstance(self.last, Answered)
        card = self.do(self.bot.take(self.last))
        person = make_pseudonym(SECRET, NORTHWIND.key, self.last.by, "answer")
        key = (slot, person, self.last.item)
        kept = self.model.answer(key, self.last.value, self.last.at, self.bot.at)
        assert card.heading.startswith("You answered") == kept, card.heading

    def _round(self, slot: date) -> str:
        found = self.bot.rows(f"SELECT id FROM \"round\" WHERE slot = '{slot}'")
        return str(found[0][0])

    def _kept(self) -> dict[tuple[date, str, str], object]:
        query = 'SELECT r.slot, a.person, a.item, a.value FROM answer a JOIN "round" r ON r.id = a.round'
        return {
            (date.fromisoformat(str(slot)), str(person), str(row)): value
            for slot, person, row, value in self.bot.rows(query)
        }


TestStory = Story.TestCase
TestStory.settings = settings(
    max_examples=scaled(40, 250),
    stateful_step_count=scaled(40, 60),
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
