"""Write to leads: one message each, once for the same key."""

from collections.abc import Mapping

from bot.model.alliance import Alliance, Member, Side
from bot.model.cards import Card
from bot.model.delivery import Delivery
from bot.privacy.pseudonym import pseudonym
from bot.wording import company as wording


def write_to_leads(alliance: Alliance, slot: str, card: Card, secret: bytes) -> tuple[Delivery, ...]:
    """Make one delivery of the card for every lead. The same `slot` never sends twice."""
    return write_to_sides(alliance, slot, dict.fromkeys(Side, card), secret)


def write_to_sides(
    alliance: Alliance, slot: str, cards: Mapping[Side, Card], secret: bytes
) -> tuple[Delivery, ...]:
    """Make deliveries of each side's card for its leads; a side without a card gets none.

    Made again with the same `slot`, it is sent to nobody twice.
    """
    return tuple(
        Delivery(
            f"{slot}:{pseudonym(secret, alliance.key, lead, 'delivery')}", alliance.key, lead, cards[side]
        )
        for side in Side
        if side in cards
        for lead in alliance.organisation(side).leads
    )


def ask_leads(alliance: Alliance, home: tuple[str, str], secret: bytes) -> tuple[Delivery, ...]:
    """Ask all leads, once for each company: does `home`, (platform, organisation id), belong to your side?"""
    return write_to_leads(
        alliance, f"whose:{':'.join(home)}", wording.ask_whose_company(alliance, home), secret
    )


def find_home(member: Member) -> tuple[str, str] | None:
    """Return (platform, organisation id) of the widest home; None if the platform told none."""
    return (member.platform, member.home[-1]) if member.home else None
