"""Teams' limits, for each conversation and each tenant, kept before they are met.

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/rate-limit
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.shared.lru import remember_recent
from bot.ports import PlatformError

Window = tuple[int, float]
"""So many requests within so many seconds."""

CONVERSATION: tuple[Window, ...] = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
TENANT: tuple[Window, ...] = ((30, 1.0),)
"""An older page says 30 a second, a newer one 50."""
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """Who would wait longer than `patience` seconds is told to come back instead."""

    patience: float = 2.0
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    sent: "OrderedDict[str, deque[float]]" = field(default_factory=OrderedDict)

    async def turn(self, tenant: str, conversation: str) -> None:
        """Wait until both may be sent to. Raises PlatformError("not_yet")."""
        now = self.clock()
        places = ((tenant, TENANT), (f"{tenant} {conversation}", CONVERSATION))
        start = max(self._free(key, windows, now) for key, windows in places)
        if start - now > self.patience:
            raise PlatformError("not_yet", "paced", start - now)
        for key, windows in places:
            self._book(key, windows, start)
        if start > now:
            await asyncio.sleep(start - now)

    def _free(self, key: str, windows: tuple[Window, ...], now: float) -> float:
        times = self.sent.get(key, ())
        return max([now, *(times[-most] + span for most, span in windows if len(times) >= most)])

    def _book(self, key: str, windows: tuple[Window, ...], at: float) -> None:
        times = self.sent.get(key) or deque(maxlen=max(most for most, _ in windows))
        times.append(at)
        remember_recent(self.sent, key, times, _KEPT)
