"""Claim an unknown company for a side. The other side's leads are told, and either side can take it back."""

import re
from datetime import datetime

from bot.model.alliance import Alliance, Side
from bot.model.cards import Card
from bot.ports import Store
from bot.use_cases.notify_leads import write_to_leads, write_to_sides
from bot.wording import company as wording

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,79}", re.ASCII)
"""An organisation's id at a platform; anything else that somebody may have typed is not kept."""

Home = tuple[str, str]


async def claim_company(
    store: Store, alliance: Alliance, side: Side, typed: str, secret: bytes, now: datetime
) -> Card:
    """Claim `typed` (platform:id) for the lead's own side, if somebody of that company waits."""
    home = _parse_home(alliance, typed)
    if home is None or home in alliance.sponsor.homes | alliance.cro.homes:
        return wording.refuse_claim()
    cards = {
        side: wording.confirm_claim(alliance, side, home),
        side.other: wording.announce_claim(alliance, side, home),
    }
    told = write_to_sides(alliance, _key_of_claim("claimed", home, now), cards, secret)
    done = await store.companies.claim(alliance.key, side, home, told)
    return cards[side] if done else wording.refuse_claim()


async def contest_claim(
    store: Store, alliance: Alliance, side: Side, typed: str, secret: bytes, now: datetime
) -> Card:
    """Take a claim back (own side), or object to it (other side), which suspends it."""
    home = _parse_home(alliance, typed)
    if home is None:
        return wording.refuse_contest()
    objected = wording.report_objection(alliance, side, home)
    told = write_to_leads(alliance, _key_of_claim("objected", home, now), objected, secret)
    if await store.companies.suspend(alliance.key, side.other, home, told):
        return objected
    if home in alliance.organisation(side.other).homes:
        return wording.refuse_contest()
    withdrawn = wording.report_withdrawal(alliance, side, home)
    told = write_to_leads(alliance, _key_of_claim("withdrawn", home, now), withdrawn, secret)
    done = await store.companies.withdraw(alliance.key, home, told)
    return withdrawn if done else wording.refuse_contest()


def _parse_home(alliance: Alliance, typed: str) -> Home | None:
    """Parse platform:id; None if it names no company on a platform of this alliance."""
    platform, _, organisation = typed.partition(":")
    is_here = any(channel.platform == platform for channel in alliance.channels)
    return (platform, organisation) if is_here and _ID.fullmatch(organisation) else None


def _key_of_claim(what: str, home: Home, now: datetime) -> str:
    """Return a new key each time: a company may be claimed again."""
    return f"{what}:{':'.join(home)}:{now.isoformat()}"
