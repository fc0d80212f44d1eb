"""A server that nobody may ask anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def serve_canary() -> AsyncIterator[tuple[str, list[str | None]]]:
    """Yield its address, and of each request the token that it was shown."""
    hits: list[str | None] = []

    async def sing(request: web.Request) -> web.Response:
        hits.append(request.headers.get("Authorization"))
        return web.json_response({"id": "1", "activityId": "1"})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", sing)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/emea", hits
    finally:
        await runner.cleanup()
