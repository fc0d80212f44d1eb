"""The clock of the demo, moved by one hand at a time: a step, or weeks that play in the background."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.clock_port import Controls, Progress, Step
from adapters.shared.rejection import Refusal
from bot.ports import StoreUnavailable

WEEKS = 12
"""How many weeks one press plays."""
AFTERWARDS = " Ask for the score, or become a lead: alerts and digests wait in their direct messages."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Face:
    """What the clock shows, to the minute. `progress` is None unless weeks are playing."""

    now: datetime
    progress: Progress | None
    note: str

    @property
    def status(self) -> str:
        if self.progress is None:
            return self.note
        return f"{self.progress.done} of {self.progress.total} weeks played"


class Clockwork:
    """Survives any reload of the page: what plays belongs to the process, not to a reader."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._moving = False
        self._stopping = False
        self._progress: Progress | None = None
        self._note = ""
        self._playing: asyncio.Task[None] | None = None

    @property
    def face(self) -> Face:
        now = self._controls.now().replace(second=0, microsecond=0)
        return Face(now, self._progress, self._note)

    async def advance(self, to: Step) -> None:
        """May raise Refusal (the clock is moving) or StoreUnavailable."""
        self._take_hold()
        try:
            self._note = await self._controls.advance(to)
        finally:
            self._moving = False

    def play(self, weeks: int) -> None:
        """Start playing; returns at once. May raise Refusal."""
        self._take_hold()
        self._stopping = False
        self._progress = Progress(0, weeks, "Starting")
        self._playing = asyncio.create_task(self._play(weeks))

    def stop(self) -> None:
        """Stop after the week that is playing."""
        self._stopping = True

    async def close(self) -> None:
        if self._playing:
            self._playing.cancel()
            await asyncio.wait([self._playing])

    async def _play(self, weeks: int) -> None:
        done = 0
        try:
            async for step in self._controls.play(weeks):
                self._progress, done = step, step.done
                if self._stopping:
                    break
            self._note = f"{done} of {weeks} weeks played.{AFTERWARDS if done else ''}"
        except StoreUnavailable:
            self._note = f"Stopped after {done} weeks: the database cannot be written. Try again."
        except Exception:
            _log.exception("playing weeks failed")
            self._note = f"Stopped after {done} weeks by an error; the log of the bot has it."
        finally:
            self._progress, self._moving = None, False

    def _take_hold(self) -> None:
        if self._moving:
            raise Refusal(409, "The clock is moving already. Wait until it stands still, or stop it.")
        self._moving = True
