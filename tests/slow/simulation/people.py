"""What people do in the joint channels, and what they were told of it: the memory that the invariants compare with."""

import asyncio
import copy
import json
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import aiohttp

from adapters.teams.identity import member_id
from bot.model.alliance import Member
from bot.privacy.pseudonym import make_pseudonym
from tests.far import adaptive
from tests.far.slack_hand import Hand as SlackHand
from tests.far.slack_methods import as_json
from tests.far.slack_payloads import button, change, escape_text, kind_of
from tests.far.slack_state import Posted
from tests.far.teams_hand import Hand as TeamsHand
from tests.far.teams_state import JOINT, NORTHWIND
from tests.slow.simulation import virtual_time as virtual
from tests.slow.simulation.settings import BOT, KEY
from tests.slow.simulation.world import World
from tests.slow.slack_testbed import PSEUDONYM_SECRET, SIGNING_SECRET, list_buttons

WORDS = ("zanzibarite", "quixotically", "marzipanade")
"""Of all that people write, what must be found nowhere."""
LADDER = (1.0, 60.0, 300.0)
"""Seconds before Slack delivers an event again."""

Status = Literal["saved", "refused", "unknown"]


@dataclass(slots=True)
class Attempt:
    """One tap on an answer. `at`: the platform's time of it; `ended`: when the person knew what became of it."""

    person: str
    item: str
    value: int | None
    at: float
    round: str
    status: Status = "unknown"
    ended: float = 0.0


@dataclass(slots=True)
class Message:
    """What was done to one message: (platform's time, what, whether the platform heard that it was taken)."""

    channel: str
    id: str
    done: list[tuple[float, Literal["said", "edited", "deleted"], bool]] = field(default_factory=list)


@dataclass(slots=True)
class Comment:
    person: str
    words: tuple[str, str]  # question and text: the same again counts once
    status: Status


class Courier:
    """Carries requests to the bot; now and then the same arrives once more, later."""

    def __init__(self, world: World, session: aiohttp.ClientSession) -> None:
        self.world, self.session = world, session
        self.doubled = 0.0

    def post(self, url: str, **given: Any) -> Any:
        if self.world.chance.random() < self.doubled:
            self.world.loop.create_task(self._again(url, given))
        return self.session.post(url, **given)

    async def _again(self, url: str, given: dict[str, Any]) -> None:
        await asyncio.sleep(self.world.chance.uniform(0.0, 240.0))
        try:
            async with self.session.post(url, **given) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return


