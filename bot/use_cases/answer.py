"""Someone pressed a button under a question: keep the answer, then say what was kept."""

from datetime import datetime

from bot.model.alliance import Alliance, Item, Round
from bot.model.cards import Card
from bot.model.commands import GivenAnswer
from bot.model.events import Answered
from bot.ports import Store
from bot.privacy.permissions import side_of, undeclared_home
from bot.privacy.pseudonym import pseudonym
from bot.privacy.release_gate import measures
from bot.use_cases.notify_leads import ask_leads
from bot.wording import confirmations as reply
from bot.wording import question


async def answer(event: Answered, store: Store, secret: bytes, now: datetime) -> Card:
    """The private confirmation, made after the answer is on disk; or why nothing was counted."""
    round = await store.rounds.find_round(event.round)
    alliance = await store.alliances.find_by_key(round.alliance) if round else None
    item = _item(round, event.item)
    if round is None or alliance is None or item is None:
        return reply.refuse_unknown_round()
    side = side_of(alliance, event.by)
    given = GivenAnswer(
        round=round.id,
        item=item.id,
        person=pseudonym(secret, alliance.key, event.by, "answer"),
        side=side,
        home=undeclared_home(alliance, event.by),
        value=event.value,
        at=event.at,
    )
    if side is None and given.home is None:
        return reply.refuse_stranger()
    if side and not measures(item, side):
        return await _shown(reply.refuse_wrong_side(alliance, side), event, round, given.person, store)
    kept = await store.answers.save_answer(given, now)
    if kept == "saved" and given.home and side is None:
        await store.outbox.enqueue(ask_leads(alliance, given.home, secret))
    card = _confirmation(kept, alliance, round, item, given)
    return await _shown(card, event, round, given.person, store) if kept == "saved" else card


async def _shown(card: Card, event: Answered, round: Round, person: str, store: Store) -> Card:
    """With the round's questions and the own answers, where it takes the place of the question."""
    if not event.in_place:
        return card
    return question.replace_question(card, round, await store.answers.list_own(round.id, person))


def _confirmation(kept: str, alliance: Alliance, round: Round, item: Item, given: GivenAnswer) -> Card:
    match kept:
        case "saved" if given.side:
            return reply.confirm_answer(alliance, round, item, given.value)
        case "saved":
            return reply.confirm_pending_answer(alliance, round, item, given.value)
        case "closed":
            return reply.refuse_late_answer(alliance, round)
    return reply.refuse_unknown_round()


def _item(round: Round | None, id: str) -> Item | None:
    items = round.items if round else ()
    return next((item for item in items if item.id == id and item.kind != "open"), None)
