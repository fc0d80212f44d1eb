"""Keep the rate below Slack's limits: https://docs.slack.dev/apis/web-api/rate-limits"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from adapters.shared.lru import remember_recent
from bot import rate_limit as turns
from bot.ports import PlatformError
from bot.rate_limit import Rate, Turn, WaitingLine

CHANNEL_RATE = Rate(1.0)
"""Messages per second in one channel."""
METHOD_RATES = {
    "chat.postMessage": Rate(60 / 300, 8),
    "chat.update": Rate(60 / 50, 5),
    "conversations.history": Rate(60 / 50, 5),
    "conversations.members": Rate(60 / 100, 10),
}
"""Of one workspace: "several hundred messages per minute", Tier 3, Tier 3, Tier 4. The directory limits users.info."""
_MAX_KEYS = 20_000
"""Channels and methods to remember; the least recently used is forgotten first."""

Key: TypeAlias = tuple[str, str]
AskSharedTurn: TypeAlias = Callable[[str, Rate, float], Awaitable[Turn | None]]
"""Name, rate, most seconds to wait → a turn, in seconds from now; None: ask again."""
_ATTEMPTS, _PAUSE = 20, 0.02
"""Attempts to get a shared turn while other processes ask too, and the mean seconds between them."""


@dataclass(frozen=True, slots=True)
class SlackRateLimiter:
    """Turns for calls, by channel and by method of each workspace.

    A caller that would wait longer than `patience` seconds gets an error with its own time to come back. Otherwise a
    caller that holds a delivery could run into its time-out before anything was sent.
    """

    patience: float = 1.0
    methods: Mapping[str, Rate] = field(default_factory=lambda: METHOD_RATES)
    channel: Rate = CHANNEL_RATE
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    shared: AskSharedTurn | None = None
    """Counts the calls of `methods` across all processes; None if this is the only process."""
    lines: "OrderedDict[Key, WaitingLine]" = field(default_factory=OrderedDict)
    blocked: "OrderedDict[Key, float]" = field(default_factory=OrderedDict)
    """Until when Slack wants to hear nothing of a method in a workspace."""

    async def wait_for_turn(
        self, workspace: str, method: str, channel: str = "", patience: float | None = None
    ) -> None:
        """Wait until the method, and the channel if given, have a turn. Raises PlatformError("not_yet")."""
        now, patience = self.clock(), self.patience if patience is None else patience
        asked = {(workspace, method): self.methods.get(method, _UNLIMITED)}
        if channel:
            asked[workspace, f"in {channel}"] = self.channel
        starts = {key: self._find_start(key, rate, now) for key, rate in asked.items()}
        last = max(starts, key=lambda key: starts[key])
        start = starts[last]
        if start - now > patience:
            raise PlatformError("not_yet", "paced", self._book_return(last, asked[last], start) - now)
        if self.shared and method in self.methods:
            rate = asked.pop((workspace, method))
            start = max(
                start, now + await _ask_shared_turn(self.shared, f"{workspace} {method}", rate, patience)
            )
        for key, rate in asked.items():
            self._keep_line(key, turns.book_turn(self._get_line(key), rate, start))
        if start > now:
            await asyncio.sleep(start - now)

    def check_retry_after(self, workspace: str, method: str) -> None:
        """Raise PlatformError("not_yet") until the time that Slack gave as `Retry-After` is over."""
        rest = self.blocked.get((workspace, method), 0.0) - self.clock()
        if rest > 0:
            raise PlatformError("not_yet", "ratelimited", rest)

    def note_retry_after(self, workspace: str, method: str, seconds: float) -> None:
        """Block the method in this workspace for the seconds of `Retry-After`."""
        remember_recent(self.blocked, (workspace, method), self.clock() + seconds, _MAX_KEYS)

    def _find_start(self, key: Key, rate: Rate, now: float) -> float:
        return max(turns.find_free_turn(self._get_line(key), rate, now), self.blocked.get(key, now))

    def _book_return(self, key: Key, rate: Rate, start: float) -> float:
        line, back = turns.invite_back(self._get_line(key), rate, start, self.patience)
        self._keep_line(key, line)
        return back

    def _get_line(self, key: Key) -> WaitingLine:
        return self.lines.get(key, WaitingLine())

    def _keep_line(self, key: Key, line: WaitingLine) -> None:
        remember_recent(self.lines, key, line, _MAX_KEYS)


async def _ask_shared_turn(shared: AskSharedTurn, name: str, rate: Rate, patience: float) -> float:
    """Return the seconds until a turn that is counted across processes. Raises PlatformError("not_yet")."""
    for _ in range(_ATTEMPTS):
        turn = await shared(name, rate, patience)
        if turn is None:
            await asyncio.sleep(random.uniform(0, 2 * _PAUSE))
        elif turn.is_given:
            return turn.at
        else:
            raise PlatformError("not_yet", "paced", turn.at)
    raise PlatformError("not_yet", "paced", patience)


_UNLIMITED = Rate(0.0)
