"""Ask a due pulse: post its question in every channel of the alliance, once per local date."""

import logging
from datetime import datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from bot.model.alliance import Alliance, Channel, Pulse, Round
from bot.model.commands import DuePulse
from bot.model.delivery import Delivery
from bot.ports import Pulses, Store
from bot.questions.bank import find_bank
from bot.questions.rotation import rotate_items
from bot.schedule import Slot, find_closing, find_next_look, find_reminder
from bot.schedule import list_due_slots as due_slots
from bot.use_cases.run_each import run_each
from bot.wording import question
from bot.working_days import find_working_days

log = logging.getLogger(__name__)


async def ask_due_pulses(pulses: Pulses, now: datetime, catchup: timedelta) -> int:
    """Open the rounds that are due; return how many. A slot longer past than `catchup` is counted as missed instead."""

    async def ask_one(due: DuePulse) -> bool:
        return await _ask_pulse(pulses, due, now, catchup)

    return await run_each(ask_one, await pulses.list_due(now))


async def _ask_pulse(pulses: Pulses, due: DuePulse, now: datetime, catchup: timedelta) -> bool:
    alliance, pulse, revision = due.alliance, due.pulse, due.revision
    calendar = find_working_days(alliance)
    next_look = find_next_look(pulse, alliance.timezone, now, calendar)
    slots = due_slots(pulse, alliance.timezone, due.last_slot, now, calendar)
    late = [slot for slot in slots if now - slot.at > catchup]
    for slot in _list_missed(due, late):
        log.warning("a slot of %s/%s was missed: %s", alliance.key, pulse.key, slot.day)
        await pulses.reschedule(alliance.key, pulse.key, now, revision, missed_slot=slot.day)
    if slots and slots[-1] not in late:
        asked_round = open_round(alliance, pulse, slots[-1], due.next_index)
        return await pulses.ask(asked_round, make_questions(alliance, asked_round), next_look, revision)
    await pulses.reschedule(alliance.key, pulse.key, next_look, revision)
    return False


def _list_missed(due: DuePulse, late: list[Slot]) -> list[Slot]:
    """List the slots that count as missed: not those while the pulse was paused or declared otherwise."""
    if due.since is None:
        return late if due.last_slot is not None else []
    return [slot for slot in late if slot.at >= due.since]


def open_round(alliance: Alliance, pulse: Pulse, slot: Slot, index: int) -> Round:
    """Build the round of one slot. The same slot always makes the same round."""
    asked_on = slot.at.astimezone(ZoneInfo(alliance.timezone)).date()
    return Round(
        id=blake2b(f"{alliance.key}|{pulse.key}|{slot.day}".encode(), digest_size=10).hexdigest(),
        alliance=alliance.key,
        pulse=pulse.key,
        slot=slot.day,
        index=index,
        items=rotate_items(find_bank(alliance), index, pulse.items),
        opens_at=slot.at,
        closes_at=find_closing(slot.at, pulse),
        remind_at=find_reminder(slot.at, pulse),
        minimum=alliance.minimum,
        holiday=find_working_days(alliance).find_holiday(asked_on) is not None,
        shared=alliance.share_dimensions,
    )


def make_questions(alliance: Alliance, asked_round: Round) -> tuple[Delivery, ...]:
    card = question.write_question(alliance, asked_round)
    return tuple(
        Delivery(
            question_key(asked_round, alliance.number(channel)),
            alliance.key,
            channel,
            card,
            due=asked_round.opens_at,
        )
        for channel in alliance.channels
    )


async def ask_again(store: Store, alliance: Alliance, channel: Channel, at: datetime, *also: Delivery) -> int:
    """Post again the open questions that this channel refused, each once; return how many."""
    open_rounds = await store.rounds.list_open(alliance.key, at)
    asked = [question_ for asked_round in open_rounds for question_ in make_questions(alliance, asked_round)]
    return await store.outbox.enqueue_again([item for item in (*asked, *also) if item.place == channel])


def question_key(asked_round: Round, number: int) -> str:
    """Return the key of the delivery that asks a round in the alliance's channel of that number."""
    return f"question:{asked_round.id}:{number}"
