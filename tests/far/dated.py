"""The `Date` of an answer, by the far side's own clock: what the bot compares its clock with."""

from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import web


def dated(clock: Callable[[], float]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Make the signal handler that writes `clock` (seconds since 1970) into each answer's `Date`."""

    async def write_date(_: web.Request, answer: web.StreamResponse) -> None:
        answer.headers["Date"] = formatdate(clock(), usegmt=True)

    return write_date
