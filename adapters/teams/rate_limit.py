"""Stay below Teams' rate limits for each conversation and each tenant.

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/rate-limit
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.shared.lru import remember_recent
from bot.ports import PlatformError

Window = tuple[int, float]
"""At most this many requests within this many seconds."""

CONVERSATION: tuple[Window, ...] = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
TENANT: tuple[Window, ...] = ((30, 1.0),)
"""Microsoft's older page says 30 a second, a newer one 50."""
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class TeamsRateLimit:
    """Reserve times to send; a wait of more than `patience` seconds is refused."""

    patience: float = 2.0
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    sent: "OrderedDict[str, deque[float]]" = field(default_factory=OrderedDict)

    async def wait_turn(self, tenant: str, conversation: str) -> None:
        """Wait until both limits allow a request. Raises PlatformError("not_yet") for a wait beyond `patience`."""
        now = self.clock()
        places = ((tenant, TENANT), (f"{tenant} {conversation}", CONVERSATION))
        start = max(self._find_free_time(key, windows, now) for key, windows in places)
        if start - now > self.patience:
            raise PlatformError("not_yet", "paced", start - now)
        for key, windows in places:
            self._book_time(key, windows, start)
        if start > now:
            await asyncio.sleep(start - now)

    def _find_free_time(self, key: str, windows: tuple[Window, ...], now: float) -> float:
        times = self.sent.get(key, ())
        return max([now, *(times[-most] + span for most, span in windows if len(times) >= most)])

    def _book_time(self, key: str, windows: tuple[Window, ...], at: float) -> None:
        times = self.sent.get(key) or deque(maxlen=max(most for most, _ in windows))
        times.append(at)
        remember_recent(self.sent, key, times, _KEPT)
