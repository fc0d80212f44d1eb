"""What was read a moment ago, so that a burst of clicks on one round does not read it again for each."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key, each for `seconds` and `most` of them at once. That something is absent is not remembered."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: dict[K, tuple[float, V]] = {}
        self._reading: dict[K, asyncio.Task[V | None]] = {}

    async def get(self, key: K, read: Callable[[K], Awaitable[V | None]]) -> V | None:
        """Whoever asks while it is being read waits for that reading."""
        now = asyncio.get_running_loop().time()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < self._seconds:
            return kept[1]
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.ensure_future(self._read(key, read, now))
        return await asyncio.shield(reading)

    def forget(self) -> None:
        """What is being read just now may be the old already: it is not kept, and nobody else waits for it."""
        self._kept.clear()
        self._reading.clear()

    async def _read(self, key: K, read: Callable[[K], Awaitable[V | None]], now: float) -> V | None:
        try:
            value = await read(key)
        finally:
            is_new = self._reading.get(key) is asyncio.current_task()
            if is_new:
                del self._reading[key]
        if is_new and value is not None:
            self._keep(key, now, value)
        return value

    def _keep(self, key: K, now: float, value: V) -> None:
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = (now, value)
