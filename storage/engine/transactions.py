"""Transactions: a repository's method that takes a connection becomes a coroutine that carries it out in one.

    @read_transaction
    def find_round(self, connection: Connection, round_id: str) -> Round | None: ...

    await rounds.find_round("r1")

Each may raise StoreUnavailable.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from storage.engine.reader import Reader
from storage.engine.writer import Writer


class _Reads(Protocol):
    @property
    def reader(self) -> Reader: ...


class _Writes(Protocol):
    @property
    def writer(self) -> Writer: ...


P = ParamSpec("P")
R = TypeVar("R")
ReadsT = TypeVar("ReadsT", bound=_Reads)
WritesT = TypeVar("WritesT", bound=_Writes)


def read_transaction(
    work: Callable[Concatenate[ReadsT, Connection, P], R],
) -> Callable[Concatenate[ReadsT, P], Coroutine[Any, Any, R]]:
    """Carry the method out on the repository's reader."""

    @wraps(work)
    async def run(self: ReadsT, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.reader.run(lambda connection: work(self, connection, *args, **kwargs))

    return run


def write_transaction(
    work: Callable[Concatenate[WritesT, Connection, P], R],
) -> Callable[Concatenate[WritesT, P], Coroutine[Any, Any, R]]:
    """Carry the method out on the repository's writer."""

    @wraps(work)
    async def run(self: WritesT, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.writer.run(lambda connection: work(self, connection, *args, **kwargs))

    return run


def long_transaction(
    work: Callable[Concatenate[WritesT, Connection, P], R],
) -> Callable[Concatenate[WritesT, P], Coroutine[Any, Any, R]]:
    """Carry the method out on the repository's writer; nobody waits for it at a button, so it may take a minute."""

    @wraps(work)
    async def run(self: WritesT, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.writer.run_long(lambda connection: work(self, connection, *args, **kwargs))

    return run
