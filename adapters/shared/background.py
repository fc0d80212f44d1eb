"""What goes on after an acknowledgement: held until it is done, and awaited before the process ends."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Errands:
    under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, errand: Coroutine[Any, Any, None]) -> None:
        """Begin it and return at once. Where it fails, that is logged: there is nobody left to be told."""
        task = asyncio.ensure_future(_done(errand))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def drain(self, seconds: float) -> None:
        """Wait for what is under way, so many seconds at most."""
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=seconds)


async def _done(errand: Coroutine[Any, Any, None]) -> None:
    try:
        await errand
    except Exception as error:  # asyncio would log what it says, which may be somebody's words
        log.error("failed after the acknowledgement: %s", type(error).__name__, exc_info=error)
