"""Write to leads: one message each, once for the same key."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.model.alliance import Alliance, Member, Place, Side
from bot.model.cards import Card
from bot.model.delivery import LEAD_NEWS, Delivery
from bot.ports import Store
from bot.privacy.permissions import is_host
from bot.privacy.pseudonym import make_pseudonym
from bot.wording import company as wording
from bot.wording.channel import write_clock_warning, write_unreached_lead, write_waiting_news

log = logging.getLogger(__name__)

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


async def report_unreached(store: Store, refused: Delivery, reason: str) -> None:
    """Say that a lead got no alert or digest: to the side's other leads, in the log, and by a button in the channels.

    The button shows a lead what waits, and nobody else.
    """
    alliance = await store.alliances.find_by_key(refused.alliance)
    kind, _, rest = refused.key.partition(":")
    side = _find_led(alliance, refused.place) if alliance else None
    if alliance is None or side is None or kind not in LEAD_NEWS:
        return
    log.warning("alliance %s: a lead of the %s could not be written to: %s", alliance.key, side, reason)
    what = f"unreached:{kind}:{rest.rpartition(':')[0]}:{side}"
    others = [lead for lead in alliance.organisation(side).leads if lead != refused.place]
    missed, waiting = write_unreached_lead(alliance, side), write_waiting_news(alliance, side)
    told = [
        *(Delivery(f"{what}:{number}", alliance.key, lead, missed) for number, lead in enumerate(others)),
        *(
            Delivery(f"{what}:channel:{alliance.number(channel)}", alliance.key, channel, waiting)
            for channel in alliance.channels
        ),
    ]
    await store.outbox.enqueue(told)


def _find_led(alliance: Alliance, place: Place) -> Side | None:
    return next((side for side in Side if place in alliance.organisation(side).leads), None)


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
