"""Which time is it at a platform? Any of its HTTP answers says so, also one that finds nothing."""

import asyncio
from contextlib import suppress
from functools import partial

import aiohttp

from bot.app.runtime.bot import Chore

PATIENCE = 3.0
"""Seconds."""


def time_source(session: aiohttp.ClientSession, url: str) -> Chore:
    """Make a chore that asks for nothing but the header of an answer, past caches; `session` reads its `Date`."""
    return partial(_ask, session, url)


async def _ask(session: aiohttp.ClientSession, url: str) -> None:
    with suppress(aiohttp.ClientError, TimeoutError, OSError):
        async with asyncio.timeout(PATIENCE):
            await session.head(url, allow_redirects=False, headers={"Cache-Control": "no-cache"})
