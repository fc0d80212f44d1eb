"""Read the mood of a message that was written, changed or deleted: a number is kept, never the words."""

import asyncio
from collections.abc import Callable

from bot.model.alliance import Alliance
from bot.model.commands import GivenReading
from bot.model.events import Deleted, Edited, Said
from bot.mood import Abstained, Mood
from bot.ports import Readings, Store
from bot.privacy.permissions import find_side
from bot.privacy.pseudonym import make_pseudonym


async def read_mood(
    event: Said | Edited, store: Store, read: Callable[[str], Mood | Abstained], secret: bytes
) -> None:
    """Save the mood of a message, if its author's side is known and the alliance lets the bot read there."""
    alliance = await store.alliances.find_by_channel(event.channel)
    side = find_side(alliance, event.by) if alliance else None
    if alliance is None or side is None or not await _may_read(alliance, event, store):
        return
    mood = await asyncio.to_thread(read, event.text)
    await store.readings.save_reading(
        GivenReading(
            alliance=alliance.key,
            channel=event.channel,
            message=event.message,
            person=make_pseudonym(secret, alliance.key, event.by, "reading"),
            side=side,
            polarity=round(mood.polarity, 1) if isinstance(mood, Mood) else None,
            at=event.at,
        )
    )


async def forget_message(event: Deleted, readings: Readings) -> None:
    """Delete the reading of a deleted message."""
    await readings.delete_reading(event.channel, event.message, event.at)


async def _may_read(alliance: Alliance, event: Said | Edited, store: Store) -> bool:
    match alliance.threads:
        case "all":
            return True
        case "off":
            return False
    return event.thread is not None and await store.outbox.has_posted(event.channel, event.thread)
