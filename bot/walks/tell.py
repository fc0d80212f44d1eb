"""The leads of both sides are told the same thing."""

from bot.cards import Card
from bot.model import Alliance, Member, Side
from bot.ports import Delivery
from bot.rules.pseudonym import pseudonym
from bot.wording import reply


def to_leads(alliance: Alliance, slot: str, card: Card, secret: bytes) -> list[Delivery]:
    """One message each, once for the same `slot`."""
    leads = [lead for side in Side for lead in alliance.organisation(side).leads]
    return [
        Delivery(f"{slot}:{pseudonym(secret, alliance.key, one, 'delivery')}", alliance.key, one, card)
        for one in leads
    ]


def ask_leads(alliance: Alliance, home: tuple[str, str], secret: bytes) -> list[Delivery]:
    """Whose company is that? Once for each company."""
    return to_leads(alliance, f"whose:{':'.join(home)}", reply.whose(alliance, home), secret)


def home_of(member: Member) -> tuple[str, str] | None:
    """(platform, organisation id) of the widest home; None where the platform told none."""
    return (member.platform, member.home[-1]) if member.home else None
