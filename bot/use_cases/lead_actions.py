"""A lead acts on an alert: takes note of it, or accepts the level as the new normal."""

from bot.alarms.control_charts import KINDS
from bot.model.alliance import Alliance, Side
from bot.model.cards import Card
from bot.model.commands import RaisedAlarm
from bot.ports import Store
from bot.privacy.permissions import may_see
from bot.wording import alert


async def acknowledge(store: Store, alliance: Alliance, round: str, side: Side) -> Card:
    """From now on what that round's closing noticed shows that this side has seen it."""
    told = await _told(store, alliance, round, side)
    for one in told:
        await store.alarms.acknowledge(one.id, side)
    return alert.confirm_alert_seen() if told else alert.refuse_unknown_alert()


async def settle(store: Store, alliance: Alliance, round: str, side: Side) -> Card:
    """The level that this round's closing found is the new normal: its alarms are over until something moves again."""
    alarms = [one.alarm for one in await _told(store, alliance, round, side)]
    levels = [one for one in alarms if one.level == "alert" and one.kind in KINDS.values()]
    if not levels:
        return alert.refuse_new_normal()
    await store.alarms.accept_new_normal(alliance.key, levels)
    return alert.confirm_new_normal()


async def _told(store: Store, alliance: Alliance, round: str, side: Side) -> list[RaisedAlarm]:
    """What that round's closing noticed, as far as this side's leads may see it."""
    raised = await store.alarms.list_raised(alliance.key)
    return [one for one in raised if str(one.alarm.round) == round and may_see(alliance, one.alarm, side)]
