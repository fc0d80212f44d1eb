"""Slack takes about one message a second in each channel: https://docs.slack.dev/apis/web-api/rate-limits"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.ports import PlatformError

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """Turns in each channel, `interval` seconds apart.

    Who would wait longer than `patience` seconds is told to come back instead: a caller that holds a delivery
    must not run into its own time-out while nothing has been sent.
    """

    interval: float = 1.0
    patience: float = 2.0
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    free: "OrderedDict[str, float]" = field(default_factory=OrderedDict)

    async def turn(self, channel: str) -> None:
        """Wait for the channel's next turn. Raises PlatformError("later")."""
        now = self.clock()
        start = max(now, self.free.get(channel, now))
        if start - now > self.patience:
            raise PlatformError("later", "paced", start - now)
        self.free[channel] = start + self.interval
        self.free.move_to_end(channel)
        while len(self.free) > _KEPT:
            self.free.popitem(last=False)
        await asyncio.sleep(start - now)
