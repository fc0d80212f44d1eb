"""The chat log as the page reads it: kept up to date in memory by asking only for what changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.chat_log import Body, Line, Log, from_json


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with its body read."""

    id: int
    place: str
    author: str
    body: Body
    at: datetime


class Transcript:
    """One for all readers of a process. `wake` tells waiting readers that there is something new."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._entries: dict[int, Entry] = {}
        self._in_order: tuple[Entry, ...] = ()
        self._change = 0
        self._reading = asyncio.Lock()
        self._news = asyncio.Event()

    async def entries(self) -> Sequence[Entry]:
        """Every line as it stands now, in the order of writing. May raise StoreUnavailable."""
        async with self._reading:
            changed = await self._log.lines(self._change)
            for line in changed:
                self._entries[line.id] = _entry(line)
                self._change = max(self._change, line.change)
            if changed:
                self._in_order = tuple(self._entries[id] for id in sorted(self._entries))
            return self._in_order

    def wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def news(self, at_most: float) -> None:
        """Return at the next `wake`, or after `at_most` seconds: other processes write here too."""
        try:
            async with asyncio.timeout(at_most):
                await self._news.wait()
        except TimeoutError:
            return


def _entry(line: Line) -> Entry:
    return Entry(line.id, line.place, line.author, from_json(line.body), line.at)
