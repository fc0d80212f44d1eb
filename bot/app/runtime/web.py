"""The one web server: platforms' doors, health, metrics and the sandbox page."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Sequence
from random import getrandbits
from time import perf_counter
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.shared.local_request import is_local_request
from bot.app.config.schema import Settings, Web, is_public
from bot.app.runtime.health import Health
from bot.app.runtime.logs import REQUEST
from bot.app.runtime.metrics import Metrics
from bot.ports import StoreUnavailable

log = logging.getLogger(__name__)

LARGEST = 256 * 1024
"""Bytes a request body may have."""
REQUEST_ID = "X-Request-Id"
REPEATED = "X-Slack-Retry-Num"
CLIENT_GONE = 499
"""Counted, and never sent, where the client hung up before there was an answer."""
QUIET = ("/healthz", "/readyz", "/metrics")
"""Asked all the time: not worth a line, and no measure of how platforms are answered."""
UNKNOWN = "unknown"
"""The route of a request for an address that is not there."""
HSTS = "max-age=31536000; includeSubDomains"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
Prepare: TypeAlias = Callable[[web.Request, web.StreamResponse], Awaitable[None]]
PLAIN = "text/plain; version=0.0.4; charset=utf-8"


def make_application(health: Health, routes: Sequence[web.RouteDef] = ()) -> web.Application:
    """`routes` are the platforms'; health and metrics are in every process that listens."""
    app = web.Application(client_max_size=LARGEST, middlewares=[_count_requests(health.bot.metrics)])
    settings = health.bot.settings

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def answer_ready(_: web.Request) -> web.Response:
        checks = await health.checks()
        why = await health.why()
        status = 200 if all(checks.values()) else 503
        return web.json_response({**checks, **({"why": why} if why else {})}, status=status)

    async def metrics(request: web.Request) -> web.Response:
        if not _may_measure(request, settings):
            raise web.HTTPNotFound
        try:
            return web.Response(body=await health.metrics(), headers={"Content-Type": PLAIN})
        except StoreUnavailable:
            raise web.HTTPServiceUnavailable from None

    own = [web.get("/healthz", alive), web.get("/readyz", answer_ready), web.get("/metrics", metrics)]
    app.add_routes([*own, *routes])
    for route in {UNKNOWN, *(resource.canonical for resource in app.router.resources())}.difference(QUIET):
        health.bot.metrics.expect_route(route)
    app.on_response_prepare.append(_with_headers(settings.web.public_url))
    return app


def describe_address(settings: Web, has_page: bool) -> str:
    """Return an address on this machine that answers 200: the sandbox's page, or else that of the health checks."""
    wildcards = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}
    host = wildcards.get(settings.host, settings.host)
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{settings.port}{'/' if has_page else '/readyz'}"


def _may_measure(request: web.Request, settings: Settings) -> bool:
    """How much is going on tells something: to whoever has the token, and to this machine where nobody else can come.

    A proxy on this machine may put its own name for the bot and tell nothing of whom it asks for: nginx's default
    (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header).
    """
    token = settings.web.metrics_token.get_secret_value()
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    return not is_public(settings) and is_local_request(request)


def _count_requests(metrics: Metrics) -> Middleware:
    @web.middleware
    async def count_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status = perf_counter(), 500
        REQUEST.set(f"{getrandbits(64):016x}")
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as refused:
            status = refused.status
            raise
        except asyncio.CancelledError:
            status = CLIENT_GONE
            raise
        finally:
            _record_request(metrics, request, status, perf_counter() - began)

    return count_request


def _with_headers(public_url: str) -> Prepare:
    """Add the headers that every answer carries, unless the page sets its own."""
    secure = {"Strict-Transport-Security": HSTS} if public_url.startswith("https://") else {}

    async def prepare(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in {**HEADERS, **secure, REQUEST_ID: REQUEST.get()}.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "pulse"  # not which libraries, of which versions

    return prepare


def _record_request(metrics: Metrics, request: web.Request, status: int, seconds: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource else UNKNOWN
    if route not in QUIET:
        metrics.count_response(route, status, seconds, REPEATED in request.headers)
        if status >= 400:
            log.info("answered %s: %s in %.3f s", status, route, seconds)
