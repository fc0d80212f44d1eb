"""Define how the page moves the bot's time in the demo."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

Step: TypeAlias = Literal["reminder", "closing", "next_week"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold the progress: `done` of `total` steps, and a short `label` for the last one."""

    done: int
    total: int
    label: str


class ClockControls(Protocol):
    """Move the bot's time forward, never back. May raise StoreUnavailable."""

    def now(self) -> datetime:
        """Return the bot's present time."""

    async def advance(self, to: Step) -> str:
        """Move to that moment and do what is due; return one sentence on what happened."""

    def play(self, weeks: int) -> AsyncIterator[Progress]:
        """Play that many weeks, one step at a time. To stop, ask for no further step: each leaves complete data."""
