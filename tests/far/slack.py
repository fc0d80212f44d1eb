"""Serve a strict Slack on loopback: the Web API, `response_url`s, limits and faults.

    async with serving(two_companies(time.time)) as far:
        …  # far.api_url, far.state, far.calls, far.fail(…), far.limits

`tests/far/slack_hand.py` is the other half: people who write, click and send forms.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.far.dated import Dates
from tests.far.slack_methods import METHODS, ApiError, problems
from tests.far.slack_state import Posted, State, Workspace

Json = dict[str, Any]

FaultKind = Literal["hang", "hang_after", "late", "reset_before", "reset_after", "503", "429", "empty"]
"""`…_after`: accepted, but the caller never hears of it; `late`: accepted after the caller hung up; `empty`: an answer
that says that all is well, and nothing else."""


@dataclass(slots=True)
class Limits:
    """Slack's rate limits. https://docs.slack.dev/apis/web-api/rate-limits"""

    per_channel: bool = False
    """One message a second in each channel, and `burst` at once after a rest."""
    tiers: bool = False
    """So many calls of a method a minute in each workspace, evenly, and `leap` at once after a rest."""
    burst: int = 3
    leap: int = 10


@dataclass(slots=True)
class FarSlack:
    state: State
    limits: Limits = field(default_factory=Limits)
    dates: Dates = field(default_factory=Dates)
    api_url: str = ""
    base_url: str = ""
    calls: list[tuple[str, str, Json]] = field(default_factory=list)
    """(workspace, method, arguments) of every call that was let in."""
    statuses: "Counter[str]" = field(default_factory=Counter)
    faults: "deque[tuple[str, str, float]]" = field(default_factory=deque)
    draws: bool = True
    """Are charts rolled out? If not, whatever holds one is refused as a whole."""
    buckets: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    """What is left in each, and when it was looked at."""
    mix: Callable[[str], tuple[str, float] | None] | None = None
    """Asked at each call of a method for which none is planned: a fault and its seconds, or None."""
    hanging: set[str] = field(default_factory=set)
    """Channels in which a post is never answered, nor taken."""
    asleep: set[str] = field(default_factory=set)
    """Workspaces for which no call is ever answered."""
    responding: float = 0.0
    """Seconds that a post to a `response_url` takes."""
    extra: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = field(default_factory=dict)
    """Methods that need no token of a workspace."""
    link: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    """Where Socket Mode connects to."""

    def fail(self, method: str, kind: str, seconds: float = 30.0) -> None:
        """The next call of `method` fails: a FaultKind, or `refuse:<code>` for `ok: false`."""
        self.faults.append((method, kind, seconds))

    def called(self, method: str) -> list[Json]:
        """Arguments of every call of a method."""
        return [given for _, name, given in self.calls if name == method]

    def application(self) -> web.Application:
        app = web.Application(client_max_size=2 * 1024 * 1024)
        app.on_response_prepare.append(self.dates.handler())
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/actions/{id}", self._respond)
        app.router.add_get("/link", self._link)
        return app

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if self.link is None:
            raise web.HTTPNotFound
        return await self.link(request)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if method == "api.test":
            return web.json_response({"ok": True})
        if method in self.extra:
            return await self.extra[method](request)
        if method not in METHODS:
            return refuse_call("unknown_method")
        try:
            caller = self._caller(request)
            given = await _arguments(request, takes_json=not METHODS[method][3])
        except ApiError as error:
            return refuse_call(error.code)
        wait = self._over(caller, method, given)
        if wait:
            self.statuses[f"429 {method}"] += 1
            return refuse_for_rate(wait)
        if caller.id in self.asleep:
            await asyncio.sleep(3600)
        if method == "chat.postMessage" and given.get("channel") in self.hanging:
            await asyncio.sleep(3600)
        fault = self._fault(method)
        return await (
            self._failing(request, fault, caller, method, given) if fault else self._do(caller, method, given)
        )

    async def _do(self, caller: Workspace, method: str, given: Json) -> web.Response:
        self.calls.append((caller.id, method, given))
        run, scope, _, _ = METHODS[method]
        try:
            if scope and scope not in caller.scopes:
                raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(caller.scopes)))
            self._look(given.get("blocks"))
            answer = run(self.state, caller, given)
        except ApiError as error:
            self.statuses[error.code] += 1
            return refuse_call(error.code, **error.more)
        self.statuses["ok"] += 1
        scopes = {"X-OAuth-Scopes": ",".join(sorted(caller.scopes))}
        return web.json_response({"ok": True, **answer}, headers=scopes)

    async def _failing(
        self, request: web.Request, fault: tuple[str, float], caller: Workspace, method: str, given: Json
    ) -> web.StreamResponse:
        kind, seconds = fault
        if kind.startswith("refuse:"):
            return refuse_call(kind.removeprefix("refuse:"))
        if kind == "429":
            return refuse_for_rate(seconds)
        if kind == "empty":
            return web.json_response({"ok": True})
        if kind == "503":
            return web.Response(
                status=503, text="<html>upstream unavailable</html>", content_type="text/html"
            )
        if kind == "late":
            asyncio.get_running_loop().call_later(
                seconds, lambda: asyncio.ensure_future(self._do(caller, method, given))
            )
            kind = "hang"
        if kind.endswith("_after"):
            await self._do(caller, method, given)
        if kind.startswith("reset") and request.transport:
            request.transport.abort()
        elif kind.startswith("hang"):
            await asyncio.sleep(seconds)
        return web.Response(status=503)

    def _look(self, blocks: object) -> None:
        for block in blocks if isinstance(blocks, list) else ():
            if not self.draws and block.get("type") == "data_visualization":
                raise ApiError("invalid_blocks", errors=["unsupported type: data_visualization"])

    async def _respond(self, request: web.Request) -> web.Response:
        known = self.state.response_urls.get(request.match_info["id"])
        if known is None or self.state.clock() - known.made_at > 1800:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        if known.uses >= 5:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        given = await request.json()
        found = problems(given.get("blocks", []), "message")
        if not self.draws:
            found += [block["type"] for block in given["blocks"] if block["type"] == "data_visualization"]
        if found or not given.get("text") or given.get("response_type") != "ephemeral":
            self.statuses["invalid_response"] += 1
            return web.json_response({"ok": False, "error": "invalid_blocks", "errors": found}, status=400)
        known.uses += 1
        await asyncio.sleep(self.responding)
        room = self.state.rooms[known.channel]
        if given.get("replace_original") and known.replaces is None:
            raise web.HTTPBadRequest(text="the bot would replace the question that everybody sees")
        if given.get("replace_original"):
            room.ephemerals = [message for message in room.ephemerals if message.ts != known.replaces]
        shown = Posted(self.state.ts(), room.id, "", known.team, given["text"], given.get("blocks", []))
        shown.to, shown.mrkdwn = known.user, given.get("mrkdwn", True)
        room.ephemerals.append(shown)
        return web.json_response({"ok": True})

    def _caller(self, request: web.Request) -> Workspace:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise ApiError("not_authed")
        caller = self.state.find_installed(token)
        if caller is None:
            raise ApiError("invalid_auth")
        if self.state.has_ended(caller, token):
            raise ApiError("token_expired")
        return caller

    def _fault(self, method: str) -> tuple[str, float] | None:
        for place, (name, kind, seconds) in enumerate(self.faults):
            if name == method:
                del self.faults[place]
                return kind, seconds
        return self.mix(method) if self.mix else None

    def _over(self, caller: Workspace, method: str, given: Json) -> float:
        """Seconds to wait where a limit is reached; 0 where not."""
        if self.limits.tiers:
            wait = self._spend((caller.id, method), self.limits.leap, METHODS[method][2] / 60)
            if wait:
                return wait
        if self.limits.per_channel and method == "chat.postMessage":
            return self._spend(("", str(given.get("channel"))), self.limits.burst, 1.0)
        return 0.0

    def _spend(self, key: tuple[str, str], most: int, a_second: float) -> float:
        """From a bucket of `most` that fills up with `a_second`."""
        now = asyncio.get_running_loop().time()
        left, since = self.buckets.get(key, (float(most), now))
        left = min(most, left + (now - since) * a_second)
        self.buckets[key] = (max(left - 1, 0.0) if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / a_second


@asynccontextmanager
async def serving(state: State, limits: Limits | None = None, port: int = 0) -> AsyncIterator[FarSlack]:
    """Slack on a free port of 127.0.0.1."""
    far = FarSlack(state, limits or Limits())
    runner = web.AppRunner(far.application(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        far.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        far.api_url = f"{far.base_url}/api/"
        yield far
    finally:
        await runner.cleanup()


async def _arguments(request: web.Request, takes_json: bool) -> Json:
    if request.method == "GET":
        return dict(request.query)
    if request.content_type == "application/json":
        if not takes_json:
            raise ApiError("invalid_arguments")
        given = await request.json()
        if not isinstance(given, dict):
            raise ApiError("json_not_object")
        return given
    return {key: value for key, value in (await request.post()).items() if isinstance(value, str)}


def refuse_call(code: str, **more: Any) -> web.Response:
    return web.json_response({"ok": False, "error": code, **more})


def refuse_for_rate(seconds: float) -> web.Response:
    wait = {"Retry-After": str(int(seconds + 0.999))}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=wait)
