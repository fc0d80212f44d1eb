"""The sandbox's doors: the page, its live updates, and the forms that people send from it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from typing import get_args

from aiohttp import web

from adapters.sandbox import actions as acts
from adapters.sandbox import page, parse, stream
from adapters.sandbox import verify as guard
from adapters.sandbox.actions import Chat, Rooms
from adapters.sandbox.cast import Person, person
from adapters.sandbox.chat_log import Log
from adapters.sandbox.clock_port import Controls, Step
from adapters.sandbox.demo_clock import WEEKS, Clockwork
from adapters.sandbox.log_cache import Transcript
from adapters.sandbox.places import Spot, spot
from adapters.sandbox.responses import UNAVAILABLE, Answering, body, done, guarded, html, refused, static
from adapters.sandbox.view import newest
from adapters.sandbox.writes import Writes
from adapters.shared.rejection import Refusal
from bot.ports import Inbox, Now, StoreUnavailable

_Act = Callable[[Person, Spot, Mapping[str, str]], Awaitable[str]]


class Webhook:
    """Wired once; `routes` go into the one web server, leaving `open` ends what is still open before that stops."""

    def __init__(self, inbox: Inbox, log: Log, now: Now, rooms: Rooms, controls: Controls | None) -> None:
        self._chat = Chat(inbox, log, Transcript(log), now, rooms)
        self._clock = Clockwork(controls) if controls else None
        self._seen: dict[tuple[str, str], int] = {}
        self._closing = asyncio.Event()
        self._writes = Writes()

    def routes(self) -> list[web.RouteDef]:
        posts = {
            "say": self._say,
            "press": self._press,
            "edit": self._edit,
            "delete": self._delete,
            "clock": self._advance,
            "play": self._play,
            "stop": self._stop,
        }
        return [
            web.get("/", guarded(self._page)),
            web.get("/sandbox/stream", guarded(self._stream)),
            web.get("/sandbox/static/{name}", guarded(static)),
            *(web.post(f"/sandbox/{name}", guarded(self._form(act))) for name, act in posts.items()),
        ]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self._closing.set()
            self._chat.transcript.wake()
            if self._clock:
                await self._clock.close()

    async def _page(self, request: web.Request) -> web.StreamResponse:
        who = person(request.query.get("as", "") or request.cookies.get("who", ""))
        if who is None or "choose" in request.query:
            return html(page.welcome())
        rooms = await self._chat.rooms()
        default = rooms[0].spot if rooms else Spot("dm", who.id)
        here = await self._place(request, who) or default
        response = html(page.page(await self._sight(who, here), token_hex(8)))
        response.set_cookie("who", who.id, httponly=True, samesite="Strict", path="/")
        return response

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        who = parse.author(request.query)
        here = parse.place(request.query, who)
        await acts.channel_of(self._chat, here)

        async def look() -> page.Sight:
            return await self._sight(who, here)

        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **guard.HEADERS})
        await response.prepare(request)
        # The reader closing the page is how most streams end.
        with suppress(ConnectionResetError):
            async for event in stream.events(look, self._chat.transcript, self._closing):
                await response.write(event.encode())
        return response

    async def _sight(self, who: Person, here: Spot) -> page.Sight:
        entries = await self._chat.transcript.entries()
        self._seen[who.id, here.place] = newest(entries, here)
        face = self._clock.face if self._clock else None
        return page.Sight(who, here, await self._chat.rooms(), entries, dict(self._seen), face)

    async def _place(self, request: web.Request, who: Person) -> Spot | None:
        """Where the address leads; None if it does not say, or says a place of before a switch of person."""
        try:
            here = spot(request.query.get("in", ""))
        except ValueError:
            return None
        if here.kind == "dm" and here.of != who.id:
            return None
        await acts.channel_of(self._chat, here)
        return here

    def _form(self, act: _Act) -> Answering:
        async def handle(request: web.Request) -> web.StreamResponse:
            self._writes.check_room()
            fields = parse.form(await body(request), request.content_type)
            try:
                who = parse.author(fields)
                where = parse.place(fields, who)
                mark = await act(who, where, fields)
            except Refusal as refusal:
                return refused(request, refusal.status, refusal.reason, fields)
            except StoreUnavailable:
                return refused(request, 503, UNAVAILABLE, fields)
            self._chat.transcript.wake()
            return done(request, who, where, mark)

        return handle

    async def _say(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:
        await acts.say(self._chat, who, where, parse.words(fields), fields.get("nonce", token_hex(8)))
        return "text"

    async def _press(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:
        line = parse.number(fields, "line")
        return f"m{await acts.press(self._chat, who, where, line, fields) or line}"

    async def _edit(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:
        line = parse.number(fields, "line")
        await acts.edit(self._chat, who, where, line, parse.words(fields))
        return f"m{line}"

    async def _delete(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:
        line = parse.number(fields, "line")
        await acts.delete(self._chat, who, where, line)
        return f"m{line}"

    async def _advance(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:  # noqa: ARG002
        to = fields.get("to", "")
        for step in get_args(Step):
            if to == step:
                await self._hands().advance(step)
                return "clock"
        raise Refusal(400, f"The clock moves to one of: {', '.join(get_args(Step))}.")

    async def _play(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:  # noqa: ARG002
        weeks = parse.number(fields, "weeks")
        if not 1 <= weeks <= 52:
            raise Refusal(400, f"Between 1 and 52 weeks can be played, for example {WEEKS}.")
        self._hands().play(weeks)
        return "clock"

    async def _stop(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:  # noqa: ARG002
        self._hands().stop()
        return "clock"

    def _hands(self) -> Clockwork:
        if self._clock is None:
            raise Refusal(409, "The clock keeps real time here: not every channel is a sandbox channel.")
        return self._clock
