"""Answers to the browser: for its script as JSON, for a reader without scripts as pages."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from adapters.sandbox import page
from adapters.sandbox import verify as guard
from adapters.sandbox.cast import Person
from adapters.sandbox.parse import LONGEST_FORM
from adapters.sandbox.places import Spot
from adapters.shared.rejection import Refusal
from adapters.shared.request_body import BodyTooLarge, read_stream
from bot.ports import StoreUnavailable

UNAVAILABLE = "The bot cannot reach its database just now, and nothing was saved. Try again in a minute."

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATIC = Path(__file__).parent / "static"
_ASSETS = ("style.css", "chat.js", "icon.svg")


def guarded(answer: Answering) -> Answering:
    """Only for this machine's browser, and every refusal as a clear message."""

    async def guarded_answer(request: web.Request) -> web.StreamResponse:
        try:
            guard.check(request)
            return await answer(request)
        except Refusal as refusal:
            return refused(request, refusal.status, refusal.reason, {})
        except StoreUnavailable:
            return refused(request, 503, UNAVAILABLE, {})

    return guarded_answer


async def body(request: web.Request) -> bytes:
    """The raw form. Raises Refusal if it is too large."""
    try:
        return await read_stream(request.content, LONGEST_FORM)
    except BodyTooLarge:
        raise Refusal(413, f"The form is too large: at most {LONGEST_FORM} bytes.") from None


async def static(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    if name not in _ASSETS:
        raise Refusal(404, "There is no such file.")
    return web.FileResponse(_STATIC / name, headers={**guard.HEADERS, "Cache-Control": "no-cache"})


def html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=guard.HEADERS)


def done(request: web.Request, who: Person, where: Spot, mark: str) -> web.Response:
    """`mark` is the id of the part of the page to look at next."""
    if _for_script(request):
        return web.json_response({"mark": mark}, headers=guard.HEADERS)
    query = urlencode({"as": who.id, "in": where.place})
    return web.Response(status=303, headers={**guard.HEADERS, "Location": f"/?{query}#{mark}"})


def refused(request: web.Request, status: int, message: str, fields: Mapping[str, str]) -> web.Response:
    if _for_script(request):
        return web.json_response({"problem": message}, status=status, headers=guard.HEADERS)
    return html(page.problem(message, request.path if fields else "", dict(fields)), status)


def _for_script(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")