@dataclass(slots=True)
class People:
    world: World
    courier: Courier
    is_low: bool = True
    """Do the CRO's people answer low this time?"""
    attempts: list[Attempt] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    seen: "dict[str, Any]" = field(default_factory=dict)
    """The question as it was first seen, by platform: a client that was not refreshed shows it for ever."""
    faults: list[str] = field(default_factory=list)

    @property
    def chance(self) -> random.Random:
        return self.world.chance

    def slack_hand(self) -> SlackHand:
        url = f"http://127.0.0.1:{BOT}/slack/events"
        return SlackHand(self.world.slack, self.courier, url, SIGNING_SECRET, LADDER)  # type: ignore[arg-type]

    def teams_hand(self) -> TeamsHand:
        return TeamsHand(self.world.teams, self.courier, f"http://127.0.0.1:{BOT}/api/messages")  # type: ignore[arg-type]

    # On Slack

    def slack_question(self) -> Posted | None:
        if "slack" not in self.seen:
            room = self.world.slack.state.rooms["C0JOINT"]
            found = next((entry for entry in room.messages if entry.bot_id and list_buttons(entry)), None)
            if found:
                self.seen["slack"] = copy.deepcopy(found)
        return self.seen.get("slack")

    async def answer_on_slack(self, user: str, value: int | None, nth: int) -> None:
        posted = self.slack_question()
        if posted is None:
            return
        offered = list_buttons(posted)
        if not offered:
            return
        items = sorted({entry.payload["value"].split("|")[2] for entry in offered})
        item = items[nth % len(items)]
        pressed = next(
            entry
            for entry in offered
            if entry.payload["value"].split("|")[2] == item and entry.value == value
        )
        hand = self.slack_hand()
        sent = hand.click_payload(user, posted, pressed.payload)
        at = float(sent["actions"][0]["action_ts"])
        attempt = Attempt(on_slack(user), item, value, at, pressed.payload["value"].split("|")[1])
        self.attempts.append(attempt)
        answer = await hand.interact(sent)
        attempt.status = "saved" if answer.status == 200 else "refused" if answer.status == 503 else "unknown"
        attempt.ended = virtual.true_time()

    async def comment_on_slack(self, user: str) -> None:
        posted, hand = self.slack_question(), self.slack_hand()
        if posted is None:
            return
        try:
            pressed = button(posted.blocks, "Add a confidential comment")
        except IndexError:
            return
        views = len(self.world.slack.state.views)
        await hand.press(user, posted, pressed)
        await asyncio.sleep(4)
        if len(self.world.slack.state.views) == views:
            return
        view = hand.opened(user)
        text = f"We lack {self.chance.choice(WORDS)} here."
        comment = Comment(on_slack(user, "answer"), (posted.ts, text), "unknown")
        self.comments.append(comment)
        answer = await hand.interact(hand.submission(user, view, {"text": text, "share": True}))
        if answer.status == 200:
            comment.status = "saved" if "comment is saved" in answer.text else "refused"

    async def say_on_slack(self, user: str) -> Message:
        state, hand = self.world.slack.state, self.slack_hand()
        room, who = state.rooms["C0JOINT"], state.users[user]
        text = f"Thanks for the great {self.chance.choice(WORDS)}."
        said = Posted(state.ts(), room.id, user, who.team, escape_text(text))
        room.messages.append(said)
        message = Message(room.id, said.ts)
        self.messages.append(message)
        inner = {**as_json(state, said), **kind_of(room), "event_ts": said.ts}
        await self._done(message, float(said.ts), "said", hand.event(inner, room, who))
        return message

    async def edit_on_slack(self, user: str, message: Message) -> None:
        state, hand = self.world.slack.state, self.slack_hand()
        room, who = state.rooms["C0JOINT"], state.users[user]
        said = next((entry for entry in room.messages if entry.ts == message.id), None)
        if said is None:
            return
        before = as_json(state, said)
        said.text, said.edited = f"This is a bad {self.chance.choice(WORDS)}.", state.ts()
        changed = {"message": as_json(state, said), "previous_message": before, "hidden": True}
        inner = change("message_changed", said.edited, room) | changed
        await self._done(message, float(said.edited), "edited", hand.event(inner, room, who))

    async def delete_on_slack(self, user: str, message: Message) -> None:
        hand = self.slack_hand()
        at = virtual.true_time()
        if any(entry.ts == message.id for entry in self.world.slack.state.rooms["C0JOINT"].messages):
            await self._done(message, at, "deleted", hand.delete(user, message.id))

    async def come_or_go(self, user: str) -> None:
        """Somebody leaves the channel, and comes back."""
        await self.slack_hand().join(user, left=True)
        await asyncio.sleep(self.chance.uniform(5, 900))
        await self.slack_hand().join(user)

    async def ask_on_slack(self, user: str) -> None:
        if user in self.world.slack.state.rooms["C0JOINT"].members:
            await self.slack_hand().dm(user, self.chance.choice(("score", "help", "pulse", "home")))

    async def echo(self) -> None:
        """Slack tells the bot of most of its own messages."""
        told: set[str] = set()
        while True:
            await asyncio.sleep(5)
            for room in list(self.world.slack.state.rooms.values()):
                for entry in room.messages:
                    if entry.bot_id and entry.ts not in told:
                        told.add(entry.ts)
                        if self.chance.random() < 0.6:
                            wait = self.chance.choice((0.1, 20.0, 200.0))
                            self.start(wait, partial(self.slack_hand().echo, entry))

    # On Teams

    def teams_question(self) -> Any:
        if "teams" not in self.seen:
            messages = self.world.teams.state.chats[JOINT].messages
            found = next(
                (entry for entry in messages if entry.card and '"a|' in json.dumps(entry.card)), None
            )
            if found:
                self.seen["teams"] = copy.deepcopy(found)
        return self.seen.get("teams")

    async def answer_on_teams(self, mri: str, value: int | None, nth: int) -> None:
        posted = self.teams_question()
        if posted is None:
            return
        offered = [
            entry for entry in adaptive.buttons(posted.card) if entry["data"]["pulse"].startswith("a|")
        ]
        if not offered:
            return
        items = sorted({entry["data"]["pulse"].split("|")[2] for entry in offered})
        item, chosen = items[nth % len(items)], "-" if value is None else str(value)
        pressed = next(entry for entry in offered if entry["data"]["pulse"].split("|")[2:4] == [item, chosen])
        hand = self.teams_hand()
        attempt = Attempt(
            on_teams(self.world.teams.state.people[mri].object_id),
            item,
            value,
            virtual.true_time(),
            pressed["data"]["pulse"].split("|")[1],
        )
        self.attempts.append(attempt)
        try:
            answer = await hand.press(mri, posted, pressed)
        except (aiohttp.ClientError, TimeoutError):
            return
        finally:
            attempt.ended = virtual.true_time()
        if answer.status == 200:
            words = adaptive.words(hand.shown[mri][-1]) if hand.shown.get(mri) else ""
            attempt.status = "saved" if "You answered" in words else "refused"

    # How

    def start(self, wait: float, act: Callable[[], Awaitable[object]]) -> None:
        """Do it after so many seconds; what goes wrong with the far side's own rules is a fault."""

        async def later() -> None:
            await asyncio.sleep(wait)
            with self.noted():
                await act()

        self.world.loop.create_task(later())

    @contextmanager
    def noted(self) -> Iterator[None]:
        try:
            yield
        except (aiohttp.ClientError, TimeoutError):
            return
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}"[:500])

    async def _done(self, message: Message, at: float, what: Any, sent: Awaitable[Any]) -> None:
        place = len(message.done)
        message.done.append((at, what, False))
        answer = await sent
        message.done[place] = (at, what, 200 <= answer.status < 300)


def on_slack(user: str, purpose: str = "answer") -> str:
    """The pseudonym of somebody on Slack."""
    return _pseudonym(Member("slack", user, ()), purpose)


def on_teams(object_id: str) -> str:
    return _pseudonym(Member("teams", member_id(NORTHWIND, object_id), ()), "answer")


def _pseudonym(who: Member, purpose: str) -> str:
    return make_pseudonym(PSEUDONYM_SECRET.encode(), KEY, who, purpose)  # type: ignore[arg-type]
