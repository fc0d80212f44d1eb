"""The chat log: every line that was written in the sandbox, by people and by the bot.

Keys are kept in plain, bodies are not: a key holds no name and no words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol, TypeAlias

from pydantic import Field, TypeAdapter

from bot.model.cards import Card

BOT = "pulse"
"""Author of the bot's lines."""


class Line(Protocol):
    """One line as it now stands."""

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
        """Number of the last change to this line; grows over the whole log."""


class Log(Protocol):
    """Each method is one transaction; may raise StoreUnavailable."""

    async def append(self, place: str, author: str, body: str, at: datetime, key: str | None) -> int:
        """Id of the new line; of the line that is there already, if one has this key."""

    async def replace(self, id: int, body: str) -> None:
        """Nothing happens where there is no such line."""

    async def find(self, key: str) -> int | None: ...
    async def lines(self, after_change: int) -> Sequence[Line]:
        """Lines new or changed after that change, each once."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a person wrote."""

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
    """The newest card about the same thing, below the same line, takes the place of the older."""
    command: str = ""
    """The slash command that it answers, where nobody else saw it typed."""
    kind: Literal["whispered"] = "whispered"


@dataclass(frozen=True, slots=True)
class Gone:
    """Deleted by its author; the words are no longer kept."""

    kind: Literal["gone"] = "gone"


Body: TypeAlias = Words | Posted | Whispered | Gone

_BODY: TypeAdapter[Body] = TypeAdapter(Annotated[Body, Field(discriminator="kind")])


def to_json(body: Body) -> str:
    return _BODY.dump_json(body).decode()


def from_json(text: str) -> Body:
    return _BODY.validate_json(text)
