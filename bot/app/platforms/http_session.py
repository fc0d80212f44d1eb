"""Set up what every platform's wiring needs: an HTTP session, and time for its replies when the process ends."""

from contextlib import AsyncExitStack

import aiohttp

from bot.app.config.schema import Settings
from bot.app.platforms.egress_proxy import read_proxy
from bot.app.runtime.bot import Bot

DRAIN_SECONDS = 5.0
"""Seconds that replies under way get before the process ends."""


async def open_session(bot: Bot, stack: AsyncExitStack, platform: str) -> aiohttp.ClientSession:
    """Open a session that `stack` closes. A call ends after `schedule.send_timeout` and is counted for `platform`."""
    heard = bot.metrics.listening_to(platform)
    return await stack.enter_async_context(
        make_session(bot.settings, bot.settings.schedule.send_timeout, heard)
    )


def make_session(
    settings: Settings, seconds: float, *middlewares: aiohttp.ClientMiddlewareType
) -> aiohttp.ClientSession:
    """Make a session that calls platforms, through the proxy of the settings. A call ends after so many seconds."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=seconds),
        # The callers bound themselves; with aiohttp's own limit 100 calls that hang would block all others.
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),  # a cookie of one company's call must not go out with another's
        middlewares=[*middlewares, read_proxy(settings).send_through],
    )
