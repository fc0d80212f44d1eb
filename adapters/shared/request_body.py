"""Bodies of requests and of answers: all of it, but no more than may be, and not for ever."""

import asyncio

from aiohttp import StreamReader, web

from adapters.shared.rejection import Refusal

LARGEST = 256 * 1024
"""Bytes of a request's body that are read."""
SLOWEST = 5.0
"""Seconds that it may take to arrive."""


class TooLarge(ValueError):
    """A body has more bytes than are taken."""


async def whole(content: StreamReader, most: int) -> bytes:
    """The body, in however many pieces it arrives: `StreamReader.read(most)` would give the first of them.

    Raises TooLarge beyond `most` bytes; what aiohttp raises when the connection is lost.
    """
    raw = bytearray()
    async for piece in content.iter_any():
        raw += piece
        if len(raw) > most:
            raise TooLarge
    return bytes(raw)


async def body(request: web.Request) -> bytes:
    """The raw bytes of a request. Raises Refusal: compressed (400), too slow (408), too large (413)."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refusal(400, "content encoding not taken")
    length = request.content_length
    if length is not None and length > LARGEST:
        raise Refusal(413, "body too large")
    if length and request.content.is_eof():
        return request.content.read_nowait()  # All of it came with the head: the usual case costs no timer.
    try:
        async with asyncio.timeout(SLOWEST):
            return await whole(request.content, LARGEST)
    except TimeoutError:
        raise Refusal(408, "body too slow") from None
    except TooLarge:
        raise Refusal(413, "body too large") from None
