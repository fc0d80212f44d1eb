"""What a small Teams knows: tenants, their people and guests, channels, personal chats and messages."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

APP = "5b3f9a52-0000-4000-8000-0000000000aa"
PASSWORD = "far-teams-password"
NORTHWIND = "8f0c0000-0000-4000-8000-000000000001"
MERIDIAN = "8f0c0000-0000-4000-8000-000000000002"
JOINT = "19:joint0123456789@thread.tacv2"
GENERAL = "19:general0123456789@thread.tacv2"
TEAM = GENERAL
"""A team bears the id of its first channel."""
GROUP = "00000000-0000-4000-8000-000000000031"
"""Entra's id of that team."""


@dataclass(slots=True)
class Person:
    """Somebody in a tenant; of another company: a guest there, whose object id is the guest account's."""

    mri: str
    object_id: str
    tenant: str
    """That holds the account."""
    home: str
    has_app: bool = True
    """Can be written to in person."""
    tells_home: bool = True
    """Does the roster name the guest's own tenant?"""

    @property
    def is_guest(self) -> bool:
        return self.home != self.tenant


@dataclass(slots=True)
class Posted:
    """`conversation`: with `;messageid=` in a channel."""

    id: str
    conversation: str
    author: str
    """MRI, or the bot's id."""
    text: str = ""
    card: Json | None = None
    summary: str = ""


@dataclass(slots=True)
class Chat:
    """A channel (`kind` channel), a group chat or a personal one."""

    id: str
    tenant: str
    kind: str
    members: list[str] = field(default_factory=list)
    has_bot: bool = True
    messages: list[Posted] = field(default_factory=list)
    whispers: list[tuple[str, Posted]] = field(default_factory=list)
    """Messages that one member alone sees, with that member."""


@dataclass(slots=True)
class State:
    """`clock` gives seconds since 1970: set it to the bot's, or its tokens are of another time."""

    clock: Callable[[], float]
    people: dict[str, Person] = field(default_factory=dict)
    """By MRI."""
    chats: dict[str, Chat] = field(default_factory=dict)
    granted: set[str] = field(
        default_factory=lambda: {"ChannelMessage.Read.Group", "TeamsAppInstallation.Read.Group"}
    )
    """What the team's owner agreed to."""
    has_targeted: bool = True
    serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def id(self) -> str:
        """Milliseconds, as Teams has it, that no other message has."""
        return str(int(self.clock() * 1000) + next(self.serial))

    def person(self, id: str) -> Person | None:
        """By MRI or by Entra object id."""
        return self.people.get(id) or next((one for one in self.people.values() if one.object_id == id), None)

    def personal(self, person: Person) -> Chat:
        """The chat of the bot with a person, opened if need be."""
        id = f"a:1{person.object_id}"
        if id not in self.chats:
            self.chats[id] = Chat(id, person.tenant, "personal", [person.mri])
        return self.chats[id]

    def chat(self, conversation: str) -> Chat | None:
        return self.chats.get(conversation.partition(";")[0])

    def message(self, conversation: str, id: str) -> Posted | None:
        chat = self.chat(conversation)
        return next((one for one in chat.messages if one.id == id), None) if chat else None


def two_tenants(clock: Callable[[], float], people: int = 9) -> State:
    """A team of Northwind, with Meridian's people as guests; the first of each is the lead."""
    state = State(clock)
    joint = Chat(JOINT, NORTHWIND, "channel")
    state.chats = {JOINT: joint, GENERAL: Chat(GENERAL, NORTHWIND, "channel", joint.members)}
    for side, home in enumerate((NORTHWIND, MERIDIAN), 1):
        for number in range(people):
            object_id = f"0000000{side}-0000-4000-8000-{number:012d}"
            one = Person(f"29:1-{side}-{number}", object_id, NORTHWIND, home)
            state.people[one.mri] = one
            joint.members.append(one.mri)
    return state


def account(who: Person) -> Json:
    """As a roster has somebody."""
    return {
        "id": who.mri,
        "name": "Somebody",
        "aadObjectId": who.object_id,
        "objectId": who.object_id,
        "email": "somebody@example.com",
        "userRole": "guest" if who.is_guest else "user",
        "tenantId": who.home if who.tells_home else who.tenant,
    }
