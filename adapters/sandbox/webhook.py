"""Serve the sandbox: the page, its live updates, and the forms that people send from it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from typing import get_args

from aiohttp import web

from adapters.sandbox import actions as acts
from adapters.sandbox import page, parse, stream
from adapters.sandbox import verify as guard
from adapters.sandbox.actions import ChatServices, ListRooms
from adapters.sandbox.cast import Person, find_person
from adapters.sandbox.chat_log import ChatLog
from adapters.sandbox.clock_port import ClockControls, Step
from adapters.sandbox.demo_clock import WEEKS, DemoClock
from adapters.sandbox.log_cache import Transcript
from adapters.sandbox.places import Spot, parse_spot
from adapters.sandbox.responses import (
    UNAVAILABLE,
    Answering,
    answer_done,
    answer_html,
    answer_refusal,
    guard_request,
    read_form,
    serve_file,
)
from adapters.sandbox.view import find_newest_line
from adapters.sandbox.writes import Writes
from adapters.shared.rejection import Refusal
from bot.ports import Inbox, Now, StoreUnavailable

_Act = Callable[[Person, Spot, Mapping[str, str]], Awaitable[str]]


class SandboxWebhook:
    """Handle the sandbox's requests; leaving `open` ends the streams before the web server stops."""

    def __init__(
        self, inbox: Inbox, log: ChatLog, now: Now, rooms: ListRooms, controls: ClockControls | None
    ) -> None:
        self._chat = ChatServices(inbox, log, Transcript(log), now, rooms)
        self._clock = DemoClock(controls) if controls else None
        self._seen: dict[tuple[str, str], int] = {}
        self._closing = asyncio.Event()
        self._writes = Writes()

    def routes(self) -> list[web.RouteDef]:
        posts = {
            "say": self._send_text,
            "press": self._press_button,
            "edit": self._edit_message,
            "delete": self._delete_message,
            "clock": self._advance_clock,
            "play": self._play_weeks,
            "stop": self._stop_playing,
        }
        return [
            web.get("/", guard_request(self._show_page)),
            web.get("/sandbox/stream", guard_request(self._stream_updates)),
            web.get("/sandbox/static/{name}", guard_request(serve_file)),
            *(
                web.post(f"/sandbox/{name}", guard_request(self._make_handler(act)))
                for name, act in posts.items()
            ),
        ]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self._closing.set()
            self._chat.transcript.wake_readers()
            if self._clock:
                await self._clock.close()

    async def _show_page(self, request: web.Request) -> web.StreamResponse:
        who = find_person(request.query.get("as", "") or request.cookies.get("who", ""))
        if who is None or "choose" in request.query:
            return answer_html(page.render_welcome())
        rooms = await self._chat.rooms()
        default = rooms[0].spot if rooms else Spot("dm", who.id)
        here = await self._find_place(request, who) or default
        response = answer_html(page.render_page(await self._read_view(who, here), token_hex(8)))
        response.set_cookie("who", who.id, httponly=True, samesite="Strict", path="/")
        return response

    async def _stream_updates(self, request: web.Request) -> web.StreamResponse:
        who = parse.find_author(request.query)
        here = parse.find_place(request.query, who)
        await acts.find_channel(self._chat, here)

        async def read_view() -> page.PageContext:
            return await self._read_view(who, here)

        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **guard.HEADERS})
        await response.prepare(request)
        # The reader closing the page is how most streams end.
        with suppress(ConnectionResetError):
            async for event in stream.stream_events(read_view, self._chat.transcript, self._closing):
                await response.write(event.encode())
        return response

    async def _read_view(self, who: Person, here: Spot) -> page.PageContext:
        entries = await self._chat.transcript.read_entries()
        self._seen[who.id, here.place] = find_newest_line(entries, here)
        face = self._clock.face if self._clock else None
        return page.PageContext(who, here, await self._chat.rooms(), entries, dict(self._seen), face)

    async def _find_place(self, request: web.Request, who: Person) -> Spot | None:
        """Return the place in the address; None if there is none, or it belongs to the person before a switch."""
        try:
            here = parse_spot(request.query.get("in", ""))
        except ValueError:
            return None
        if here.kind == "dm" and here.of != who.id:
            return None
        await acts.find_channel(self._chat, here)
        return here

    def _make_handler(self, act: _Act) -> Answering:
        async def handle_form(request: web.Request) -> web.StreamResponse:
            self._writes.check_room()
            fields = parse.parse_form(await read_form(request), request.content_type)
            try:
                who = parse.find_author(fields)
                where = parse.find_place(fields, who)
                mark = await act(who, where, fields)
            except Refusal as refusal:
                return answer_refusal(request, refusal.status, refusal.reason, fields)
            except StoreUnavailable:
                return answer_refusal(request, 503, UNAVAILABLE, fields)
            self._chat.transcript.wake_readers()
            return answer_done(request, who, where, mark)

        return handle_form

    async def _send_text(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:
        await acts.send_text(
            self._chat, who, where, parse.read_text(fields), fields.get("nonce", token_hex(8))
        )
        return "text"

    async def _press_button(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:
        line = parse.read_number(fields, "line")
        return f"m{await acts.press_button(self._chat, who, where, line, fields) or line}"

    async def _edit_message(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:
        line = parse.read_number(fields, "line")
        await acts.edit_message(self._chat, who, where, line, parse.read_text(fields))
        return f"m{line}"

    async def _delete_message(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:
        line = parse.read_number(fields, "line")
        await acts.delete_message(self._chat, who, where, line)
        return f"m{line}"

    async def _advance_clock(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:  # noqa: ARG002
        to = fields.get("to", "")
        for step in get_args(Step):
            if to == step:
                await self._require_clock().advance(step)
                return "clock"
        raise Refusal(400, f"The clock can move to one of: {', '.join(get_args(Step))}.")

    async def _play_weeks(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:  # noqa: ARG002
        weeks = parse.read_number(fields, "weeks")
        if not 1 <= weeks <= 52:
            raise Refusal(400, f"Please play between 1 and 52 weeks, for example {WEEKS}.")
        self._require_clock().play(weeks)
        return "clock"

    async def _stop_playing(self, who: Person, where: Spot, fields: Mapping[str, str]) -> str:  # noqa: ARG002
        self._require_clock().stop()
        return "clock"

    def _require_clock(self) -> DemoClock:
        if self._clock is None:
            raise Refusal(
                409, "The clock keeps real time here, because the bot is connected to another platform too."
            )
        return self._clock
