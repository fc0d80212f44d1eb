"""Save a confidential comment: screen it, encrypt it, or say where it belongs."""

import asyncio
from datetime import datetime

from bot.guard import find_concern
from bot.model.cards import Card
from bot.model.commands import GivenComment
from bot.model.events import LONGEST_COMMENT, Commented
from bot.ports import Store
from bot.privacy.permissions import find_side, find_undeclared_home
from bot.privacy.pseudonym import make_pseudonym
from bot.use_cases.notify_leads import ask_leads
from bot.wording import confirmations as reply


async def save_comment(event: Commented, store: Store, secret: bytes, now: datetime) -> Card:
    """Save a comment; return the private reply. Text that the screening refuses is stored nowhere."""
    open_round = await store.rounds.find_round(event.round)
    alliance = await store.alliances.find_by_key(open_round.alliance) if open_round else None
    if open_round is None or alliance is None:
        return reply.refuse_unknown_round()
    side, home = find_side(alliance, event.by), find_undeclared_home(alliance, event.by)
    if side is None and home is None:
        return reply.refuse_stranger()
    text = event.text.strip()
    if not text:
        return reply.refuse_empty_comment()
    if found := await asyncio.to_thread(find_concern, text):
        return reply.refuse_clinical_text(found.concern)
    person = make_pseudonym(secret, alliance.key, event.by, "answer")
    given = GivenComment(open_round.id, person, side, text[:LONGEST_COMMENT], event.share, event.at, home)
    match await store.comments.save_comment(given, now):
        case "saved":
            if side is None and home:
                await store.outbox.enqueue(ask_leads(alliance, home, secret))
            kept = reply.confirm_comment() if side else reply.confirm_pending_comment(alliance)
            return reply.confirm_shortened_comment(kept, text) if len(text) > LONGEST_COMMENT else kept
        case "closed":
            return reply.refuse_late_answer(alliance, open_round)
    return reply.refuse_unknown_round()
