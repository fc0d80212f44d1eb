"""The bot came into a channel, or was taken out of it: say so once to whom it concerns."""

from bot.events import Joined, Left
from bot.model import Side
from bot.ports import Delivery, Store
from bot.rules.pseudonym import pseudonym
from bot.wording import help


async def welcome(event: Joined, store: Store) -> None:
    """Once for each way of hearing. A channel of no declared alliance is left alone: who may read there?"""
    alliance = await store.alliance_at(event.channel)
    if alliance is None:
        return
    place = alliance.channels.index(event.channel)
    id = f"welcome:{alliance.key}:{place}" + (f":{event.hears}" if event.hears else "")
    await store.enqueue([Delivery(id, alliance.key, event.channel, help.welcome(alliance, event.hears))])


async def farewell(event: Left, store: Store, secret: bytes) -> None:
    """Nothing can be asked there any more, which the leads would otherwise find out by silence."""
    alliance = await store.alliance_at(event.channel)
    if alliance is None:
        return
    leads = [lead for side in Side for lead in alliance.organisation(side).leads]
    gone = f"gone:{alliance.channels.index(event.channel)}:{event.at.isoformat()}"
    card = help.farewell(alliance)
    await store.enqueue(
        [
            Delivery(f"{gone}:{pseudonym(secret, alliance.key, one, 'delivery')}", alliance.key, one, card)
            for one in leads
        ]
    )
