"""A pulse is due: put its question into every channel of the alliance, once per local date."""

import logging
from datetime import datetime, timedelta
from hashlib import blake2b

from bot.model.alliance import Alliance, Channel, Pulse, Round
from bot.model.commands import DuePulse
from bot.model.delivery import Delivery
from bot.ports import Pulses, Store
from bot.questions.bank import bank_of
from bot.questions.rotation import items_for
from bot.schedule import Slot, find_closing, find_next_slot, find_reminder
from bot.schedule import list_due_slots as due_slots
from bot.use_cases.run_each import each
from bot.wording import question

log = logging.getLogger(__name__)


async def ask(pulses: Pulses, now: datetime, catchup: timedelta) -> int:
    """Open the rounds that are due; return how many. A slot longer past than `catchup` is counted as missed instead."""

    async def ask_one(due: DuePulse) -> bool:
        return await _ask(pulses, due, now, catchup)

    return await each(ask_one, await pulses.list_due(now))


async def _ask(pulses: Pulses, due: DuePulse, now: datetime, catchup: timedelta) -> bool:
    alliance, pulse, revision = due.alliance, due.pulse, due.revision
    next_look = find_next_slot(pulse, alliance.timezone, now).at
    slots = due_slots(pulse, alliance.timezone, due.last_slot, now)
    late = [slot for slot in slots if now - slot.at > catchup]
    for slot in _missed(due, late):
        log.warning("a slot of %s/%s was missed: %s", alliance.key, pulse.key, slot.day)
        await pulses.reschedule(alliance.key, pulse.key, now, revision, missed_slot=slot.day)
    if slots and slots[-1] not in late:
        round = opened(alliance, pulse, slots[-1], due.next_index)
        return await pulses.ask(round, questions(alliance, round), next_look, revision)
    await pulses.reschedule(alliance.key, pulse.key, next_look, revision)
    return False


def _missed(due: DuePulse, late: list[Slot]) -> list[Slot]:
    """Those at which the pulse was declared as it is now: nobody misses what was paused, or on another day."""
    if due.since is None:
        return late if due.last_slot is not None else []
    return [slot for slot in late if slot.at >= due.since]


def opened(alliance: Alliance, pulse: Pulse, slot: Slot, index: int) -> Round:
    """The round of one slot; the same slot always makes the same round."""
    return Round(
        id=blake2b(f"{alliance.key}|{pulse.key}|{slot.day}".encode(), digest_size=10).hexdigest(),
        alliance=alliance.key,
        pulse=pulse.key,
        slot=slot.day,
        index=index,
        items=items_for(bank_of(alliance), index, pulse.items),
        opens_at=slot.at,
        closes_at=find_closing(slot.at, pulse),
        remind_at=find_reminder(slot.at, pulse),
        minimum=alliance.minimum,
        holiday=slot.day in alliance.holidays,
    )


def questions(alliance: Alliance, round: Round) -> tuple[Delivery, ...]:
    card = question.write_question(alliance, round)
    return tuple(
        Delivery(
            question_key(round, alliance.number(channel)), alliance.key, channel, card, due=round.opens_at
        )
        for channel in alliance.channels
    )


async def ask_again(store: Store, alliance: Alliance, channel: Channel, at: datetime, *also: Delivery) -> int:
    """Questions of open rounds that were refused there, each still asked once. How many there were."""
    open_rounds = await store.rounds.list_open(alliance.key, at)
    asked = [one for round in open_rounds for one in questions(alliance, round)]
    return await store.outbox.enqueue_again([one for one in (*asked, *also) if one.place == channel])


def question_key(round: Round, number: int) -> str:
    """Key of the delivery that asks `round` in the alliance's channel of that number."""
    return f"question:{round.id}:{number}"
