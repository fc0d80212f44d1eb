"""Slack's limits, kept before they are met: https://docs.slack.dev/apis/web-api/rate-limits"""

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
"""Messages in one channel."""
METHOD_RATES = {
    "chat.postMessage": Rate(60 / 300, 8),
    "chat.update": Rate(60 / 50, 5),
    "conversations.history": Rate(60 / 50, 5),
    "conversations.members": Rate(60 / 100, 10),
}
"""In one workspace: "several hundred messages per minute", Tier 3, Tier 3, Tier 4; users.info counts for itself."""
_KEPT = 20_000

Key: TypeAlias = tuple[str, str]
AskSharedTurn: TypeAlias = Callable[[str, Rate, float], Awaitable[Turn | None]]
"""Asked for a turn by a name, within so many seconds: a turn, in seconds from now; None: ask again."""
_LOOKS, _NAP = 20, 0.02
"""How often to ask again while another process does, and seconds between."""


@dataclass(frozen=True, slots=True)
class SlackRateLimiter:
    """Turns for what goes out, in each channel and for each method in each workspace.

    Who would wait longer than `patience` seconds is told when to come back instead, each at another time: a
    caller that holds a delivery must not run into its own time-out while nothing has been sent.
    """

    patience: float = 1.0
    methods: Mapping[str, Rate] = field(default_factory=lambda: METHOD_RATES)
    channel: Rate = CHANNEL_RATE
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    shared: AskSharedTurn | None = None
    """Counts what all processes together call of `methods`; None: this one is the only one that counts."""
    lines: "OrderedDict[Key, WaitingLine]" = field(default_factory=OrderedDict)
    held: "OrderedDict[Key, float]" = field(default_factory=OrderedDict)
    """Until when Slack wants to hear nothing of a method in a workspace."""

    async def wait_for_turn(
        self, workspace: str, method: str, channel: str = "", patience: float | None = None
    ) -> None:
        """Wait for the next turn of all that is asked for. Raises PlatformError("not_yet")."""
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
        """Raises PlatformError("not_yet") while Slack wants to hear nothing of it."""
        rest = self.held.get((workspace, method), 0.0) - self.clock()
        if rest > 0:
            raise PlatformError("not_yet", "ratelimited", rest)

    def note_retry_after(self, workspace: str, method: str, seconds: float) -> None:
        """Slack said `Retry-After`: other methods and other workspaces go on."""
        remember_recent(self.held, (workspace, method), self.clock() + seconds, _KEPT)

    def _find_start(self, key: Key, rate: Rate, now: float) -> float:
        return max(turns.find_free_turn(self._get_line(key), rate, now), self.held.get(key, now))

    def _book_return(self, key: Key, rate: Rate, start: float) -> float:
        line, back = turns.invite_back(self._get_line(key), rate, start, self.patience)
        self._keep_line(key, line)
        return back

    def _get_line(self, key: Key) -> WaitingLine:
        return self.lines.get(key, WaitingLine())

    def _keep_line(self, key: Key, line: WaitingLine) -> None:
        remember_recent(self.lines, key, line, _KEPT)


async def _ask_shared_turn(shared: AskSharedTurn, name: str, rate: Rate, patience: float) -> float:
    """Seconds until the turn, of all processes. Raises PlatformError("not_yet")."""
    for _ in range(_LOOKS):
        turn = await shared(name, rate, patience)
        if turn is None:
            await asyncio.sleep(random.uniform(0, 2 * _NAP))
        elif turn.is_given:
            return turn.at
        else:
            raise PlatformError("not_yet", "paced", turn.at)
    raise PlatformError("not_yet", "paced", patience)


_UNLIMITED = Rate(0.0)
