"""A lead acts: takes note of an alert, or says that an unknown company is theirs."""

from bot.cards import Card
from bot.model import Alliance, Side
from bot.ports import Store
from bot.wording import alert, reply


async def acknowledge(store: Store, alliance: Alliance, id: str, side: Side) -> Card:
    """From now on the alert shows that this side has seen it."""
    if id not in {raised.id for raised in await store.alarms(alliance.key)}:
        return alert.unknown()
    await store.acknowledge(id, side)
    return alert.acknowledged()


async def adopt(store: Store, alliance: Alliance, side: Side, home: str) -> Card:
    """`home` is platform:id. A lead can adopt for the own side only, and nobody's declared company."""
    platform, _, id = home.partition(":")
    declared = alliance.sponsor.homes | alliance.cro.homes
    if not platform or not id or (platform, id) in declared:
        return reply.nothing_to_adopt()
    counted = await store.map_home(alliance.key, side, (platform, id))
    return reply.adopted(alliance.organisation(side), counted)
