"""Move the demo's clock, one movement at a time: a step, or weeks that play in the background."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.clock_port import ClockControls, Progress, Step
from adapters.shared.rejection import Refusal
from bot.ports import StoreUnavailable

WEEKS = 12
"""Weeks that one press of “Play” plays."""
AFTERWARDS = (
    " Ask for the score, or become a lead: digests, and alerts if any, wait in their direct messages."
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClockFace:
    """Hold what the page shows of the clock, to the minute; `progress` is None unless weeks are playing."""

    now: datetime
    progress: Progress | None
    note: str

    @property
    def status(self) -> str:
        if self.progress is None:
            return self.note
        return f"{self.progress.done} of {self.progress.total} weeks played"


class DemoClock:
    """Run the movements; they belong to the process, so reloading the page does not stop them."""

    def __init__(self, controls: ClockControls) -> None:
        self._controls = controls
        self._moving = False
        self._stopping = False
        self._progress: Progress | None = None
        self._note = ""
        self._playing: asyncio.Task[None] | None = None

    @property
    def face(self) -> ClockFace:
        now = self._controls.now().replace(second=0, microsecond=0)
        return ClockFace(now, self._progress, self._note)

    async def advance(self, to: Step) -> None:
        """Move to the next such moment. Raises Refusal while the clock is moving, and StoreUnavailable."""
        self._begin_moving()
        try:
            self._note = await self._controls.advance(to)
        finally:
            self._moving = False

    def play(self, weeks: int) -> None:
        """Start to play weeks in the background. Raises Refusal while the clock is moving."""
        self._begin_moving()
        self._stopping = False
        self._progress = Progress(0, weeks, "Starting")
        self._playing = asyncio.create_task(self._play_weeks(weeks))

    def stop(self) -> None:
        """Stop after the week that is playing."""
        self._stopping = True

    async def close(self) -> None:
        """Cancel the weeks that are playing and wait until they end."""
        if self._playing:
            self._playing.cancel()
            await asyncio.wait([self._playing])

    async def _play_weeks(self, weeks: int) -> None:
        done = 0
        try:
            async for step in self._controls.play(weeks):
                self._progress, done = step, step.done
                if self._stopping:
                    break
            self._note = f"{done} of {weeks} weeks played.{AFTERWARDS if done else ''}"
        except StoreUnavailable:
            self._note = (
                f"Stopped after {done} weeks, which are saved. The database can't be reached; try again."
            )
        except Exception:
            _log.exception("playing weeks failed")
            self._note = (
                f"An error stopped it after {done} weeks, which are saved. The bot's log has details."
            )
        finally:
            self._progress, self._moving = None, False

    def _begin_moving(self) -> None:
        if self._moving:
            raise Refusal(409, "The clock is already moving. Please wait until it stops, or stop it.")
        self._moving = True
