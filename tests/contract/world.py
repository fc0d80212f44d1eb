"""A world: one platform in a box, as the contract suite needs it.

A platform joins the suite by writing one async context manager that yields a World, in a module of its own
(`slack_world.py`, `sandbox_world.py`, `teams_world.py`), and by adding it to `WORLDS` in `worlds.py`. Whatever a
world does goes through the platform's real protocol: signed HTTP, its page, its API. Nothing reaches into the adapter.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.cards import Card
from bot.model.events import Event
from bot.ports import ChatPlatform

Fault: TypeAlias = Literal["refused", "later", "unknown"]
Skill: TypeAlias = Literal["edit", "delete", "form", "fail", "threads", "find", "direct"]
"""What not every platform can do: tests of it run for the worlds that name it in `can`."""


@dataclass(slots=True)
class RecordingInbox:
    """An Inbox that keeps what it takes and answers with `card`. `failure`, if set, is raised instead."""

    taken: list[Event] = field(default_factory=list)
    card: Card | None = None
    failure: Exception | None = None
    kept: list[tuple[Event, Card]] = field(default_factory=list)

    async def take(self, event: Event) -> Card | None:
        if self.failure:
            raise self.failure
        self.taken.append(event)
        return self.card

    async def shown(self, event: Event) -> None:
        """Nothing to keep."""

    async def keep_reply(self, event: Event, card: Card) -> bool:
        """Keep it nowhere but in `kept`, as for somebody of no alliance."""
        self.kept.append((event, card))
        return False


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as people see it: all its words in one string, and the labels of its buttons in order."""

    ref: MessageRef
    text: str
    buttons: tuple[str, ...]


class World(Protocol):
    """`people` are those in `channel`, of two companies at least, each with the home the platform tells."""

    platform: ChatPlatform
    inbox: RecordingInbox
    channel: Channel
    people: tuple[Member, ...]
    can: frozenset[Skill]

    async def messages(self, place: Place) -> list[Shown]:
        """What stands in a channel, or in the direct message with a member, oldest first."""

    async def press(self, who: Member, _place: Place, ref: MessageRef, label: str, /) -> None:
        """Press the button with that label on that message."""

    async def say(self, who: Member, text: str, thread: str | None = None) -> str:
        """Say something in `channel`; the id of the message there."""

    async def edit(self, who: Member, message: str, text: str) -> None:
        """Change a message that this person said in `channel`."""

    async def delete(self, who: Member, message: str) -> None:
        """Delete a message that this person said in `channel`."""

    async def echo(self, ref: MessageRef) -> None:
        """Tell the bot of its own message in `channel`, in each form in which the platform may."""

    async def command(self, who: Member, text: str) -> None:
        """Give a command the way that a member of either company can."""

    async def write(self, who: Member, text: str) -> None:
        """Write to the bot in the person's direct message with it."""

    async def private(self, who: Member) -> list[str]:
        """What was shown to that person alone, oldest first."""

    async def send_form(self, who: Member, text: str, share: bool) -> None:
        """Fill in the form that was last shown to that person, and send it."""

    def fail_next(self, fault: Fault) -> None:
        """The platform's next call fails like this: refused, not now, or done but the answer is lost."""


MakeWorld: TypeAlias = Callable[[], AbstractAsyncContextManager[World]]
