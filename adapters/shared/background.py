"""Run work after an acknowledgement, and wait for it before the process ends."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackgroundTasks:
    """Hold the tasks that are running: asyncio itself may collect a task that nobody refers to."""

    running: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Start the work and return at once. A failure is logged, because nobody waits for the result."""
        task = asyncio.ensure_future(run_and_log(work))
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def drain(self, seconds: float) -> None:
        """Wait for running tasks, at most `seconds`."""
        if self.running:
            await asyncio.wait(self.running, timeout=seconds)


async def run_and_log(work: Awaitable[None]) -> None:
    """Await the work. Log an error by its type alone: asyncio would log its text, which may be a person's words."""
    try:
        await work
    except Exception as error:
        log.error("failed after the acknowledgement: %s", type(error).__name__, exc_info=error)
