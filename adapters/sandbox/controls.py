"""The hands on the demo's clock: what the page may ask of whoever keeps the bot's time."""

from collections.abc import AsyncGenerator
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

    def play(self, weeks: int) -> AsyncGenerator[Progress, None]:
        """Live that many weeks. Closing the generator between two steps stops at a sound state."""
