"""Hold the state of a small Teams: tenants, people and guests, channels, personal chats and messages."""

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
"""A team has the id of its first channel."""
GROUP = "00000000-0000-4000-8000-000000000031"
"""Entra's id of that team."""


@dataclass(slots=True)
class Person:
    """A person in a tenant. Somebody of another company is a guest there, with the guest account's object id."""

    mri: str
    object_id: str
    tenant: str
    """Tenant of the account."""
    home: str
    has_app: bool = True
    """True if the bot can write to their personal chat."""
    tells_home: bool = True
    """True if the roster names the guest's own tenant; else it names the host's."""
    tells_role: bool = True
    """True if the roster says whether the account is a guest's."""
    has_mark: bool = True
    """False: nothing in the roster tells a guest from one of the host's people."""

    @property
    def is_guest(self) -> bool:
        return self.home != self.tenant


@dataclass(slots=True)
class Posted:
    """A message; in a channel its `conversation` ends in `;messageid=`."""

    id: str
    conversation: str
    author: str
    """MRI, or the bot's id."""
    text: str = ""
    card: Json | None = None
    summary: str = ""

    @property
    def is_root(self) -> bool:
        """True for a message that begins a thread."""
        return self.conversation.endswith(f";messageid={self.id}")


@dataclass(slots=True)
class Chat:
    """A channel (`kind` channel), a group chat or a personal one."""

    id: str
    tenant: str
    kind: str
    members: list[str] = field(default_factory=list)
    has_bot: bool = True
    messages: list[Posted] = field(default_factory=list)
    is_shared: bool = False
    """A shared channel: without ChannelMember.Read.Group nobody may read its members."""
    whispers: list[tuple[str, Posted]] = field(default_factory=list)
    """(member, message) that only this member sees."""


@dataclass(slots=True)
class State:
    """`clock` gives seconds since 1970: use the bot's clock, or its tokens have expired."""

    clock: Callable[[], float]
    people: dict[str, Person] = field(default_factory=dict)
    """By MRI."""
    chats: dict[str, Chat] = field(default_factory=dict)
    granted: set[str] = field(
        default_factory=lambda: {
            "ChannelMessage.Read.Group",
            "ChannelMember.Read.Group",
            "TeamsAppInstallation.Read.Group",
        }
    )
    """Permissions that the team's owner granted."""
    has_targeted: bool = True
    serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def next_id(self) -> str:
        """Return a message id: milliseconds, as in Teams, and unique."""
        return str(int(self.clock() * 1000) + next(self.serial))

    def person(self, user_id: str) -> Person | None:
        """Find a person by MRI or Entra object id."""
        return self.people.get(user_id) or next(
            (person for person in self.people.values() if person.object_id == user_id), None
        )

    def personal(self, person: Person) -> Chat:
        """Return the personal chat with a person, after opening it if needed."""
        chat_id = f"a:1{person.object_id}"
        if chat_id not in self.chats:
            self.chats[chat_id] = Chat(chat_id, person.tenant, "personal", [person.mri])
        return self.chats[chat_id]

    def chat(self, conversation: str) -> Chat | None:
        return self.chats.get(conversation.partition(";")[0])

    def message(self, conversation: str, message: str) -> Posted | None:
        chat = self.chat(conversation)
        return next((posted for posted in chat.messages if posted.id == message), None) if chat else None


def two_tenants(clock: Callable[[], float], people: int = 9) -> State:
    """Return a team of Northwind with Meridian's people as guests; the first person of each is the lead."""
    state = State(clock)
    joint = Chat(JOINT, NORTHWIND, "channel")
    state.chats = {JOINT: joint, GENERAL: Chat(GENERAL, NORTHWIND, "channel", joint.members)}
    for side, home in enumerate((NORTHWIND, MERIDIAN), 1):
        for number in range(people):
            object_id = f"0000000{side}-0000-4000-8000-{number:012d}"
            person = Person(f"29:1-{side}-{number}", object_id, NORTHWIND, home)
            state.people[person.mri] = person
            joint.members.append(person.mri)
    return state


def account(who: Person) -> Json:
    """Return a person's entry in a roster."""
    mark = "#EXT#" if who.is_guest and who.has_mark else ""
    told: Json = {
        "id": who.mri,
        "name": "Somebody",
        "aadObjectId": who.object_id,
        "objectId": who.object_id,
        "email": "somebody@example.com",
        "userPrincipalName": f"somebody_example.com{mark}@northwind.onmicrosoft.com",
        "tenantId": who.home if who.tells_home else who.tenant,
    }
    if who.tells_role:
        told["userRole"] = "guest" if who.is_guest and who.has_mark else "user"
    return told
