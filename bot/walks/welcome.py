"""The bot came into a channel: say once what it is there for."""

from bot.events import Joined
from bot.ports import Delivery, Store
from bot.wording import help


async def welcome(event: Joined, store: Store) -> None:
    """A channel of no declared alliance is left alone: it is not known who may read there."""
    alliance = await store.alliance_at(event.channel)
    if alliance is None:
        return
    place = alliance.channels.index(event.channel)
    await store.enqueue(
        [Delivery(f"welcome:{alliance.key}:{place}", alliance.key, event.channel, help.welcome(alliance))]
    )
