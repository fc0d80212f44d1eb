"""The one writer: a thread that commits everything waiting in one transaction.

Each commit costs one wait for the disk, however many answers it holds
(https://sqlite.org/wal.html#performance_considerations): under load the batches grow and the cost a
command shrinks.

What a caller may rely on:

- A result is handed out only after the commit that holds it has reached the disk.
- StoreUnavailable means that nothing was written, and nothing will be: a command that waits longer than
  `PATIENCE` is withdrawn, and a batch that holds a withdrawn command is rolled back and done again
  without it. One case cannot be decided: a commit already under way that does not come back within
  `PATIENCE` more, or whose connection breaks; the command may then turn out to have been saved. All commands
  are safe to run twice.
- One bad command does not harm the others: its batch is rolled back and each is tried alone.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from time import perf_counter
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine

from bot.ports import StoreUnavailable
from storage.engine.errors import is_outage, to_store_error

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A")

PATIENCE = 2.0
"""Seconds a caller waits to be written: Slack shows its own error after 3."""
LONG_PATIENCE = 60.0
WAITING_AT_MOST = 5_000
BATCH_AT_MOST = 500
GATHER = 0.003
"""Seconds to let a burst gather: what a transaction costs, however little is in it."""

Bulk: TypeAlias = Callable[[Connection, Sequence[A]], Sequence[R]]
"""Carries out many commands of one kind at once: one result for each, in order."""

Committed: TypeAlias = Callable[[float, int], None]
"""Told how many seconds a transaction took, and how many commands it carried out."""

wake: Callable[[Callable[[], object]], object] | None = None
"""None: each writer has a thread of its own. A simulation, which has no threads, names here what is called after each
command with the step that carries out what is waiting."""


class _Stage(Enum):
    WAITING = 1
    WITHDRAWN = 2
    COMMITTING = 3


@dataclass(slots=True, eq=False)
class _Command:
    work: Bulk[Any, Any]
    given: Any
    done: asyncio.Future[Any]
    stage: _Stage = _Stage.WAITING
    result: Any = None
    error: Exception | None = None


class _Withdrawn(Exception):
    """A command of the batch was given up while it was carried out."""


class Writer:
    """Takes commands on the event loop and carries them out on its own thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Command | None] = queue.SimpleQueue()
        self._stages = threading.Lock()
        self._closed = False
        self.committed: Committed = lambda *_: None
        self._wake = wake
        self._thread = threading.Thread(target=self._run_batches, name="store-writer", daemon=True)
        if self._wake is None:
            self._thread.start()

    @property
    def alive(self) -> bool:
        return not self._closed and (self._wake is not None or self._thread.is_alive())

    @property
    def waiting(self) -> int:
        """How many commands wait to be carried out."""
        return self._queue.qsize()

    @property
    def crowded(self) -> bool:
        """So much is waiting that soon no more is taken."""
        return self.waiting > 0.8 * WAITING_AT_MOST

    async def run(
        self, work: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """One command of its own kind. Raises StoreUnavailable, and what `work` raises."""
        return await self.run_bulk(_repeat_work(lambda connection: work(connection, *args, **kwargs)), None)

    async def run_long(
        self, work: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a command that nobody waits for at a button; give up only after `LONG_PATIENCE`."""
        return await self.run_bulk(
            _repeat_work(lambda connection: work(connection, *args, **kwargs)), None, LONG_PATIENCE
        )

    async def run_bulk(self, work: Bulk[A, R], given: A, patience: float | None = None) -> R:
        """Run a command that may share a transaction with others of the same `work`."""
        if not self.alive:
            raise StoreUnavailable("the writer has stopped")
        if self.waiting >= WAITING_AT_MOST:
            raise StoreUnavailable("too much is waiting to be written")
        command = _Command(work, given, asyncio.get_running_loop().create_future())
        self._queue.put(command)
        if self._wake is not None:
            self._wake(self._step)
        return await self._await_outcome(command, patience or PATIENCE)  # type: ignore[no-any-return]

    async def _await_outcome(self, command: _Command, patience: float) -> Any:
        late = command.done.get_loop().call_later(patience, self._give_up, command)
        try:
            return await command.done
        except asyncio.CancelledError:
            self._withdraw_command(command)
            raise
        finally:
            late.cancel()

    def _give_up(self, command: _Command) -> None:
        """Give up a command that took too long; one that is being committed has `PATIENCE` more."""
        if self._withdraw_command(command):
            _refuse_command(command, "the database took too long")
        else:
            why = "the database did not say whether it was saved"
            command.done.get_loop().call_later(PATIENCE, _refuse_command, command, why)

    def _withdraw_command(self, command: _Command) -> bool:
        with self._stages:
            if command.stage is _Stage.WAITING:
                command.stage = _Stage.WITHDRAWN
            return command.stage is _Stage.WITHDRAWN

    def close(self) -> None:
        """Carry out what is waiting, then stop. Blocks."""
        self._closed = True
        self._queue.put(None)
        if self._wake is None:
            self._thread.join()
        else:
            self._run_batches()

    # On the writer's thread.

    def _run_batches(self) -> None:
        while self._step():
            pass

    def _step(self) -> bool:
        """Carry out what is waiting; on a thread, wait for it. False at the end."""
        batch = self._next_batch()
        self._carry_out(batch)
        _hand_out(batch)
        return bool(batch)

    def _next_batch(self) -> list[_Command]:
        """Return waiting commands, at least one; none at the end. If several wait, more are on their way."""
        batch: list[_Command] = []
        while len(batch) < BATCH_AT_MOST:
            try:
                command = self._queue.get(block=not batch and self._wake is None)
            except queue.Empty:
                break
            if not batch and self.waiting:
                time.sleep(GATHER)
            if command is None:
                self._queue.put(None)
                break
            batch.append(command)
        return batch

    def _carry_out(self, batch: list[_Command]) -> None:
        wanted = [command for command in batch if command.stage is not _Stage.WITHDRAWN]
        try:
            self._commit_batch(wanted)
        except _Withdrawn:
            self._carry_out(wanted)
        except Exception as error:
            if is_outage(error):
                _fail_batch(wanted, to_store_error(error))
            else:
                self._commit_each(wanted)

    def _commit_each(self, batch: Iterable[_Command]) -> None:
        for command in batch:
            try:
                if command.stage is not _Stage.WITHDRAWN:
                    self._commit_batch([command])
            except _Withdrawn:
                continue
            except Exception as error:
                _fail_batch([command], to_store_error(error))

    def _commit_batch(self, batch: Sequence[_Command]) -> None:
        if not batch:
            return
        began = perf_counter()
        with self._engine.begin() as connection:
            for work, commands in _group_by_work(batch).items():
                results = work(connection, [command.given for command in commands])
                for command, result in zip(commands, results, strict=True):
                    command.result = result
            self._begin_commit(batch)
        self.committed(perf_counter() - began, len(batch))

    def _begin_commit(self, batch: Sequence[_Command]) -> None:
        with self._stages:
            if any(command.stage is _Stage.WITHDRAWN for command in batch):
                raise _Withdrawn
            for command in batch:
                command.stage = _Stage.COMMITTING


def _refuse_command(command: _Command, why: str) -> None:
    if not command.done.done():
        command.done.set_exception(StoreUnavailable(why))


def _repeat_work(work: Callable[[Connection], R]) -> Bulk[None, R]:
    return lambda connection, given: [work(connection) for _ in given]


def _group_by_work(batch: Sequence[_Command]) -> dict[Bulk[Any, Any], list[_Command]]:
    kinds: dict[Bulk[Any, Any], list[_Command]] = {}
    for command in batch:
        kinds.setdefault(command.work, []).append(command)
    return kinds


def _fail_batch(batch: Iterable[_Command], error: Exception) -> None:
    for command in batch:
        command.error = error


def _hand_out(batch: Iterable[_Command]) -> None:
    """Tell the callers, with one wake-up for each event loop rather than one for each command."""
    loops: dict[asyncio.AbstractEventLoop, list[_Command]] = {}
    for command in batch:
        loops.setdefault(command.done.get_loop(), []).append(command)
    for loop, commands in loops.items():
        with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
            loop.call_soon_threadsafe(_resolve_futures, commands)


def _resolve_futures(batch: Iterable[_Command]) -> None:
    for command in batch:
        if command.done.done():
            continue
        if command.error is not None:
            command.done.set_exception(command.error)
        else:
            command.done.set_result(command.result)
