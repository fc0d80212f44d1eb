"""The one clock. Below the outer ring time is a parameter."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from bot.ports import Store

_SETTING = "clock offset seconds"
SKEW = 60.0
"""Seconds that the clock may be off the platforms'; Slack refuses at 300."""


@dataclass(slots=True)
class Clock:
    """UTC now, moved forward by an offset that only the sandbox's clock control sets."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return machine_now() + self.offset

    @staticmethod
    def machine() -> datetime:
        """The real time of this machine, whatever the sandbox or a test pretends."""
        return datetime.now(UTC)

    async def restore(self, store: Store) -> None:
        """Take up the offset of an earlier run: the story in the sandbox goes on where it was."""
        self.offset = timedelta(seconds=float(await store.setting(_SETTING) or 0))

    async def move_to(self, at: datetime, store: Store) -> None:
        """Move forward to `at`; time never runs backward."""
        if at > self.now():
            self.offset += at - self.now()
            await store.keep_setting(_SETTING, str(self.offset.total_seconds()))


def ahead(now: datetime, date: str) -> float | None:
    """Seconds that `now` is ahead of another machine, whose HTTP header `Date` says so; None where it says no time."""
    try:
        return (now - parsedate_to_datetime(date).astimezone(UTC)).total_seconds()
    except ValueError:
        return None


def machine_now() -> datetime:
    """UTC now; in tests (`PULSE_ENV=test`) what the file named by `PULSE_CLOCK_FILE` says."""
    file = os.environ.get("PULSE_CLOCK_FILE")
    if file and os.environ.get("PULSE_ENV") == "test":
        at = datetime.fromisoformat(Path(file).read_text().strip())
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.now(UTC)
