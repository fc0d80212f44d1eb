"""Save an answer when somebody presses a button under a question, then confirm it."""

from dataclasses import replace
from datetime import datetime

from bot.model.alliance import Alliance, Item, Round
from bot.model.cards import Card
from bot.model.commands import GivenAnswer
from bot.model.events import Answered
from bot.ports import Store
from bot.privacy.permissions import find_side, find_undeclared_home, is_outside
from bot.privacy.pseudonym import make_pseudonym
from bot.privacy.release_gate import is_measured
from bot.use_cases.notify_leads import ask_leads
from bot.wording import confirmations as reply
from bot.wording import question


async def save_answer(event: Answered, store: Store, secret: bytes, now: datetime) -> Card:
    """Save the answer; return the private confirmation once it is on disk, or the reason why it does not count."""
    asked_round = await store.rounds.find_round(event.round)
    alliance = await store.alliances.find_by_key(asked_round.alliance) if asked_round else None
    item = _find_item(asked_round, event.item)
    if asked_round is None or alliance is None or item is None:
        return reply.refuse_unknown_round()
    if is_outside(alliance, event.by):
        return reply.refuse_outsider(alliance)
    side = find_side(alliance, event.by)
    given = GivenAnswer(
        round_id=asked_round.id,
        item=item.id,
        person=make_pseudonym(secret, alliance.key, event.by, "answer"),
        side=side,
        home=find_undeclared_home(alliance, event.by),
        value=event.value,
        at=event.at,
    )
    if side is None and given.home is None and not event.by.is_unread:
        return reply.refuse_stranger()
    if side and not is_measured(item, side):
        return await _show_confirmation(
            reply.refuse_wrong_side(alliance, side), event, asked_round, given.person, store
        )
    kept = await store.answers.save_answer(given, now)
    if kept == "saved" and side is None:
        await ask_whose(store, alliance, asked_round, given.home, secret)
    if kept == "older":
        own = await store.answers.list_own(asked_round.id, given.person)
        given = replace(given, value=own.get(item.id, given.value))
    card = _write_confirmation(kept, alliance, asked_round, item, given)
    if kept in ("saved", "older"):
        return await _show_confirmation(card, event, asked_round, given.person, store)
    return card


async def ask_whose(
    store: Store, alliance: Alliance, asked_round: Round, home: tuple[str, str] | None, secret: bytes
) -> None:
    """Find out whose side something that waits is: of a known company from the leads, else from the rosters."""
    if home:
        await store.outbox.enqueue(ask_leads(alliance, home, secret))
    else:
        await store.rounds.request_roster(asked_round.id)


async def _show_confirmation(
    card: Card, event: Answered, asked_round: Round, person: str, store: Store
) -> Card:
    """Add the round's questions and the person's own answers if the reply replaces the question."""
    if not event.in_place:
        return card
    return question.replace_question(card, asked_round, await store.answers.list_own(asked_round.id, person))


def _write_confirmation(
    kept: str, alliance: Alliance, asked_round: Round, item: Item, given: GivenAnswer
) -> Card:
    match kept:
        case "older":
            return reply.note_late_tap(_write_confirmation("saved", alliance, asked_round, item, given))
        case "saved" if given.side:
            return reply.confirm_answer(alliance, asked_round, item, given.value)
        case "saved" if given.home is None:
            return reply.confirm_unread_answer(alliance, asked_round, item, given.value)
        case "saved":
            return reply.confirm_pending_answer(alliance, asked_round, item, given.value)
        case "closed":
            return reply.refuse_late_answer(alliance, asked_round)
    return reply.refuse_unknown_round()


def _find_item(asked_round: Round | None, item_id: str) -> Item | None:
    items = asked_round.items if asked_round else ()
    return next((item for item in items if item.id == item_id and item.kind != "open"), None)
