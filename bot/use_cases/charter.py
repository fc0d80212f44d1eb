"""The charter: what both sides agreed to. One side's lead proposes a change, a lead of the other side agrees."""

import re
from datetime import datetime, timedelta
from secrets import token_hex

from bot.model.alliance import Alliance, Member, Side
from bot.model.cards import Card
from bot.model.proposal import Proposal, Term
from bot.use_cases.audit_trail import Books
from bot.use_cases.notify_leads import to_leads, to_sides
from bot.wording import charter as wording

OPEN = timedelta(days=14)
"""How long a proposal waits for the other side."""
FEWEST, MOST = 5, 50
_NUMBER = re.compile(r"[0-9]{1,3}")


async def show(books: Books, alliance: Alliance, led: Side | None, now: datetime) -> Card:
    """For every member; leads get buttons."""
    return wording.write_charter(alliance, led, await books.agreements.list_open(alliance.key, now))


async def propose(
    books: Books, alliance: Alliance, words: list[str], side: Side, by: Member, now: datetime
) -> Card:
    """`minimum 7`, `share on`, `share off` or `erase`."""
    change = _change(alliance, words)
    if change is None:
        return wording.refuse_unknown_change(alliance)
    term, value = change
    one = Proposal(token_hex(6), alliance.key, term, value, side, now, now + OPEN)
    await books.note("propose", alliance.key, by, now, f"{side.value}: {term} {value}".strip())
    cards = {to: wording.ask_for_agreement(alliance, one, to) for to in Side}
    asked = to_sides(alliance, f"proposed:{one.id}", cards, books.secret)
    if not await books.agreements.propose(one, asked):
        return wording.refuse_second_proposal(
            alliance, await books.agreements.list_open(alliance.key, now), side
        )
    return wording.confirm_proposal(alliance, one)


async def decide(
    books: Books, alliance: Alliance, verb: str, id: str, side: Side, by: Member, now: datetime
) -> Card:
    """`agree ID` by the other side, `decline ID` by either."""
    waiting = await books.agreements.list_open(alliance.key, now)
    one = next((one for one in waiting if one.id == id), None)
    if one is None:
        return wording.refuse_closed_proposal(alliance)
    agreed = verb == "agree"
    if agreed and one.side is side:
        return wording.refuse_own_agreement(alliance, one)
    detail = f"{side.value}: {one.term} {one.value}".strip()
    await books.note("agree" if agreed else "decline", alliance.key, by, now, detail)
    decided = wording.write_decision(alliance, one, agreed, side)
    told = to_leads(alliance, f"decided:{one.id}", decided, books.secret)
    done = (
        await books.agreements.agree(one, side, told, now)
        if agreed
        else await books.agreements.decline(one, told)
    )
    return decided if done else wording.refuse_closed_proposal(alliance)


def _change(alliance: Alliance, words: list[str]) -> tuple[Term, str] | None:
    match [word for word in words if word != alliance.key]:
        case ["minimum", number] if _NUMBER.fullmatch(number) and FEWEST <= int(number) <= MOST:
            wanted, now = str(int(number)), str(alliance.minimum)
            return ("minimum", wanted) if wanted != now else None
        case ["share", "on" | "off" as wanted]:
            return ("share", wanted) if (wanted == "on") != alliance.share_dimensions else None
        case ["erase"]:
            return "erase", ""
    return None
