"""Stream changes of one person's view of one place as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from adapters.sandbox import page
from adapters.sandbox.log_cache import Transcript
from adapters.sandbox.page import PageContext, PageParts
from adapters.sandbox.render import Fragment
from bot.ports import StoreUnavailable

LOOK_EVERY = 0.7
"""Seconds between two reads of the log while nobody in this process writes."""
QUIET_LOOKS = 20
"""Reads without news after which a comment is sent, so that a lost connection is noticed."""


async def stream_events(
    look: Callable[[], Awaitable[PageContext]], transcript: Transcript, closing: asyncio.Event
) -> AsyncIterator[str]:
    """Yield the whole view first, then each change; the page skips what it already shows."""
    sent: dict[str, str] = {}
    before, quiet = None, 0
    while not closing.is_set():
        sight = await _try_look(look)
        event = _build_event(page.render_parts(sight), sent) if sight and sight != before else None
        before = sight or before
        if event:
            quiet = 0
            yield f"data: {event}\n\n"
        elif (quiet := quiet + 1) % QUIET_LOOKS == 0:
            yield ": alive\n\n"
        await transcript.wait_for_news(LOOK_EVERY)


def _build_event(parts: PageParts, sent: dict[str, str]) -> str | None:
    """Return the changes since `sent` as JSON and add them to `sent`; None if there are none."""
    fragments = [*parts.messages, parts.places, *([parts.clock] if parts.clock else [])]
    fresh = [fragment for fragment in fragments if sent.get(fragment.id) != fragment.revision]
    if not fresh:
        return None
    sent.update({fragment.id: fragment.revision for fragment in fresh})
    order = [message.id for message in parts.messages]
    return json.dumps(
        {"order": order, "status": parts.status, "parts": [_build_part(fragment) for fragment in fresh]}
    )


def _build_part(fragment: Fragment) -> dict[str, str]:
    return {"id": fragment.id, "rev": fragment.revision, "html": fragment.html}


async def _try_look(look: Callable[[], Awaitable[PageContext]]) -> PageContext | None:
    try:
        return await look()
    except StoreUnavailable:
        return None
