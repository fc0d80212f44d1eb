"""Ask a platform for its time: every HTTP response has a `Date`, even one of 404."""

import asyncio
from contextlib import suppress
from functools import partial

import aiohttp

from bot.app.runtime.bot import Chore

PATIENCE = 3.0
"""Seconds that the platform may take to respond."""


def make_time_source(session: aiohttp.ClientSession, url: str) -> Chore:
    """Make a chore that requests only headers, past caches. The middleware of `session` reads their `Date`."""
    return partial(_request_date, session, url)


async def _request_date(session: aiohttp.ClientSession, url: str) -> None:
    with suppress(aiohttp.ClientError, TimeoutError, OSError):
        async with asyncio.timeout(PATIENCE):
            await session.head(url, allow_redirects=False, headers={"Cache-Control": "no-cache"})
