"""The leads of both sides are told the same thing."""

from bot.cards import Card
from bot.model import Alliance, Side
from bot.ports import Delivery
from bot.rules.pseudonym import pseudonym


def to_leads(alliance: Alliance, slot: str, card: Card, secret: bytes) -> list[Delivery]:
    """One message each, once for the same `slot`."""
    leads = [lead for side in Side for lead in alliance.organisation(side).leads]
    return [
        Delivery(f"{slot}:{pseudonym(secret, alliance.key, one, 'delivery')}", alliance.key, one, card)
        for one in leads
    ]
