"""The `Date` of an answer where a far side's clock is to differ from this machine's."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import web


@dataclass(slots=True)
class Dates:
    """`ahead`: seconds that the far side's answers say it is later than on this machine."""

    ahead: Callable[[], float] = lambda: 0.0

    def handler(self) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
        """Make the signal handler that writes `Date` into each answer."""

        async def write_date(_: web.Request, answer: web.StreamResponse) -> None:
            answer.headers["Date"] = formatdate(time.time() + self.ahead(), usegmt=True)

        return write_date
