"""Cache the chat log in memory; each read fetches only the lines that changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.chat_log import Body, ChatLog, LogLine, from_json


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with its body parsed."""

    id: int
    place: str
    author: str
    body: Body
    at: datetime


class Transcript:
    """Hold the log for all readers of a process; `wake_readers` tells waiting readers of news."""

    def __init__(self, log: ChatLog) -> None:
        self._log = log
        self._entries: dict[int, Entry] = {}
        self._in_order: tuple[Entry, ...] = ()
        self._change = 0
        self._reading = asyncio.Lock()
        self._news = asyncio.Event()

    async def read_entries(self) -> Sequence[Entry]:
        """Return all lines in their present state, in the order of writing. Raises StoreUnavailable."""
        async with self._reading:
            changed = await self._log.lines(self._change)
            for line in changed:
                self._entries[line.id] = _parse_line(line)
                self._change = max(self._change, line.change)
            if changed:
                self._in_order = tuple(self._entries[line_id] for line_id in sorted(self._entries))
            return self._in_order

    def wake_readers(self) -> None:
        """End the wait of all readers."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def wait_for_news(self, at_most: float) -> None:
        """Wait for `wake_readers`, but at most `at_most` seconds, because other processes write too."""
        try:
            async with asyncio.timeout(at_most):
                await self._news.wait()
        except TimeoutError:
            return


def _parse_line(line: LogLine) -> Entry:
    return Entry(line.id, line.place, line.author, from_json(line.body), line.at)
