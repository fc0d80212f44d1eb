"""Greet a channel once when the bot joins it, and tell the leads when the bot leaves or returns."""

from datetime import UTC, datetime
from typing import Literal

from bot.model.alliance import Alliance
from bot.model.delivery import Delivery
from bot.model.events import Changed, Joined, Left
from bot.ports import Store
from bot.use_cases.ask import ask_again
from bot.use_cases.notify_leads import write_to_leads
from bot.wording import channel as wording
from bot.wording import help


async def welcome_channel(event: Joined, store: Store, secret: bytes) -> None:
    """Greet the channel once for each way of hearing. After a farewell, tell the leads that the bot is back.

    In a channel of no declared alliance nothing is said: who may read there?
    """
    alliance = await store.alliances.find_by_channel(event.channel)
    if alliance is None:
        return
    delivery_key = f"welcome:{alliance.key}:{alliance.number(event.channel)}"
    delivery_key += f":{event.hears}" if event.hears else ""
    hello = Delivery(delivery_key, alliance.key, event.channel, help.write_welcome(alliance, event.hears))
    await store.outbox.enqueue([hello])
    again = await ask_again(store, alliance, event.channel, event.at, hello)
    came, left = (
        await _find_last(store, alliance, event, "came"),
        await _find_last(store, alliance, event, "left"),
    )
    if event.at <= max(came, left):
        return
    if again or left > came:
        key = _news_of(alliance, event, left if left > came else event.at)
        await store.outbox.enqueue(write_to_leads(alliance, key, wording.write_return(alliance), secret))
    await store.values.save_value(_key_of_time(alliance, event, "came"), event.at.isoformat())


async def leave_channel(event: Left, store: Store, secret: bytes) -> None:
    """Tell the leads that nothing can be asked in a channel any more.

    Platforms tell it in several ways and at several times: once for each time that the bot had come.
    """
    alliance = await store.alliances.find_by_channel(event.channel)
    if alliance is None:
        return
    came, left = (
        await _find_last(store, alliance, event, "came"),
        await _find_last(store, alliance, event, "left"),
    )
    if event.at <= came:
        return
    await store.outbox.enqueue(
        write_to_leads(alliance, _news_of(alliance, event, came), wording.write_farewell(alliance), secret)
    )
    await store.values.save_value(_key_of_time(alliance, event, "left"), max(left, event.at).isoformat())


async def hand_over_channel(event: Changed, store: Store, secret: bytes) -> None:
    """Tell the leads once that another copy of the bot speaks in a channel from now on."""
    alliance = await store.alliances.find_by_channel(event.channel)
    if alliance is None:
        return
    came = await _find_last(store, alliance, event, "came")
    if event.at <= came:
        return
    card = wording.write_channel_change(alliance, event.channel.platform, event.change, event.company)
    slot = f"{event.change}:{alliance.number(event.channel)}:{event.company}:{came.isoformat()}"
    await store.outbox.enqueue(write_to_leads(alliance, slot, card, secret))


def _news_of(alliance: Alliance, event: Joined | Left, since: datetime) -> str:
    """Return the same key for all news of the same coming or going: what it ended began at `since`."""
    return f"{type(event).__name__.lower()}:{alliance.number(event.channel)}:{since.isoformat()}"


async def _find_last(
    store: Store, alliance: Alliance, event: Joined | Left | Changed, what: Literal["came", "left"]
) -> datetime:
    """Return when the bot last came into that channel, or left it; long ago if never."""
    found = await store.values.find_value(_key_of_time(alliance, event, what))
    return datetime.fromisoformat(found) if found else _NEVER


def _key_of_time(alliance: Alliance, event: Joined | Left | Changed, what: Literal["came", "left"]) -> str:
    """Return the settings key of that time."""
    return f"{what}:{alliance.key}:{alliance.number(event.channel)}"


_NEVER = datetime.min.replace(tzinfo=UTC)
