"""The bot comes into a channel or goes out of it: who is there is greeted once, and the leads hear what that means."""

from datetime import UTC, datetime
from typing import Literal

from bot.model.alliance import Alliance
from bot.model.delivery import Delivery
from bot.model.events import Joined, Left
from bot.ports import Store
from bot.use_cases.ask import ask_again
from bot.use_cases.notify_leads import to_leads
from bot.wording import channel as wording
from bot.wording import help


async def welcome(event: Joined, store: Store, secret: bytes) -> None:
    """Said once for each way of hearing. After a farewell, the leads hear that the bot is back.

    In a channel of no declared alliance nothing is said: who may read there?
    """
    alliance = await store.alliances.find_by_channel(event.channel)
    if alliance is None:
        return
    id = f"welcome:{alliance.key}:{alliance.number(event.channel)}"
    id += f":{event.hears}" if event.hears else ""
    hello = Delivery(id, alliance.key, event.channel, help.write_welcome(alliance, event.hears))
    await store.outbox.enqueue([hello])
    again = await ask_again(store, alliance, event.channel, event.at, hello)
    came, left = await _last(store, alliance, event, "came"), await _last(store, alliance, event, "left")
    if event.at <= max(came, left):
        return
    if again or left > came:
        slot = _news_of(alliance, event, left if left > came else event.at)
        await store.outbox.enqueue(to_leads(alliance, slot, wording.write_return(alliance), secret))
    await store.values.save_value(_noted(alliance, event, "came"), event.at.isoformat())


async def farewell(event: Left, store: Store, secret: bytes) -> None:
    """Nothing can be asked there any more, which the leads would otherwise find out by silence.

    Platforms tell it in several ways and at several times: once for each time that the bot had come.
    """
    alliance = await store.alliances.find_by_channel(event.channel)
    if alliance is None:
        return
    came, left = await _last(store, alliance, event, "came"), await _last(store, alliance, event, "left")
    if event.at <= came:
        return
    await store.outbox.enqueue(
        to_leads(alliance, _news_of(alliance, event, came), wording.write_farewell(alliance), secret)
    )
    await store.values.save_value(_noted(alliance, event, "left"), max(left, event.at).isoformat())


def _news_of(alliance: Alliance, event: Joined | Left, since: datetime) -> str:
    """The same for everything that tells of the same coming or going: what it ended began at `since`."""
    return f"{type(event).__name__.lower()}:{alliance.number(event.channel)}:{since.isoformat()}"


async def _last(
    store: Store, alliance: Alliance, event: Joined | Left, what: Literal["came", "left"]
) -> datetime:
    """When the bot last came into that channel, or left it; long ago where it never did."""
    found = await store.values.find_value(_noted(alliance, event, what))
    return datetime.fromisoformat(found) if found else _NEVER


def _noted(alliance: Alliance, event: Joined | Left, what: Literal["came", "left"]) -> str:
    """Setting: when that was, the latest time."""
    return f"{what}:{alliance.key}:{alliance.number(event.channel)}"


_NEVER = datetime.min.replace(tzinfo=UTC)
