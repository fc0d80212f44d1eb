"""Change the charter: a lead of one side proposes, a lead of the other side agrees."""

import re
from datetime import datetime, timedelta
from secrets import token_hex

from bot.model.alliance import Alliance, Member, Side
from bot.model.audit import Act
from bot.model.cards import Card
from bot.model.proposal import Proposal, Term
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.notify_leads import write_to_leads, write_to_sides
from bot.wording import charter as wording

OPEN = timedelta(days=14)
"""How long a proposal waits for the other side."""
FEWEST, MOST = 5, 50
_NUMBER = re.compile(r"[0-9]{1,3}")
_ID = re.compile(r"[0-9a-f]{12}")
"""Of a proposal."""


async def read_charter(trail: AuditTrail, alliance: Alliance, led: Side | None, now: datetime) -> Card:
    """Return the charter for a member; leads get buttons."""
    return wording.write_charter(alliance, led, await trail.proposals.list_open(alliance.key, now))


async def propose_change(
    trail: AuditTrail, alliance: Alliance, words: list[str], side: Side, by: Member, now: datetime
) -> Card:
    """Propose `minimum 7`, `share on`, `share off` or `erase`."""
    change = _parse_change(alliance, words)
    if change is None:
        return wording.refuse_unknown_change(alliance)
    term, value = change
    proposal = Proposal(token_hex(6), alliance.key, term, value, side, now, now + OPEN)
    detail = f"{side.value} {proposal.id} {term} {value}".strip()
    entry = trail.make_entry("propose", alliance.key, by, now, detail)
    cards = {to: wording.ask_for_agreement(alliance, proposal, to) for to in Side}
    asked = write_to_sides(alliance, f"proposed:{proposal.id}", cards, trail.secret)
    if not await trail.proposals.propose(proposal, asked, entry):
        return wording.refuse_second_proposal(
            alliance, await trail.proposals.list_open(alliance.key, now), side
        )
    return wording.confirm_proposal(alliance, proposal)


async def decide_proposal(
    trail: AuditTrail, alliance: Alliance, verb: str, proposal_id: str, side: Side, by: Member, now: datetime
) -> Card:
    """Decide a proposal: the other side agrees, either side declines."""
    waiting = await trail.proposals.list_open(alliance.key, now)
    proposal = next((item for item in waiting if item.id == proposal_id), None)
    agreed = verb == "agree"
    act: Act = "agree" if agreed else "decline"
    if proposal is None:
        named = proposal_id if _ID.fullmatch(proposal_id) else ""
        await trail.note_act(
            act, alliance.key, by, now, f"{side.value} {named}".strip() + ": refused, not open"
        )
        return wording.refuse_closed_proposal(alliance)
    detail = f"{side.value} {proposal.id} {proposal.term} {proposal.value}".strip()
    entry = trail.make_entry(act, alliance.key, by, now, detail)
    if agreed and proposal.side is side:
        await trail.audit.note(entry.conclude("refused, its own side proposed it"))
        return wording.refuse_own_agreement(alliance, proposal)
    decided = wording.write_decision(alliance, proposal, agreed, side)
    told = write_to_leads(alliance, f"decided:{proposal.id}", decided, trail.secret)
    done = (
        await trail.proposals.agree(proposal, side, told, now, entry)
        if agreed
        else await trail.proposals.decline(proposal, told, entry)
    )
    return decided if done else wording.refuse_closed_proposal(alliance)


def _parse_change(alliance: Alliance, words: list[str]) -> tuple[Term, str] | None:
    match [word for word in words if word != alliance.key]:
        case ["minimum", number] if _NUMBER.fullmatch(number) and FEWEST <= int(number) <= MOST:
            wanted, now = str(int(number)), str(alliance.minimum)
            return ("minimum", wanted) if wanted != now else None
        case ["share", "on" | "off" as wanted]:
            return ("share", wanted) if (wanted == "on") != alliance.share_dimensions else None
        case ["erase"]:
            return "erase", ""
    return None
