"""Something happened to a channel, or to who is in it: keep up with it, and tell the leads what it means."""

from dataclasses import replace

from bot.model.alliance import Alliance
from bot.model.delivery import Delivery
from bot.model.events import Changed, Joined, Left, Moved
from bot.ports import Store
from bot.privacy.permissions import side_of, side_of_company
from bot.use_cases.ask import ask_again
from bot.use_cases.notify_leads import home_of, to_leads
from bot.use_cases.welcome import farewell, welcome
from bot.wording import channel as wording


async def follow(event: Joined | Left | Changed | Moved, store: Store, secret: bytes) -> None:
    """News of a channel of no declared alliance is left alone."""
    match event:
        case Changed():
            await change(event, store, secret)
        case Moved():
            await move(event, store, secret)
        case Joined(who=None):
            await welcome(event, store, secret)
        case Left(who=None):
            await farewell(event, store, secret)
        case Joined():
            await meet(event, store, secret)


async def change(event: Changed, store: Store, secret: bytes) -> None:
    """Where a channel is open again, the questions that could not be put there meanwhile are."""
    alliance = await store.alliances.find_by_channel(event.channel)
    if alliance is None:
        return
    platform, company = event.channel.platform, event.company
    is_third = event.change in ("shared", "refused") and side_of_company(alliance, platform, company) is None
    if event.change == "refused" and not is_third:
        return  # somebody said meanwhile whose company it is
    card = wording.write_channel_change(alliance, platform, event.change, company)
    slot = _met(alliance, (platform, company)) if is_third and company else _slot(alliance, event)
    await store.outbox.enqueue(to_leads(alliance, slot, card, secret))
    if event.change == "reopened":
        await ask_again(store, alliance, event.channel, event.at)


async def move(event: Moved, store: Store, secret: bytes) -> None:
    """From now on the new address is the channel; the old one still leads to it."""
    await store.alliances.move_channel(event.channel, event.to)
    there = replace(event.channel, address=event.to)
    alliance = await store.alliances.find_by_channel(there)
    if alliance is None or await store.alliances.resolve_channel(event.channel) != there:
        return
    slot = f"moved:{alliance.key}:{event.to}"
    await store.outbox.enqueue(to_leads(alliance, slot, wording.write_channel_move(alliance), secret))
    await ask_again(store, alliance, there, event.at)


async def unasked(store: Store, refused: Delivery, reason: str) -> None:
    """A question was refused, whatever news did or did not arrive before: nobody finds that out by silence."""
    alliance = await store.alliances.find_by_key(refused.alliance)
    if alliance is None or not refused.key.startswith("question:"):
        return
    card = wording.write_unasked_question(alliance, reason)
    await store.outbox.enqueue(
        [
            Delivery(f"unasked:{refused.key}:{number}", alliance.key, lead, card)
            for number, lead in enumerate(alliance.leads)
        ]
    )


async def meet(event: Joined, store: Store, secret: bytes) -> None:
    """Somebody came in. Of a company that is neither side: the leads are asked about it, once for each company."""
    alliance = await store.alliances.find_by_channel(event.channel)
    home = home_of(event.who) if event.who else None
    if alliance is None or event.who is None or home is None or side_of(alliance, event.who):
        return
    card = wording.write_shared_channel(alliance, *home)
    await store.outbox.enqueue(to_leads(alliance, _met(alliance, home), card, secret))


def _met(alliance: Alliance, home: tuple[str, str]) -> str:
    """One card for a company, however it is met."""
    return f"met:{alliance.key}:{':'.join(home)}"


def _slot(alliance: Alliance, event: Changed) -> str:
    """The same for each delivery of the same news."""
    return f"{event.change}:{alliance.number(event.channel)}:{event.at.isoformat()}"
