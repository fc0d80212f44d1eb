"""Bodies of requests and of answers: all of it, but no more than may be."""

from aiohttp import StreamReader


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
