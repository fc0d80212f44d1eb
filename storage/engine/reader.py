"""Run reads on a few threads of their own, off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from bot.ports import StoreUnavailable
from storage.engine.errors import to_store_error

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4


class Reader:
    """Reads on threads of its own, each in a transaction; any number at once, `THREADS` of them at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closed = False
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store-reader")

    async def run(
        self, work: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `work` with a connection and return its result. Raises StoreUnavailable, and what `work` raises."""

        def read(connection: Connection) -> R:
            return work(connection, *args, **kwargs)

        if self._closed:
            raise StoreUnavailable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, read)

    def _read(self, work: Callable[[Connection], R]) -> R:
        try:
            with self._engine.connect() as connection:
                return work(connection)
        except Exception as error:
            failure = to_store_error(error)
        raise failure

    def close(self) -> None:
        """Finish what is being read. Blocks."""
        self._closed = True
        self._threads.shutdown()
