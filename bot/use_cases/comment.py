"""Save a confidential comment: let the guard look at it, encrypt it, or say where it belongs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.guard import Found, find_concern, is_read_in_full
from bot.model.alliance import Alliance, Member, Round
from bot.model.audit import AuditEntry
from bot.model.cards import Card
from bot.model.commands import GivenComment
from bot.model.events import LONGEST_COMMENT, Commented
from bot.ports import Store
from bot.privacy.held_comments import HeldComments
from bot.privacy.permissions import find_side, find_undeclared_home, is_outside
from bot.privacy.pseudonym import make_pseudonym
from bot.use_cases.answer import ask_whose
from bot.use_cases.audit_trail import AuditTrail
from bot.wording import confirmations as reply
from bot.wording import guard as wording


@dataclass(frozen=True, slots=True)
class CommentDesk:
    """Hold what a comment needs: the store, the audit log, and the comments that wait for their writers' word."""

    store: Store
    trail: AuditTrail
    held: HeldComments

    async def save_comment(self, event: Commented, now: datetime, token: str = "") -> Card:
        """Save a comment; return the private reply. What the guard stops is stored nowhere.

        `token`: of words that were held, and are forgotten here once they are saved.
        """
        open_round = await self.store.rounds.find_round(event.round)
        alliance = await self.store.alliances.find_by_key(open_round.alliance) if open_round else None
        if open_round is None or alliance is None:
            return reply.refuse_unknown_round()
        if is_outside(alliance, event.by):
            return reply.refuse_outsider(alliance)
        is_known = find_side(alliance, event.by) or find_undeclared_home(alliance, event.by)
        if not is_known and not event.by.is_unread:
            return reply.refuse_stranger()
        text = event.text.strip()
        if not text:
            return reply.refuse_empty_comment()
        found, is_read = await asyncio.to_thread(look_at_text, text)
        if found and (found.step == "hard" or not event.reviewed):
            return self._stop_comment(event, alliance, found, now)
        if found:
            await self.trail.audit.note(AuditEntry("keep", alliance.key, "member", now, found.concern))
        match await self.store.comments.save_comment(self._to_given(event, alliance, text), now):
            case "saved":
                self.held.mark_saved(token)
                card = await self._confirm_saved(event.by, alliance, open_round, text)
                return card if is_read else wording.note_unread_language(card)
            case "closed":
                return reply.refuse_late_answer(alliance, open_round)
        return reply.refuse_unknown_round()

    def _stop_comment(self, event: Commented, alliance: Alliance, found: Found, now: datetime) -> Card:
        if found.step == "hard":
            return wording.refuse_clinical_text(alliance, found.concern, found.noticed)
        return wording.hold_comment(
            alliance, found.concern, found.noticed, self.held.hold(event, now), event.round
        )

    def _to_given(self, event: Commented, alliance: Alliance, text: str) -> GivenComment:
        side, home = find_side(alliance, event.by), find_undeclared_home(alliance, event.by)
        person = make_pseudonym(self.trail.secret, alliance.key, event.by, "answer")
        return GivenComment(event.round, person, side, text[:LONGEST_COMMENT], event.share, event.at, home)

    async def _confirm_saved(self, by: Member, alliance: Alliance, open_round: Round, text: str) -> Card:
        """Confirm a saved comment; ask the leads about a company that nobody declared."""
        side, home = find_side(alliance, by), find_undeclared_home(alliance, by)
        if side is None:
            await ask_whose(self.store, alliance, open_round, home, self.trail.secret)
        pending = reply.confirm_pending_comment(alliance) if home else reply.confirm_unread_comment()
        kept = reply.confirm_comment() if side else pending
        return reply.confirm_shortened_comment(kept, text) if len(text) > LONGEST_COMMENT else kept

    async def keep_comment(self, token: str, by: Member, asked_round: Round | None, now: datetime) -> Card:
        """Save a held comment, since its writer says that it is about working together.

        If this process does not hold it, its writer is asked to send it again.
        """
        found = self.held.find(token, by, now)
        if found is None:
            return reply.write_comment_again(asked_round) if asked_round else reply.refuse_unknown_round()
        if found.event is None:
            return reply.confirm_comment()
        return await self.save_comment(replace(found.event, reviewed=True), now, token)

    async def find_commented(self, by: Member, words: Sequence[str]) -> tuple[Alliance, ...]:
        """Return the alliance of a named round, for somebody whose company nobody has declared: they may comment."""
        for word in words[:3]:
            asked_round = await self.store.rounds.find_round(word)
            alliance = await self.store.alliances.find_by_key(asked_round.alliance) if asked_round else None
            if alliance and find_undeclared_home(alliance, by) and not is_outside(alliance, by):
                return (alliance,)
        return ()


def look_at_text(text: str) -> tuple[Found | None, bool]:
    """Return what the guard finds, and whether it reads the language. Costly for long texts."""
    return find_concern(text), is_read_in_full(text)


async def find_typed_concern(text: str) -> Found | None:
    """Return what the guard finds in words that a reply would repeat."""
    return await asyncio.to_thread(find_concern, text)
