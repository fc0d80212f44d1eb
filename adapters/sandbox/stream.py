"""Live updates: what changed in one person's view of one place, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from adapters.sandbox import page
from adapters.sandbox.log_cache import Transcript
from adapters.sandbox.page import Parts, Sight
from adapters.sandbox.render import Fragment
from bot.ports import StoreUnavailable

LOOK_EVERY = 0.7
"""Seconds between two looks at the log where nobody in this process wrote to it."""
QUIET_LOOKS = 20
"""Looks without news after which a sign of life is sent, so that a lost reader is noticed."""


async def events(
    look: Callable[[], Awaitable[Sight]], transcript: Transcript, closing: asyncio.Event
) -> AsyncIterator[str]:
    """First everything, then what is new, each as one event; the page drops what it already shows."""
    sent: dict[str, str] = {}
    before, quiet = None, 0
    while not closing.is_set():
        sight = await _attempt(look)
        event = _event(page.parts(sight), sent) if sight and sight != before else None
        before = sight or before
        if event:
            quiet = 0
            yield f"data: {event}\n\n"
        elif (quiet := quiet + 1) % QUIET_LOOKS == 0:
            yield ": alive\n\n"
        await transcript.news(LOOK_EVERY)


def _event(parts: Parts, sent: dict[str, str]) -> str | None:
    """The change since `sent`, which is brought up to date; None if there is none."""
    fragments = [*parts.messages, parts.places, *([parts.clock] if parts.clock else [])]
    fresh = [one for one in fragments if sent.get(one.id) != one.revision]
    if not fresh:
        return None
    sent.update({one.id: one.revision for one in fresh})
    order = [one.id for one in parts.messages]
    return json.dumps({"order": order, "status": parts.status, "parts": [_part(one) for one in fresh]})


def _part(fragment: Fragment) -> dict[str, str]:
    return {"id": fragment.id, "rev": fragment.revision, "html": fragment.html}


async def _attempt(look: Callable[[], Awaitable[Sight]]) -> Sight | None:
    try:
        return await look()
    except StoreUnavailable:
        return None
