"""The bot's own routes, as wired, on a free port of 127.0.0.1."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.app.runtime.bot import Bot


@asynccontextmanager
async def serve_routes(bot: Bot) -> AsyncIterator[str]:
    """Its address, without a slash at the end."""
    app = web.Application()
    app.add_routes(bot.routes)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
