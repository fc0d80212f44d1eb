"""Close a round: freeze it, judge it, release numbers to both sides at once, tell the leads."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.alarms.episodes import list_open_kinds
from bot.alarms.lifecycle import list_to_open, list_to_tell
from bot.closing import close_round as rules
from bot.model.alert import Alert, name_alert
from bot.model.alliance import Alliance, Round
from bot.model.closing import Alarm, Closing, Record
from bot.model.delivery import Delivery
from bot.model.milestone import Milestone
from bot.ports import Store
from bot.privacy.bands import band_turnout
from bot.privacy.pseudonym import name_leads
from bot.schedule import find_working_moment
from bot.use_cases.alert import alerts, recoveries
from bot.use_cases.ask import question_key
from bot.use_cases.loop.follow_up import follow_up
from bot.use_cases.loop.tap import UNOWNED
from bot.use_cases.run_each import run_each
from bot.wording import question


async def close(store: Store, secret: bytes, now: datetime) -> int:
    """Close the rounds whose time is over; return how many. An interrupted closing continues where it stopped."""

    async def close_in_order(rounds: Sequence[Round]) -> int:
        alliance = await store.alliances.find_by_key(rounds[0].alliance)
        return sum([await _close(store, secret, alliance, asked) for asked in rounds]) if alliance else 0

    waiting: dict[str, list[Round]] = {}
    for asked_round in await store.closings.list_to_close(now):
        waiting.setdefault(asked_round.alliance, []).append(asked_round)
    return await run_each(close_in_order, waiting.values())


async def _close(store: Store, secret: bytes, alliance: Alliance, asked_round: Round) -> bool:
    if not await store.closings.freeze_round(asked_round.id):
        return False
    record = await store.closings.load_record(asked_round.id, name_leads(alliance, secret))
    closing = await asyncio.to_thread(rules.close_record, record)
    people = len(await store.answers.list_respondents(asked_round.id))
    known = await store.alerts.list_alerts(alliance.key)
    raised = await store.alarms.list_raised(alliance.key)
    milestones = await store.milestones.list_milestones(alliance.key)
    urgent = list_to_tell(closing.alarms, known, [item.alarm for item in raised])
    told = (
        *await _closed_cards(store, alliance, asked_round, people),
        *_alerts(alliance, record, replace(closing, alarms=urgent), secret, known, milestones),
        *await follow_up(store, alliance, record, known, raised, secret),
    )
    deliveries = tuple(replace(item, due=asked_round.closes_at) for item in told)
    opened = [_open_alert(alliance, alarm, asked_round) for alarm in list_to_open(urgent, known)]
    return await store.closings.close_round(asked_round.id, closing, deliveries, opened)


def _open_alert(alliance: Alliance, alarm: Alarm, closed: Round) -> Alert:
    """Open the alert of an alarm. Leads are reminded once if nobody owns it after some working days."""
    return Alert(
        name_alert(alliance.key, alarm.round, alarm.kind),
        alliance.key,
        alarm.kind,
        alarm.round,
        closed.slot,
        closed.shared,
        look_at=find_working_moment(alliance, closed.closes_at, UNOWNED),
    )


async def close_seen_question(store: Store, key: str) -> None:
    """Post the closing of a question that stands in a channel, as an operator said, once its round is closed.

    `key`: of any delivery. A card that was to replace that message failed meanwhile: nobody knows which message it is.
    """
    kind, _, rest = key.partition(":")
    asked_round = await store.rounds.find_round(rest.partition(":")[0]) if kind == "question" else None
    alliance = await store.alliances.find_by_key(asked_round.alliance) if asked_round else None
    if asked_round is None or alliance is None:
        return
    people = len(await store.answers.list_respondents(asked_round.id))
    cards = await _closed_cards(store, alliance, asked_round, people)
    await store.outbox.enqueue_again([card for card in cards if card.key == f"closed:{rest}"])


async def _closed_cards(
    store: Store, alliance: Alliance, asked_round: Round, people: int
) -> tuple[Delivery, ...]:
    """Make a card for each channel: in place of the question, or below where its message is not known."""
    card = question.write_closed_question(alliance, asked_round, band_turnout(people))
    keys = {channel: question_key(asked_round, alliance.number(channel)) for channel in alliance.channels}
    lost = await store.outbox.list_lost(list(keys.values()))
    return tuple(
        Delivery(
            f"closed:{asked_round.id}:{alliance.number(channel)}",
            alliance.key,
            channel,
            card,
            None if key in lost else key,
        )
        for channel, key in keys.items()
    )


def _alerts(
    alliance: Alliance,
    record: Record,
    closing: Closing,
    secret: bytes,
    known: Sequence[Alert],
    milestones: Sequence[Milestone],
) -> tuple[Delivery, ...]:
    now, is_open = record.asked[-1], list_open_kinds(closing.memory)
    return (
        *alerts(alliance, closing.alarms, closing.mood, now, secret, known, milestones),
        *recoveries(alliance, closing.recoveries, is_open, now, secret),
    )
