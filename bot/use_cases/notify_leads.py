"""Leads are told something: one message each, once for the same reason."""

from collections.abc import Mapping

from bot.model.alliance import Alliance, Member, Side
from bot.model.cards import Card
from bot.model.delivery import Delivery
from bot.privacy.pseudonym import pseudonym
from bot.wording import company as wording


def to_leads(alliance: Alliance, slot: str, card: Card, secret: bytes) -> tuple[Delivery, ...]:
    """The same card to every lead of either side. Made again with the same `slot`, it is sent to nobody twice."""
    return to_sides(alliance, slot, dict.fromkeys(Side, card), secret)


def to_sides(
    alliance: Alliance, slot: str, cards: Mapping[Side, Card], secret: bytes
) -> tuple[Delivery, ...]:
    """To each side's leads the card of their side, and nothing to those of a side without one.

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
    """To all leads, once for each company: is `home`, (platform, organisation id), of your side?"""
    return to_leads(alliance, f"whose:{':'.join(home)}", wording.ask_whose_company(alliance, home), secret)


def home_of(member: Member) -> tuple[str, str] | None:
    """(platform, organisation id) of the widest home; None where the platform told none."""
    return (member.platform, member.home[-1]) if member.home else None
