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

    async def get(self, key: K, read: Callable[[K], Awaitable[V | None]]) -> V | None:
        now = asyncio.get_running_loop().time()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < self._seconds:
            return kept[1]
        value = await read(key)
        if value is not None:
            self._keep(key, now, value)
        return value

    def forget(self) -> None:
        self._kept.clear()

    def _keep(self, key: K, now: float, value: V) -> None:
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = (now, value)
