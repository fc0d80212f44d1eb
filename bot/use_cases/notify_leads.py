"""Write to leads: one message each, once for the same key."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.model.alliance import Alliance, Member, Side
from bot.model.cards import Card
from bot.model.delivery import Delivery
from bot.ports import Store
from bot.privacy.permissions import is_host
from bot.privacy.pseudonym import make_pseudonym
from bot.wording import company as wording
from bot.wording.channel import write_clock_warning

CLOCK_PATIENCE = timedelta(days=1)
"""How long the clock may be wrong before leads are told."""


def write_to_leads(alliance: Alliance, key: str, card: Card, secret: bytes) -> tuple[Delivery, ...]:
    """Make one delivery of the card for every lead. The same `key` never sends twice."""
    return write_to_sides(alliance, key, dict.fromkeys(Side, card), secret)


def write_to_sides(
    alliance: Alliance, key: str, cards: Mapping[Side, Card], secret: bytes
) -> tuple[Delivery, ...]:
    """Make deliveries of each side's card for its leads; a side without a card gets none.

    Made again with the same `key`, it is sent to nobody twice.
    """
    return tuple(
        Delivery(
            f"{key}:{make_pseudonym(secret, alliance.key, lead, 'delivery')}",
            alliance.key,
            lead,
            cards[side],
        )
        for side in Side
        if side in cards
        for lead in alliance.organisation(side).leads
    )


def ask_leads(alliance: Alliance, home: tuple[str, str], secret: bytes) -> tuple[Delivery, ...]:
    """Ask all leads, once for each company: does `home`, (platform, organisation id), belong to your side?

    Leads of the company whose guests they are get no button: guests are never their own people.
    """
    cards = {
        side: wording.report_own_guests(alliance, side)
        if is_host(alliance, side, home)
        else wording.ask_whose_company(alliance, home)
        for side in Side
    }
    return write_to_sides(alliance, f"whose:{':'.join(home)}", cards, secret)


def find_home(member: Member) -> tuple[str, str] | None:
    """Return (platform, organisation id) of the widest home; None if the platform told none."""
    return (member.platform, member.home[-1]) if member.home else None


async def warn_of_clock(store: Store, secret: bytes, since: datetime, now: datetime) -> int:
    """Write to each lead once when the clock has been wrong for a day; return how many messages were new."""
    if now - since < CLOCK_PATIENCE:
        return 0
    told = [
        message
        for alliance in await store.alliances.list_all()
        for message in write_to_leads(
            alliance, f"clock:{alliance.key}:{since.isoformat()}", write_clock_warning(alliance), secret
        )
    ]
    return await store.outbox.enqueue(told)
