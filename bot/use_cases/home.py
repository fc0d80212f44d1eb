"""Someone opened their own page: everything of theirs in one place, as far as they may see it."""

from datetime import datetime

from bot.model.alliance import Alliance, Member
from bot.model.cards import Card
from bot.ports import Store
from bot.privacy.permissions import leads
from bot.privacy.pseudonym import pseudonym
from bot.use_cases.audit_trail import Books
from bot.use_cases.score import score
from bot.wording import home as wording
from bot.wording import question


async def home(own: tuple[Alliance, ...], by: Member, store: Store, books: Books, now: datetime) -> Card:
    """`own`: the alliances that this person is of."""
    parts = [await _part(one, by, store, books, now) for one in own[: wording.IN_FULL]]
    return wording.write_home(tuple(parts), own[wording.IN_FULL :])


async def _part(alliance: Alliance, by: Member, store: Store, books: Books, now: datetime) -> wording.Part:
    pulse = await open_pulse(alliance, by, store, books.secret, now)
    led = leads(alliance, by)
    if led is None:
        return wording.Part(alliance, pulse, None)
    await books.note("score", alliance.key, by, now, led)
    return wording.Part(alliance, pulse, await score(store, alliance, led))


async def open_pulse(
    alliance: Alliance, by: Member, store: Store, secret: bytes, now: datetime
) -> Card | None:
    """The newest open round, with the person's own answers marked: they alone see it."""
    rounds = await store.rounds.list_open(alliance.key, now)
    if not rounds:
        return None
    own = await store.answers.list_own(rounds[-1].id, pseudonym(secret, alliance.key, by, "answer"))
    return question.write_question(alliance, rounds[-1], own)
