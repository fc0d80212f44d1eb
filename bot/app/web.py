"""The one web server: platforms' doors, health, metrics and the sandbox page."""

import hmac
import logging
from collections.abc import Sequence
from secrets import token_hex
from time import perf_counter

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.app.health import Health
from bot.app.logs import REQUEST
from bot.app.metrics import Metrics
from bot.app.settings import is_loopback
from bot.ports import StoreUnavailable

log = logging.getLogger(__name__)

LARGEST = 256 * 1024
"""Bytes a request body may have."""
REQUEST_ID = "X-Request-Id"
REPEATED = "X-Slack-Retry-Num"
QUIET = ("/healthz", "/readyz", "/metrics")
"""Asked all the time: not worth a line, and no measure of how platforms are answered."""
PLAIN = "text/plain; version=0.0.4; charset=utf-8"


def application(health: Health, routes: Sequence[web.RouteDef] = ()) -> web.Application:
    """`routes` are the platforms'; health and metrics are in every process that listens."""
    app = web.Application(client_max_size=LARGEST, middlewares=[_counted(health.bot.metrics)])
    token = health.bot.settings.web.metrics_token.get_secret_value()

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        checks = await health.checks()
        return web.json_response(checks, status=200 if all(checks.values()) else 503)

    async def metrics(request: web.Request) -> web.Response:
        if not _may_measure(request, token):
            raise web.HTTPNotFound
        try:
            return web.Response(body=await health.metrics(), headers={"Content-Type": PLAIN})
        except StoreUnavailable:
            raise web.HTTPServiceUnavailable from None

    own = [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]
    app.add_routes([*own, *routes])
    return app


def _may_measure(request: web.Request, token: str) -> bool:
    """How much is going on tells something: to this machine, and to whoever has the token."""
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    return "X-Forwarded-For" not in request.headers and is_loopback(request.remote or "")


def _counted(metrics: Metrics) -> Middleware:
    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        id, began, status = token_hex(8), perf_counter(), 500
        REQUEST.set(id)
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as refused:
            status = refused.status
            refused.headers[REQUEST_ID] = id
            raise
        finally:
            _tell(metrics, request, status, perf_counter() - began)
        if not response.prepared:
            response.headers[REQUEST_ID] = id
        return response

    return counted


def _tell(metrics: Metrics, request: web.Request, status: int, seconds: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "unknown"
    if route not in QUIET:
        metrics.answered(route, status, seconds, REPEATED in request.headers)
        if status >= 400:
            log.info("answered %s: %s in %.3f s", status, route, seconds)
