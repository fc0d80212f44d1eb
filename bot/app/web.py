"""The one web server: platforms' doors, health, and the sandbox page."""

from collections.abc import Sequence

from aiohttp import web

from bot.app.worker import Pulsebeat
from bot.ports import Store, StoreUnavailable

LARGEST = 256 * 1024
"""Bytes a request body may have."""


def application(store: Store, beat: Pulsebeat | None, routes: Sequence[web.RouteDef]) -> web.Application:
    """`beat` is None in a process that does not tick."""
    app = web.Application(client_max_size=LARGEST)

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        checks = {"store": await _store_ready(store), "tick": beat is None or not beat.is_late()}
        return web.json_response(checks, status=200 if all(checks.values()) else 503)

    app.add_routes([web.get("/healthz", alive), web.get("/readyz", ready), *routes])
    return app


async def _store_ready(store: Store) -> bool:
    try:
        return await store.ready()
    except StoreUnavailable:
        return False
