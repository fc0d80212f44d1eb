"""Remind leads of alerts: once if nobody owns one, once if nobody acts on it, and when a lead asked for it."""

from dataclasses import replace
from datetime import datetime

from bot.alarms.lifecycle import disown
from bot.model.alert import Alert, AlertReminder
from bot.model.alliance import Alliance, Side
from bot.model.cards import Card
from bot.model.planned_action import PlannedAction
from bot.ports import Store
from bot.privacy.pseudonym import name_owners
from bot.schedule import find_working_moment
from bot.use_cases.loop.action_steps import OVERDUE
from bot.use_cases.loop.action_views import word_action
from bot.use_cases.loop.tap import list_hearers, word_alert, write_to
from bot.use_cases.run_each import run_each
from bot.wording.loop import alerts as wording
from bot.wording.loop.actions import remind_overdue


async def remind_leads(store: Store, secret: bytes, now: datetime) -> int:
    """Send the reminders that are due, each once; return how many alerts they were about."""
    due, wanted = await store.alerts.list_due(now), await store.alerts.list_reminders(now)
    overdue = await store.actions.list_due(now)
    keys = {alert.alliance for alert in due} | {action.alliance for action in overdue}
    keys |= {wish.alert.alliance for wish in wanted}
    alliances = {
        alliance.key: alliance for alliance in await store.alliances.list_all() if alliance.key in keys
    }

    async def look(alert: Alert) -> bool:
        return await _look_at(store, alliances[alert.alliance], alert, secret)

    async def remind(wish: AlertReminder) -> bool:
        return await _send_wish(store, alliances[wish.alert.alliance], wish, secret)

    async def press(action: PlannedAction) -> bool:
        return await _remind_of_action(store, alliances[action.alliance], action, secret, now)

    return await run_each(look, due) + await run_each(remind, wanted) + await run_each(press, overdue)


async def _remind_of_action(
    store: Store, alliance: Alliance, action: PlannedAction, secret: bytes, now: datetime
) -> bool:
    """Remind the owner of an overdue action, and some days later all leads who may see it; each once."""
    alert = next(item for item in await store.alerts.list_alerts(alliance.key) if item.id == action.alert)
    owner = name_owners(alliance, secret).get(action.owner)
    is_last = owner is None or action.reminded > 0
    hearers = [hearer for hearer in list_hearers(alliance, alert) if is_last or hearer[1] == owner]
    later = None if is_last else find_working_moment(alliance, now, OVERDUE)
    after = replace(action, reminded=2 if is_last else 1, look_at=later, revision=action.revision + 1)

    def write_card(side: Side) -> Card:
        return remind_overdue(alliance, side, word_action(alliance, action, side, "", secret))

    key = f"overdue:{action.id}:{action.moved}:{after.reminded}"
    return await store.actions.change(
        action, after, None, write_to(alliance, key, hearers, write_card, secret)
    )


async def _look_at(store: Store, alliance: Alliance, alert: Alert, secret: bytes) -> bool:
    """Remind all leads who may hear of it, unless somebody acts; look no more."""
    now_owned = disown(alert, name_owners(alliance, secret))
    after = replace(alert, look_at=None, revision=alert.revision + 1)
    write = wording.remind_unowned if now_owned.state in ("open", "seen") else wording.remind_idle
    key = f"{'idle' if write is wording.remind_idle else 'unowned'}:{alert.id}"

    def write_card(side: Side) -> Card:
        return write(alliance, side, word_alert(alliance, alert, side, "", secret))

    told = write_to(alliance, key, list_hearers(alliance, alert), write_card, secret)
    return await store.alerts.move(alert, after, told)


async def _send_wish(store: Store, alliance: Alliance, wish: AlertReminder, secret: bytes) -> bool:
    """Remind the lead who wanted it, if the alert is not over and this still is a lead who may hear of it."""
    lead = name_owners(alliance, secret).get(wish.person)
    hearers = [hearer for hearer in list_hearers(alliance, wish.alert) if hearer[1] == lead]

    def write_card(side: Side) -> Card:
        return wording.remind_wanted(
            alliance, side, word_alert(alliance, wish.alert, side, wish.person, secret)
        )

    told = write_to(alliance, f"wished:{wish.alert.id}:{wish.at.isoformat()}", hearers, write_card, secret)
    return await store.alerts.send_reminder(wish, () if wish.alert.is_over else told)
