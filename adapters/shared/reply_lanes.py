"""Show cards after an acknowledgement, with bounds on number, waiting time and concurrency for each workspace.

Replies to commands have workers of their own, so that a crowd of clicks cannot delay them. A confirmation that could
not be shown within a minute is dropped: the answer itself is stored, and the person sees it when they look again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import TypeAlias

from adapters.shared.background import run_and_log

SendReply: TypeAlias = Callable[[], Awaitable[None]]
"""Show one card. Called once, possibly seconds after the acknowledgement."""

log = logging.getLogger(__name__)

COMMAND_WORKERS = 8
"""Replies to commands that one workspace may have under way at the same time."""
CONFIRMATION_WORKERS = 4
"""Confirmations that it may have."""
QUEUE_LIMIT = 500
"""Waiting replies of each kind and workspace. Beyond it, the oldest is dropped."""
EXPIRY = 60.0
"""Seconds after which a confirmation is no longer shown."""
RUSH_SIZE = 16
"""Concurrent requests that make a rush: acknowledging them (within 3 seconds) then comes before showing cards."""
RUSH_WAIT = 3.0
"""Seconds that a confirmation waits at most for the end of a rush."""
_POLL = 0.05
"""Seconds between looks at whether the rush is over."""


@dataclass(slots=True)
class Rush:
    """Count of the requests being handled now."""

    requests: int = 0

    def __enter__(self) -> None:
        self.requests += 1

    def __exit__(self, *_: object) -> None:
        self.requests -= 1

    async def wait_for_end(self, until: float) -> None:
        """Wait until the rush is over, or until the event loop's time `until`."""
        while self.requests >= RUSH_SIZE and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(_POLL)


@dataclass(frozen=True, slots=True)
class _QueuedReply:
    since: float
    """Time of the event loop."""
    show: SendReply
    context: Context
    """Context of the request, so that its id is in the log."""


@dataclass(slots=True)
class _Lane:
    serves_commands: bool
    waiting: deque[_QueuedReply] = field(default_factory=deque)
    workers: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class ReplyLanes:
    """Hold a lane for commands and one for confirmations of each workspace, as long as anything is in it."""

    rush: Rush = field(default_factory=Rush)
    lanes: dict[tuple[str, bool], _Lane] = field(default_factory=dict)
    running: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, workspace: str, is_command: bool, show: SendReply, seconds: float = 0.0) -> None:
        """Queue the reply, after so many seconds, and return at once. A failure is logged: nobody waits for the result.

        A reply that waits for its time holds up no other. Beyond `QUEUE_LIMIT` of these it is dropped.
        """
        if seconds:
            if len(self.running) >= QUEUE_LIMIT:
                log.warning("a reply that was to be shown later was dropped: too many")
                return
            self._keep(asyncio.ensure_future(self._start_later(workspace, is_command, show, seconds)))
            return
        key = workspace, is_command
        lane = self.lanes.setdefault(key, _Lane(is_command))
        lane.waiting.append(_QueuedReply(asyncio.get_running_loop().time(), show, copy_context()))
        if len(lane.waiting) > QUEUE_LIMIT:
            lane.waiting.popleft()
            lane.dropped += 1
        if lane.workers < (COMMAND_WORKERS if is_command else CONFIRMATION_WORKERS):
            lane.workers += 1
            self._keep(asyncio.ensure_future(self._work_off_lane(key, lane)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def _start_later(self, workspace: str, is_command: bool, show: SendReply, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.start(workspace, is_command, show)

    async def drain(self, seconds: float) -> None:
        """Wait at most `seconds` for running and waiting replies. Those still waiting then are dropped."""
        if self.running:
            await asyncio.wait(self.running, timeout=seconds)
        for lane in self.lanes.values():
            lane.dropped += len(lane.waiting)
            lane.waiting.clear()
            _log_dropped(lane)

    async def _work_off_lane(self, key: tuple[str, bool], lane: _Lane) -> None:
        while lane.waiting:
            await self._show_next(lane)
        lane.workers -= 1
        if not lane.workers:
            del self.lanes[key]
            _log_dropped(lane)

    async def _show_next(self, lane: _Lane) -> None:
        next_up, loop = lane.waiting.popleft(), asyncio.get_running_loop()
        if not lane.serves_commands:
            await self.rush.wait_for_end(next_up.since + RUSH_WAIT)
            if loop.time() - next_up.since > EXPIRY:
                lane.dropped += 1
                return
        await loop.create_task(run_and_log(next_up.show()), context=next_up.context)


def _log_dropped(lane: _Lane) -> None:
    if lane.dropped:
        kind = "answers to commands" if lane.serves_commands else "confirmations"
        log.warning("%d %s were not shown: too many, or too late", lane.dropped, kind)
        lane.dropped = 0
