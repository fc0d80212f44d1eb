"""The one clock. Below the outer ring time is a parameter."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app.clock.clock_watch import ClockWatch, wall_now
from bot.ports import Store

_SETTING = "clock offset seconds"
SKEW = 60.0
"""Seconds that the clock may be off the platforms'; Slack refuses at 300."""


@dataclass(slots=True)
class Clock:
    """UTC now, moved forward by an offset that only the sandbox's clock control sets.

    Where `watch` knows that the machine's clock is wrong, the time is the better one that it knows.
    """

    offset: timedelta = field(default_factory=timedelta)
    watch: ClockWatch = field(default_factory=ClockWatch)

    def now(self) -> datetime:
        return (_read_clock_file() or self.machine()) + self.offset + self.watch.correction()

    def hear(self, at: datetime) -> None:
        """Take note of the time of an event, on the clock that `now` shows."""
        self.watch.hear(at - self.find_offset())

    def find_offset(self) -> timedelta:
        """Return how far the sandbox or a test is ahead of this machine's clock."""
        told = _read_clock_file()
        return self.offset + (told - self.machine() if told else timedelta())

    def platforms_now(self) -> datetime | None:
        """Return what the platforms' clocks say, or earlier; None where none has told. Nobody's setting moves it."""
        told = self.watch.earliest()
        return told and told + self.find_offset()

    def machine(self) -> datetime:
        """Return the real time of this machine, whatever the sandbox or a test pretends."""
        return self.watch.wall()

    async def restore(self, store: Store) -> None:
        """Take up the offset of an earlier run: the story in the sandbox goes on where it was."""
        self.offset = timedelta(seconds=float(await store.values.find_value(_SETTING) or 0))

    async def move_to(self, at: datetime, store: Store) -> None:
        """Move forward to `at`; time never runs backward."""
        if at > self.now():
            self.offset += at - self.now()
            await store.values.save_value(_SETTING, str(self.offset.total_seconds()))


def machine_now() -> datetime:
    """UTC now; in tests (`PULSE_ENV=test`) what the file named by `PULSE_CLOCK_FILE` says."""
    return _read_clock_file() or wall_now()


def _read_clock_file() -> datetime | None:
    file = os.environ.get("PULSE_CLOCK_FILE")
    if not file or os.environ.get("PULSE_ENV") != "test":
        return None
    at = datetime.fromisoformat(Path(file).read_text().strip())
    return at if at.tzinfo else at.replace(tzinfo=UTC)
