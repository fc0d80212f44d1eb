"""Define the chat log: every line that people and the bot wrote in the sandbox.

Bodies are stored encrypted, keys are not: a key holds no name and no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol, TypeAlias

from pydantic import Field, TypeAdapter

from bot.model.cards import Card

BOT = "pulse"
"""Author of the bot's lines."""


class LogLine(Protocol):
    """One line in its present state."""

    @property
    def id(self) -> int: ...
    @property
    def place(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def change(self) -> int:
        """Number of the last change to this line; numbers grow over the whole log."""


class ChatLog(Protocol):
    """Store lines; each method is one transaction and may raise StoreUnavailable."""

    async def append(self, place: str, author: str, body: str, at: datetime, key: str | None) -> int:
        """Add a line and return its id; if a line has this key already, return that line's id."""

    async def replace(self, line_id: int, body: str) -> None:
        """Replace the body of a line; do nothing if it does not exist."""

    async def find(self, key: str) -> int | None: ...
    async def lines(self, after_change: int) -> Sequence[LogLine]:
        """Return the lines that were added or changed after that change, each once."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message that a person wrote."""

    text: str
    edited: bool = False
    kind: Literal["words"] = "words"


@dataclass(frozen=True, slots=True)
class Posted:
    """A card of the bot, for everyone in the place."""

    card: Card
    kind: Literal["posted"] = "posted"


@dataclass(frozen=True, slots=True)
class Whispered:
    """A card of the bot for one person, shown in the place `where`, below the line `under` if there is one."""

    card: Card
    where: str
    under: int | None = None
    about: str = ""
    """Subject: a newer card on the same subject below the same line replaces this one."""
    command: str = ""
    """The slash command that it answers, which nobody else saw."""
    kind: Literal["whispered"] = "whispered"


@dataclass(frozen=True, slots=True)
class Gone:
    """A message that its author deleted; its text is gone."""

    kind: Literal["gone"] = "gone"


Body: TypeAlias = Words | Posted | Whispered | Gone

_BODY: TypeAdapter[Body] = TypeAdapter(Annotated[Body, Field(discriminator="kind")])


def to_json(body: Body) -> str:
    return _BODY.dump_json(body).decode()


def from_json(text: str) -> Body:
    return _BODY.validate_json(text)
