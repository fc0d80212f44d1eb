"""Cards that are shown after an acknowledgement: bounded in number, in time and in hands for each workspace.

What a command asks for has hands of its own, so that no crowd of clicks stands before it. The confirmation of an answer
that could not be shown within a minute is dropped: the answer is stored, and whoever looks again sees it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import TypeAlias

Show: TypeAlias = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)

COMMAND_HANDS = 8
"""Answers to commands of a workspace that are on their way at the same time."""
CONFIRMATION_HANDS = 4
"""Confirmations that are."""
MOST_WAITING = 500
"""Of each kind, at a workspace; beyond, the oldest is dropped."""
TOO_LATE = 60.0
"""Seconds after which nobody waits for a confirmation any more."""
CROWD = 16
"""Requests in hand from which on there is a rush: acknowledging them (within 3 seconds) comes before showing."""
LATEST = 3.0
"""Seconds that a confirmation may wait for the end of a rush."""
_NAP = 0.05


@dataclass(slots=True)
class Rush:
    """How many requests are in hand."""

    requests: int = 0

    def __enter__(self) -> None:
        self.requests += 1

    def __exit__(self, *_: object) -> None:
        self.requests -= 1

    async def ebb(self, until: float) -> None:
        """Wait for its end, or until that time of the loop."""
        while self.requests >= CROWD and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(_NAP)


@dataclass(frozen=True, slots=True)
class _Waiting:
    since: float
    """Time of the loop."""
    show: Show
    context: Context
    """Of the request: its id stands in the log."""


@dataclass(slots=True)
class _Lane:
    is_for_commands: bool
    waiting: deque[_Waiting] = field(default_factory=deque)
    hands: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class ReplyLanes:
    """One lane for commands and one for confirmations of each workspace, as long as there is something in it."""

    rush: Rush = field(default_factory=Rush)
    lanes: dict[tuple[str, bool], _Lane] = field(default_factory=dict)
    under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, workspace: str, is_command: bool, show: Show) -> None:
        """Show it as soon as its lane allows, and return at once. What fails is logged: nobody is left to be told."""
        key = workspace, is_command
        lane = self.lanes.setdefault(key, _Lane(is_command))
        lane.waiting.append(_Waiting(asyncio.get_running_loop().time(), show, copy_context()))
        if len(lane.waiting) > MOST_WAITING:
            lane.waiting.popleft()
            lane.dropped += 1
        if lane.hands < (COMMAND_HANDS if is_command else CONFIRMATION_HANDS):
            lane.hands += 1
            task = asyncio.ensure_future(self._serve(key, lane))
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)

    async def drain(self, seconds: float) -> None:
        """Wait for what is under way or waiting, so many seconds at most. What is left then is not begun any more."""
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=seconds)
        for lane in self.lanes.values():
            lane.dropped += len(lane.waiting)
            lane.waiting.clear()
            _tell_dropped(lane)

    async def _serve(self, key: tuple[str, bool], lane: _Lane) -> None:
        while lane.waiting:
            await self._show_next(lane)
        lane.hands -= 1
        if not lane.hands:
            del self.lanes[key]
            _tell_dropped(lane)

    async def _show_next(self, lane: _Lane) -> None:
        next_up, loop = lane.waiting.popleft(), asyncio.get_running_loop()
        if not lane.is_for_commands:
            await self.rush.ebb(next_up.since + LATEST)
            if loop.time() - next_up.since > TOO_LATE:
                lane.dropped += 1
                return
        await loop.create_task(_attempt(next_up.show), context=next_up.context)


def _tell_dropped(lane: _Lane) -> None:
    if lane.dropped:
        kind = "answers to commands" if lane.is_for_commands else "confirmations"
        log.warning("%d %s were not shown: too many, or too late", lane.dropped, kind)
        lane.dropped = 0


async def _attempt(show: Show) -> None:
    try:
        await show()
    except Exception as error:  # asyncio would log what it says, which may be somebody's words
        log.error("failed after the acknowledgement: %s", type(error).__name__, exc_info=error)
