"""Send each lead the weekly digest, in the lead's scope, on the working day before the leads' call."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.alarms.baseline import LEARNING
from bot.alarms.evidence import Told, word_alarm
from bot.alarms.lifecycle import list_closed_kinds
from bot.alarms.mood_trend import show_mood
from bot.model.alliance import Alliance, Side
from bot.model.cards import Card, add_below_news
from bot.model.commands import DueDigest, RaisedAlarm
from bot.model.delivery import Delivery
from bot.ports import Store
from bot.privacy.bands import word_response_rate
from bot.privacy.comment_gate import list_readable
from bot.privacy.permissions import may_see
from bot.schedule import Slot, find_digest_slot
from bot.use_cases.alert import list_open_alerts
from bot.use_cases.loop.action_views import list_action_lines
from bot.use_cases.loop.tap import list_open_lines
from bot.use_cases.notify_leads import write_to_sides
from bot.use_cases.run_each import run_each
from bot.use_cases.score import board_of, list_small_sides
from bot.wording import digest as wording
from bot.wording.digest import Week
from bot.wording.loop.actions import write_open_actions
from bot.wording.loop.alerts import write_open_alerts
from bot.wording.loop.milestones import write_recent_milestones
from bot.wording.score import report_no_score

WEEK = timedelta(days=7)
NEW = timedelta(days=10)
"""Alarms of pulses that were asked at most so long before the digest are new in it."""
LATEST = timedelta(hours=24)
"""A digest that could not be sent within a day is left to the next week."""


async def digest(store: Store, secret: bytes, now: datetime) -> int:
    """Send the digests that are due, each week's once; return for how many alliances."""

    async def digest_one(due: DueDigest) -> bool:
        alliance = due.alliance
        slot = find_digest_slot(alliance, now)
        next_look = find_digest_slot(alliance, now + WEEK).at
        deliveries = await _deliveries(store, alliance, slot, secret) if now - slot.at < LATEST else ()
        await store.digests.send(alliance.key, deliveries, next_look, due.revision)
        return bool(deliveries)

    return await run_each(digest_one, await store.digests.list_due(now))


async def newest_digest(store: Store, alliance: Alliance, side: Side, secret: bytes, now: datetime) -> Card:
    """Return the newest digest on demand."""
    slot = find_digest_slot(alliance, now)
    return await _card(store, alliance, side, slot, secret) or report_no_score(alliance)


async def _deliveries(store: Store, alliance: Alliance, slot: Slot, secret: bytes) -> tuple[Delivery, ...]:
    cards = {side: card for side in Side if (card := await _card(store, alliance, side, slot, secret))}
    told = write_to_sides(alliance, f"digest:{alliance.key}:{slot.day}", cards, secret)
    return tuple(replace(item, due=slot.at) for item in told)


async def _card(store: Store, alliance: Alliance, side: Side, slot: Slot, secret: bytes) -> Card | None:
    board, last = await board_of(store, alliance), await store.rounds.find_last_closed(alliance.key)
    if board is None or last is None:
        return None
    raised, known = (
        await store.alarms.list_raised(alliance.key),
        await store.alerts.list_alerts(alliance.key),
    )
    is_open = await store.alarms.list_open(alliance.key)
    first = slot.day - NEW
    turnout = await store.rounds.count_turnout(last.id)
    card = wording.write_digest(
        alliance,
        Week(
            view=board.for_lead(side),
            pooled=board.pooled,
            learning=last.index < LEARNING,
            closed=last.slot,
            rates=tuple(
                (item, word_response_rate(turnout.answered[item], turnout.invited[item]))
                for item in Side
                if item is side or (alliance.share_dimensions and last.shared)
            ),
            opened=list_open_alerts(alliance, raised, is_open - list_closed_kinds(known), side, first),
            alarms=_list_recent(alliance, raised, is_open, side, first),
            mood=show_mood(await store.closings.list_mood(alliance.key), side),
            comments=list_readable(await store.comments.list_newest_blocks(alliance.key), side, last.index),
            missed=await store.pulses.list_missed(alliance.key),
            small=await list_small_sides(store, alliance, board, secret),
        ),
    )
    actions = write_open_actions(alliance, side, await list_action_lines(store, alliance, side, "", secret))
    alerts = write_open_alerts(alliance, side, list_open_lines(alliance, known, side, secret))
    marked = write_recent_milestones(await store.milestones.list_milestones(alliance.key), slot.day)
    return add_below_news(card, (*actions, *alerts, *marked))


def _list_recent(
    alliance: Alliance,
    alarms: tuple[RaisedAlarm, ...],
    is_open: frozenset[str],
    side: Side,
    first: date,
) -> tuple[Told, ...]:
    """List the alarms judged after `first` that are no open alert."""
    recent = (
        alarm
        for alarm in alarms
        if alarm.slot > first
        and alarm.alarm.kind not in is_open
        and may_see(alliance, alarm.alarm, side, alarm.shared)
    )
    return tuple(word_alarm(item.alarm, item.slot, item.acknowledged, side) for item in recent)
