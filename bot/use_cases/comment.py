"""Someone sent confidential words: screen them, keep them encrypted, or say where they belong."""

import asyncio
from datetime import datetime

from bot.model.cards import Card
from bot.model.commands import GivenComment
from bot.model.events import LONGEST_COMMENT, Commented
from bot.ports import Store
from bot.privacy.permissions import side_of, undeclared_home
from bot.privacy.pseudonym import pseudonym
from bot.privacy.screening import concern
from bot.use_cases.notify_leads import ask_leads
from bot.wording import confirmations as reply


async def comment(event: Commented, store: Store, secret: bytes, now: datetime) -> Card:
    """What to say to the writer. Text that is screened out is not stored anywhere."""
    round = await store.rounds.find_round(event.round)
    alliance = await store.alliances.find_by_key(round.alliance) if round else None
    if round is None or alliance is None:
        return reply.refuse_unknown_round()
    side, home = side_of(alliance, event.by), undeclared_home(alliance, event.by)
    if side is None and home is None:
        return reply.refuse_stranger()
    text = event.text.strip()
    if not text:
        return reply.refuse_empty_comment()
    if found := await asyncio.to_thread(concern, text):
        return reply.refuse_clinical_text(found)
    person = pseudonym(secret, alliance.key, event.by, "answer")
    given = GivenComment(round.id, person, side, text[:LONGEST_COMMENT], event.share, event.at, home)
    match await store.comments.save_comment(given, now):
        case "saved":
            if side is None and home:
                await store.outbox.enqueue(ask_leads(alliance, home, secret))
            kept = reply.confirm_comment() if side else reply.confirm_pending_comment(alliance)
            return reply.confirm_shortened_comment(kept, text) if len(text) > LONGEST_COMMENT else kept
        case "closed":
            return reply.refuse_late_answer(alliance, round)
    return reply.refuse_unknown_round()
