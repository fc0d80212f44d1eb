"""A lead says that an unknown company is theirs; the other side's leads hear it, and either side can take it back."""

import re
from datetime import datetime

from bot.model.alliance import Alliance, Side
from bot.model.cards import Card
from bot.ports import Store
from bot.use_cases.notify_leads import to_leads, to_sides
from bot.wording import company as wording

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,79}", re.ASCII)
"""An organisation's id at a platform; anything else that somebody may have typed is not kept."""

Home = tuple[str, str]


async def claim(
    store: Store, alliance: Alliance, side: Side, typed: str, secret: bytes, now: datetime
) -> Card:
    """`typed` is platform:id. Only for the own side, and only a company of which somebody waits."""
    home = _home(alliance, typed)
    if home is None or home in alliance.sponsor.homes | alliance.cro.homes:
        return wording.refuse_claim()
    cards = {
        side: wording.confirm_claim(alliance, side, home),
        side.other: wording.announce_claim(alliance, side, home),
    }
    told = to_sides(alliance, _slot("claimed", home, now), cards, secret)
    done = await store.companies.claim(alliance.key, side, home, told)
    return cards[side] if done else wording.refuse_claim()


async def contest(
    store: Store, alliance: Alliance, side: Side, typed: str, secret: bytes, now: datetime
) -> Card:
    """The side that claimed the company takes that back; the other side objects, which suspends the claim."""
    home = _home(alliance, typed)
    if home is None:
        return wording.refuse_contest()
    objected = wording.report_objection(alliance, side, home)
    told = to_leads(alliance, _slot("objected", home, now), objected, secret)
    if await store.companies.suspend(alliance.key, side.other, home, told):
        return objected
    if home in alliance.organisation(side.other).homes:
        return wording.refuse_contest()
    withdrawn = wording.report_withdrawal(alliance, side, home)
    told = to_leads(alliance, _slot("withdrawn", home, now), withdrawn, secret)
    done = await store.companies.withdraw(alliance.key, home, told)
    return withdrawn if done else wording.refuse_contest()


def _home(alliance: Alliance, typed: str) -> Home | None:
    """None for what is no company at a platform of this alliance."""
    platform, _, organisation = typed.partition(":")
    is_here = any(channel.platform == platform for channel in alliance.channels)
    return (platform, organisation) if is_here and _ID.fullmatch(organisation) else None


def _slot(what: str, home: Home, now: datetime) -> str:
    """Each time anew: a company may be claimed again after a claim was taken back."""
    return f"{what}:{':'.join(home)}:{now.isoformat()}"
