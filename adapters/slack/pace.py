"""Slack's limits, kept before they are met: https://docs.slack.dev/apis/web-api/rate-limits"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.memory import keep
from bot.ports import PlatformError


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` calls at once, and from then on one every `interval` seconds."""

    interval: float
    burst: int = 1


CHANNEL = Rate(1.0)
"""Messages in one channel."""
METHODS = {
    "chat.postMessage": Rate(60 / 300, 8),
    "chat.update": Rate(60 / 50, 5),
    "conversations.history": Rate(60 / 50, 5),
    "conversations.members": Rate(60 / 100, 10),
}
"""In one workspace: "several hundred messages per minute", Tier 3, Tier 3, Tier 4; users.info counts for itself."""
_KEPT = 20_000

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pace:
    """Turns for what goes out, in each channel and for each method in each workspace.

    Who would wait longer than `patience` seconds is told when to come back instead, each at another time: a
    caller that holds a delivery must not run into its own time-out while nothing has been sent.
    """

    patience: float = 1.0
    methods: Mapping[str, Rate] = field(default_factory=lambda: METHODS)
    channel: Rate = CHANNEL
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    booked: "OrderedDict[Key, float]" = field(default_factory=OrderedDict)
    """When a key would be free if there were no bursts (the theoretical arrival time of
    https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm)."""
    invited: "OrderedDict[Key, float]" = field(default_factory=OrderedDict)
    """When the next one that is sent away from a key is to come back."""
    held: "OrderedDict[Key, float]" = field(default_factory=OrderedDict)
    """Until when Slack wants to hear nothing of a method in a workspace."""

    async def turn(
        self, workspace: str, method: str, channel: str = "", patience: float | None = None
    ) -> None:
        """Wait for the next turn of all that is asked for. Raises PlatformError("not_yet")."""
        now = self.clock()
        asked = {(workspace, method): self.methods.get(method, _UNLIMITED)}
        if channel:
            asked[workspace, f"in {channel}"] = self.channel
        free = {key: self._free(key, rate, now) for key, rate in asked.items()}
        last = max(free, key=lambda key: free[key])
        start = free[last]
        if start - now > (self.patience if patience is None else patience):
            raise PlatformError("not_yet", "paced", self._invite(last, asked[last], start) - now)
        for key, rate in asked.items():
            keep(self.booked, key, max(start, self.booked.get(key, start)) + rate.interval, _KEPT)
        if start > now:
            await asyncio.sleep(start - now)

    def check(self, workspace: str, method: str) -> None:
        """Raises PlatformError("not_yet") while Slack wants to hear nothing of it."""
        rest = self.held.get((workspace, method), 0.0) - self.clock()
        if rest > 0:
            raise PlatformError("not_yet", "ratelimited", rest)

    def hold(self, workspace: str, method: str, seconds: float) -> None:
        """Slack said `Retry-After`: other methods and other workspaces go on."""
        keep(self.held, (workspace, method), self.clock() + seconds, _KEPT)

    def _free(self, key: Key, rate: Rate, now: float) -> float:
        ahead = (rate.burst - 1) * rate.interval
        return max(now, self.booked.get(key, now) - ahead, self.held.get(key, now))

    def _invite(self, key: Key, rate: Rate, start: float) -> float:
        back = max(self.invited.get(key, 0.0), start - self.patience / 2)
        keep(self.invited, key, back + rate.interval, _KEPT)
        return back


_UNLIMITED = Rate(0.0)
