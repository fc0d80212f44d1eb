"""The hands on the demo's clock: what the page may ask of whoever keeps the bot's time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

Step: TypeAlias = Literal["reminder", "closing", "next_week"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps; `label` says in a few words what has just happened."""

    done: int
    total: int
    label: str


class Controls(Protocol):
    """Moves the bot's time forward, never back. May raise StoreUnavailable."""

    def now(self) -> datetime:
        """The bot's present time."""

    async def advance(self, to: Step) -> str:
        """Move to that moment and do what is due there; one sentence on what happened."""

    def play(self, weeks: int) -> AsyncIterator[Progress]:
        """Live that many weeks. Nothing is half done between two steps: not asking for the next one stops it."""
