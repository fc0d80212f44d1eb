"""Read bodies of requests and responses completely, with limits on size and time."""

import asyncio

from aiohttp import ClientError, StreamReader, web

from adapters.shared.rejection import Refusal

MAX_BYTES = 256 * 1024
"""Bytes that the body of a request may have."""
READ_TIMEOUT = 5.0
"""Seconds that a body may take to arrive."""


class BodyTooLarge(ValueError):
    """A body has more bytes than allowed."""


async def read_stream(content: StreamReader, limit: int) -> bytes:
    """Return the whole body, in however many pieces it arrives: `StreamReader.read(limit)` returns only the first.

    Raises BodyTooLarge beyond `limit` bytes, and aiohttp's own errors when the connection is lost.
    """
    raw = bytearray()
    async for piece in content.iter_any():
        raw += piece
        if len(raw) > limit:
            raise BodyTooLarge
    return bytes(raw)


async def read_body(request: web.Request) -> bytes:
    """Return the raw bytes of a request.

    Raises Refusal: compressed or broken off (400), too slow (408), too large (413).
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refusal(400, "content encoding not taken")
    length = request.content_length
    if length is not None and length > MAX_BYTES:
        raise Refusal(413, "body too large")
    if length and request.content.is_eof():
        return request.content.read_nowait()  # The body came with the headers: the usual case needs no timer.
    try:
        async with asyncio.timeout(READ_TIMEOUT):
            return await read_stream(request.content, MAX_BYTES)
    except TimeoutError:
        raise Refusal(408, "body too slow") from None
    except BodyTooLarge:
        raise Refusal(413, "body too large") from None
    except (ClientError, ConnectionError, web.RequestPayloadError):
        raise Refusal(400, "body broken off") from None
