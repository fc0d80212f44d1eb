"""Answer the browser: JSON for the page's script, pages for readers without scripts."""

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

UNAVAILABLE = "The database can't be reached, and nothing was saved. Please try again in a minute."

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATIC = Path(__file__).parent / "static"
_ASSETS = ("style.css", "chat.js", "icon.svg")


def guard_request(answer: Answering) -> Answering:
    """Return a handler that only answers this machine's browser and shows every refusal as a message."""

    async def answer_guarded(request: web.Request) -> web.StreamResponse:
        try:
            guard.check_request(request)
            return await answer(request)
        except Refusal as refusal:
            return answer_refusal(request, refusal.status, refusal.reason, {})
        except StoreUnavailable:
            return answer_refusal(request, 503, UNAVAILABLE, {})

    return answer_guarded


async def read_form(request: web.Request) -> bytes:
    """Return the form's bytes. Raises Refusal (413) if it is too large."""
    try:
        return await read_stream(request.content, LONGEST_FORM)
    except BodyTooLarge:
        raise Refusal(413, f"The form is too large: at most {LONGEST_FORM} bytes.") from None


async def serve_file(request: web.Request) -> web.StreamResponse:
    """Answer with one of the page's own files. Raises Refusal (404)."""
    name = request.match_info["name"]
    if name not in _ASSETS:
        raise Refusal(404, "There is no such file.")
    return web.FileResponse(_STATIC / name, headers={**guard.HEADERS, "Cache-Control": "no-cache"})


def answer_html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=guard.HEADERS)


def answer_done(request: web.Request, who: Person, where: Spot, mark: str) -> web.Response:
    """Answer that the form was taken; `mark` is the id of the part of the page to show next."""
    if _for_script(request):
        return web.json_response({"mark": mark}, headers=guard.HEADERS)
    query = urlencode({"as": who.id, "in": where.place})
    return web.Response(status=303, headers={**guard.HEADERS, "Location": f"/?{query}#{mark}"})


def answer_refusal(
    request: web.Request, status: int, message: str, fields: Mapping[str, str]
) -> web.Response:
    if _for_script(request):
        return web.json_response({"problem": message}, status=status, headers=guard.HEADERS)
    return answer_html(page.render_problem(message, request.path if fields else "", dict(fields)), status)


def _for_script(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")
