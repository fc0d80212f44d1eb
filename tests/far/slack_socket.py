"""Serve Slack's end of Socket Mode: tickets, hello, envelopes, acknowledgements, and connections that end.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.far.slack import FarSlack

Json = dict[str, Any]
APP_TOKEN = "xapp-1-A0PULSE-canary"


@dataclass(slots=True)
class SocketServer:
    """Added to a far Slack by `with_sockets`."""

    far: FarSlack
    tickets: set[str] = field(default_factory=set)
    lines: list[web.WebSocketResponse] = field(default_factory=list)
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    seen: "Counter[str]" = field(default_factory=Counter)
    """connections, acknowledged, stray (acknowledgements of what was never sent)."""

    async def open(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {APP_TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        ticket = f"canary-ticket-{next(self.far.state.serial)}"
        self.tickets.add(ticket)
        url = f"ws{self.far.base_url.removeprefix('http')}"
        return web.json_response({"ok": True, "url": f"{url}/link?ticket={ticket}"})

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            raise web.HTTPForbidden
        self.tickets.remove(ticket)
        line = web.WebSocketResponse()
        await line.prepare(request)
        await line.send_json(
            {"type": "hello", "num_connections": 1, "connection_info": {"app_id": self.far.state.app_id}}
        )
        self.lines.append(line)
        self.seen["connections"] += 1
        async for message in line:
            if message.type is WSMsgType.TEXT:
                self._acknowledged(json.loads(message.data))
        self.lines = [other for other in self.lines if other is not line]
        return line

    def _acknowledged(self, told: Json) -> None:
        waiting = self.waiting.pop(told.get("envelope_id", ""), None)
        if waiting is None or told.keys() - {"envelope_id", "payload"}:
            self.seen["stray"] += 1
        elif not waiting.done():
            self.seen["acknowledged"] += 1
            waiting.set_result(told.get("payload") or {})

    async def deliver(self, kind: str, payload: Json, attempt: int = 0, seconds: float = 3.0) -> Json | None:
        """Through any one connection; what the bot answered, None where it did not within three seconds."""
        id = f"envelope-{next(self.far.state.serial)}"
        envelope = {"type": kind, "envelope_id": id, "payload": payload, "accepts_response_payload": True}
        if kind == "events_api":
            retry = {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
            envelope |= {"accepts_response_payload": False, **retry}
        self.waiting[id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                while not self.lines:
                    await asyncio.sleep(0.01)
                await self.lines[len(self.waiting) % len(self.lines)].send_json(envelope)
                return await self.waiting[id]
        except (TimeoutError, ConnectionError):
            return None

    async def refresh(self) -> None:
        """Slack asks to connect anew, and closes the old connections itself a moment later."""
        for line in list(self.lines):
            await line.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})

    def drop(self) -> None:
        """The network is gone, without a word."""
        for line in list(self.lines):
            transport = line._req and line._req.transport
            if transport:
                transport.abort()
        self.lines.clear()

    async def until(self, connections: int) -> None:
        async with asyncio.timeout(10):
            while self.seen["connections"] < connections or not self.lines:
                await asyncio.sleep(0.01)


def with_sockets(far: FarSlack) -> SocketServer:
    server = SocketServer(far)
    far.extra["apps.connections.open"] = server.open
    far.link = server.link
    return server
