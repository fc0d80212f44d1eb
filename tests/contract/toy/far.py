"""Toychat itself, on loopback: keeps messages, knows its people, and tells the bot what they do."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

Json = dict[str, Any]
TOKEN = "toy-token"
PEOPLE = (
    {"user": "anna", "company": "northwind"},
    {"user": "carl", "company": "northwind"},
    {"user": "ben", "company": "meridian"},
)


@dataclass(slots=True)
class FarToy:
    bot_url: str = ""
    messages: list[Json] = field(default_factory=list)
    private: dict[str, list[Json]] = field(default_factory=dict)
    fault: str = ""
    url: str = ""

    async def answer_call(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({}, status=401)
        fault, self.fault = self.fault, ""
        if fault in ("refused", "later"):
            return web.json_response({}, status=403 if fault == "refused" else 503)
        result = self.carry_out(request.match_info["method"], await request.json())
        if fault == "unknown":
            request.transport and request.transport.close()
        return web.json_response(result)

    def carry_out(self, method: str, body: Json) -> Json:
        match method:
            case "post":
                self.messages.append({**body, "id": str(len(self.messages) + 1)})
                return self.messages[-1]
            case "update":
                (message,) = [message for message in self.messages if message["id"] == body["id"]]
                message.update(text=body["text"], buttons=body["buttons"])
                return message
            case "find":
                found = [m for m in self.messages if (m["place"], m["key"]) == (body["place"], body["key"])]
                return found[0] if found else {"place": "", "id": ""}
            case "members":
                return {"people": list(PEOPLE)}
        raise web.HTTPNotFound

    async def tell(self, user: str, event: Json) -> None:
        """Tell the bot what somebody did, and show that person alone what it answers."""
        company = next(person["company"] for person in PEOPLE if person["user"] == user)
        card = await self._send({"user": user, "company": company, **event})
        if card:
            self.private.setdefault(user, []).append(card)

    async def echo(self, id: str) -> None:
        """Tell the bot of its own message, as Toychat tells of every message."""
        (posted,) = [message for message in self.messages if message["id"] == id]
        said = {"type": "said", "id": id, "thread": None, "text": posted["text"], "channel": posted["place"]}
        await self._send({"user": "pulse", "company": "northwind", "is_bot": True, **said})

    async def _send(self, event: Json) -> Json | None:
        told = {"workspace": "toy", "at": time.time(), **event}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.bot_url}/toy/events", json=told, headers=headers) as answer,
        ):
            assert answer.status == 200, answer.status
            card: Json | None = (await answer.json())["card"]
            return card


@asynccontextmanager
async def serve_toychat() -> AsyncIterator[FarToy]:
    far = FarToy()
    app = web.Application()
    app.add_routes([web.post("/{method}", far.answer_call)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    far.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield far
    finally:
        await runner.cleanup()
