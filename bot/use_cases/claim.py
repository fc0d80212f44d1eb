"""Claim an unknown company for a side. The other side's leads are told, and either side can take it back."""

import re
from datetime import datetime

from bot.model.alliance import Alliance, Side
from bot.model.audit import AuditEntry
from bot.model.cards import Card
from bot.ports import Store
from bot.privacy.permissions import is_host
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.enrol import list_companies
from bot.use_cases.notify_leads import write_to_leads, write_to_sides
from bot.wording import company as wording

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,79}", re.ASCII)
"""An organisation's id at a platform; anything else that somebody may have typed is not kept."""

Home = tuple[str, str]


async def claim_company(
    store: Store, alliance: Alliance, side: Side, typed: str, trail: AuditTrail, entry: AuditEntry
) -> Card:
    """Claim `typed` (platform:id) for the lead's own side, if somebody of that company waits."""
    home = _parse_home(alliance, typed)
    if home is None or home in alliance.organisation(side).homes:
        return await _refuse(wording.refuse_claim(), "nobody of it waits", trail, entry)
    if is_host(alliance, side, home):
        card = wording.refuse_own_guests(alliance, side)
        return await _refuse(card, "guests of its own", trail, entry)
    if await _is_others(store, alliance, side, home):
        return await _refuse(
            wording.refuse_others_company(alliance, side), "it is the other side's", trail, entry
        )
    cards = {
        side: wording.confirm_claim(alliance, side, home),
        side.other: wording.announce_claim(alliance, side, home),
    }
    told = write_to_sides(alliance, _key_of_claim("claimed", home, entry.at), cards, trail.secret)
    done = await store.companies.claim(alliance.key, side, home, told, entry)
    return cards[side] if done else wording.refuse_claim()


async def contest_claim(
    store: Store, alliance: Alliance, side: Side, typed: str, trail: AuditTrail, entry: AuditEntry
) -> Card:
    """Take a claim back (own side), or object to it (other side), which suspends it."""
    home = _parse_home(alliance, typed)
    if home is None:
        return await _refuse(wording.refuse_contest(), "no such claim", trail, entry)
    objected = wording.report_objection(alliance, side, home)
    told = write_to_leads(alliance, _key_of_claim("objected", home, entry.at), objected, trail.secret)
    if await store.companies.suspend(alliance.key, side.other, home, told, entry):
        return objected
    if home in alliance.organisation(side.other).homes:
        return await _refuse(wording.refuse_contest(), "it is declared", trail, entry)
    withdrawn = wording.report_withdrawal(alliance, side, home)
    told = write_to_leads(alliance, _key_of_claim("withdrawn", home, entry.at), withdrawn, trail.secret)
    moved = await store.companies.withdraw(alliance.key, home, told, entry)
    return wording.refuse_contest() if moved is None else withdrawn


async def withdraw_claim(
    store: Store, alliance: Alliance, home: Home, secret: bytes, entry: AuditEntry
) -> int | None:
    """Take a claim back as an operator, whoever made it or objects; return how many people's answers wait again.

    None where no lead has claimed that company.
    """
    card = wording.report_operator_withdrawal(alliance, home)
    told = write_to_leads(alliance, _key_of_claim("withdrawn", home, entry.at), card, secret)
    return await store.companies.withdraw(alliance.key, home, told, entry)


async def _is_others(store: Store, alliance: Alliance, side: Side, home: Home) -> bool:
    """Return whether the other side is that company, or has people in it, as far as any roster told."""
    seen = await list_companies(store, alliance)
    return home in alliance.organisation(side.other).homes or seen.get(home) is side.other


async def _refuse(card: Card, why: str, trail: AuditTrail, entry: AuditEntry) -> Card:
    await trail.audit.note(entry.conclude(f"refused, {why}"))
    return card


def _parse_home(alliance: Alliance, typed: str) -> Home | None:
    """Parse platform:id; None if it names no company on a platform of this alliance."""
    platform, _, organisation = typed.partition(":")
    is_here = any(channel.platform == platform for channel in alliance.channels)
    return (platform, organisation) if is_here and _ID.fullmatch(organisation) else None


def _key_of_claim(what: str, home: Home, now: datetime) -> str:
    """Return a new key each time: a company may be claimed again."""
    return f"{what}:{':'.join(home)}:{now.isoformat()}"
