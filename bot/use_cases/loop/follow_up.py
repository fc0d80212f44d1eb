"""Tell leads whether an action helped, once the people whose answers it was about have been asked again."""

import asyncio
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from bot.alarms.follow_up import LAST, FollowUp, find_askings, judge_follow_up
from bot.model.alarm_kind import parse_kind
from bot.model.alert import Alert
from bot.model.alliance import Alliance
from bot.model.closing import Record
from bot.model.commands import RaisedAlarm
from bot.model.delivery import Delivery
from bot.model.planned_action import PlannedAction
from bot.ports import Store
from bot.scoring.answer_matrix import History, build_history
from bot.use_cases.loop.tap import list_hearers, write_to
from bot.wording.loop.actions import tell_follow_up


async def follow_up(
    store: Store,
    alliance: Alliance,
    record: Record,
    known: Sequence[Alert],
    raised: Sequence[RaisedAlarm],
    secret: bytes,
) -> tuple[Delivery, ...]:
    """Make the messages on actions that were done, as this closing shows them; each action has one word, told once."""
    checked = {alert.id: alert for alert in known if alert.state == "checking"}
    actions = await store.actions.list_actions(alliance.key) if checked else ()
    done = [item for item in actions if item.state == "done" and item.alert in checked]
    if not done:
        return ()
    history = await asyncio.to_thread(build_history, record)
    began = {item.id: item.alarm.start_round for item in raised}
    return tuple(
        delivery
        for action in done
        if (word := find_word(alliance, history, checked[action.alert], action, began[action.alert]))
        for delivery in _tell(alliance, checked[action.alert], action, word, secret)
    )


def find_word(
    alliance: Alliance, history: History, alert: Alert, action: PlannedAction, start: int
) -> FollowUp | None:
    """Return what is to be said of an action now: the first clear word, or the last; None while there is none.

    `start`: index of the round in which the drop began.
    """
    kind = parse_kind(alert.kind)
    if kind.is_about_turnout or kind.subject == "blind_spot" or action.ended_at is None:
        return None
    since = _find_round(history, action.ended_at.astimezone(ZoneInfo(alliance.timezone)).date())
    askings = find_askings(history, action.topic, start, since)
    if not askings.after or askings.after[-1] != history.now.index:
        return None
    word = judge_follow_up(history, kind.sides, action.topic, askings)
    return None if word == "no clear change" and len(askings.after) < LAST else word


def _find_round(history: History, day: date) -> int:
    """Return the index of the first round that was asked on that day or later."""
    later = (item.index for item in history.asked if item.slot >= day)
    return next(later, history.now.index + 1)


def _tell(
    alliance: Alliance, alert: Alert, action: PlannedAction, word: FollowUp, secret: bytes
) -> tuple[Delivery, ...]:
    card = tell_follow_up(alliance, action.text, action.topic, word)
    return write_to(alliance, f"helped:{action.id}", list_hearers(alliance, alert), lambda _: card, secret)
