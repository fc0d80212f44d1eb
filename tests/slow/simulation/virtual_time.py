"""One event loop for everything that is simulated: time passes only when nobody has anything to do.

Whatever a simulated process starts (tasks, timers, threads' work) belongs to it, by a context variable; where the
process is dead, none of that ever runs again, no `finally` either: that is what `kill -9` does.
"""

import asyncio
import contextvars
import os
import random
import sys
import time
from asyncio import base_events
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

BEGIN = datetime(2027, 2, 2, 7, 55, tzinfo=UTC)
"""When every simulation begins: Tuesday, five minutes before 09:00 in Berlin."""
STEPS_AT_MOST = 3_000_000
"""Callbacks of one simulation: a loop that never rests is a failure, not a long wait."""


class Stuck(AssertionError):
    """Nobody will ever have anything to do again, or nobody ever rests."""


@dataclass(slots=True, eq=False)
class Owner:
    """A process as the loop sees it."""

    name: str
    is_dead: bool = False
    dies_in: int | None = None
    """Callbacks until it is killed; None: it is not."""
    clock_is_off: timedelta = field(default_factory=timedelta)
    """How far its machine's clock is ahead of the true time."""

    death: "asyncio.Future[None] | None" = None
    """Done when it is dead."""

    def kill(self) -> None:
        self.is_dead = True
        if self.death and not self.death.done():
            # In nobody's context: what waits for it is the world.
            contextvars.Context().run(self.death.set_result, None)


WORLD = Owner("world")
OWNER: contextvars.ContextVar[Owner] = contextvars.ContextVar("owner", default=WORLD)


class _NoSockets:
    """A selector that waits for nothing but time."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Stuck("nothing will ever happen again")
        self._loop.passed += max(0.0, timeout)
        return []


class VirtualLoop(base_events.BaseEventLoop):
    """asyncio's own loop without sockets and threads; `chance` decides how long what runs on a thread takes."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.passed = 0.0
        """Seconds since the beginning."""
        self.steps = 0
        self.faults: list[str] = []
        """What was told to the loop's exception handler."""
        self._selector = _NoSockets(self)
        self.tasks: list[Any] = []
        """Kept, so that nothing of the dead is cleared away, and thereby ended, before the simulation is over."""
        self.set_exception_handler(lambda _, told: self._told(told))
        self.set_task_factory(_owned)

    def time(self) -> float:
        return self.passed

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:
        return super().call_soon(self._step, callback, args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        return super().call_at(when, self._step, callback, args, context=context)

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, _: object, func: Callable[..., Any], *args: Any) -> Any:
        """As if on a thread: begun a little later, and over at once."""
        future = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except Exception as error:
                if not future.done():
                    future.set_exception(error)
                return
            if not future.done():
                future.set_result(result)

        self.call_later(self.chance.uniform(0.0002, 0.004), work)
        return future

    def close(self) -> None:
        self._ready.clear()
        self._scheduled.clear()
        super().close()

    def _step(self, callback: Any, args: tuple[Any, ...]) -> None:
        owner = OWNER.get()
        if owner.is_dead:
            return
        self.steps += 1
        if self.steps > STEPS_AT_MOST:
            raise Stuck("nobody ever rests")
        if owner.dies_in is not None:
            owner.dies_in -= 1
            if owner.dies_in <= 0:
                owner.kill()
                return
        callback(*args)

    def _told(self, told: dict[str, Any]) -> None:
        error = told.get("exception")
        if isinstance(error, Stuck):
            raise error
        if "destroyed" not in str(told.get("message")):
            self.faults.append(f"{OWNER.get().name}: {told.get('message')} {error!r}")

    def _process_events(self, event_list: object) -> None:
        """No sockets, no events."""

    def _write_to_self(self) -> None:
        """Nobody waits for a socket."""


def _owned(loop: Any, coro: Any, **named: Any) -> Any:
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **named)
    loop.tasks.append(task)
    return task


# The clocks that the code reads: patched once, in a process of its own, before any of the code is imported.

_loop: VirtualLoop | None = None
_real = {"time": time.time, "monotonic": time.monotonic, "urandom": os.urandom}


def true_time() -> float:
    """Seconds since 1970, as the platforms and people have it."""
    return BEGIN.timestamp() + (_loop.passed if _loop else 0.0)


def wall() -> float:
    """Seconds since 1970, as the machine of whoever asks has it."""
    return true_time() + OWNER.get().clock_is_off.total_seconds() if _loop else _real["time"]()  # type: ignore[operator]


def monotonic() -> float:
    return _loop.passed if _loop else _real["monotonic"]()  # type: ignore[operator]


def urandom(count: int) -> bytes:
    return _loop.chance.randbytes(count) if _loop else _real["urandom"](count)  # type: ignore[operator]


class _LikeDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class VirtualDatetime(datetime, metaclass=_LikeDatetime):
    """`datetime` for modules that ask it for the time; what it makes are real ones."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.fromtimestamp(wall(), tz)


def replace_clocks() -> None:
    """To be called before the code is imported: some of it remembers `time.monotonic`."""
    time.time, time.monotonic, time.perf_counter, os.urandom = wall, monotonic, monotonic, urandom
    time.clock_gettime = lambda _: monotonic()
    random._urandom = urandom  # type: ignore[attr-defined]


def replace_datetime() -> None:
    """To be called once all code is imported."""
    for name, module in list(sys.modules.items()):
        root = name.partition(".")[0]
        if root in ("bot", "adapters", "storage", "apscheduler") and vars(module).get("datetime") is datetime:
            module.datetime = VirtualDatetime  # type: ignore[attr-defined]


@contextmanager
def running(seed: int) -> Iterator[VirtualLoop]:
    """A loop at the beginning of time, whose every chance follows from `seed`."""
    global _loop
    random.seed(seed)
    _loop = VirtualLoop(random.Random(seed))
    asyncio.set_event_loop(_loop)
    try:
        yield _loop
    finally:
        loop, _loop = _loop, None
        asyncio.set_event_loop(None)
        loop.close()


def soon(step: Callable[[], object]) -> None:
    """Call it after as long as a commit takes: what the store's writer is woken by."""
    assert _loop
    _loop.call_later(_loop.chance.uniform(0.0005, 0.006), step)


real_monotonic: Callable[[], float] = _real["monotonic"]  # type: ignore[assignment]
