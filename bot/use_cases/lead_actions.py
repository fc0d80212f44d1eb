"""Let a lead acknowledge an alert, or accept its level as the new normal."""

from bot.alarms.control_charts import KINDS
from bot.model.alliance import Alliance, Side
from bot.model.audit import AuditEntry
from bot.model.cards import Card
from bot.model.commands import RaisedAlarm
from bot.ports import Store
from bot.privacy.permissions import may_see
from bot.use_cases.audit_trail import AuditTrail
from bot.wording import alert


async def acknowledge_alert(
    store: Store, alliance: Alliance, round_number: str, side: Side, trail: AuditTrail, entry: AuditEntry
) -> Card:
    """Note that this side has seen the alarms of that round's closing."""
    told = await _list_alarms(store, alliance, round_number, side)
    await trail.audit.note(entry.conclude("seen" if told else "refused, no such alert"))
    for item in told:
        await store.alarms.acknowledge(item.id, side)
    return alert.confirm_alert_seen() if told else alert.refuse_unknown_alert()


async def accept_level(
    store: Store, alliance: Alliance, round_number: str, side: Side, trail: AuditTrail, entry: AuditEntry
) -> Card:
    """Accept the level found at that closing as the new normal. Its alarms end until answers move again."""
    alarms = [alarm.alarm for alarm in await _list_alarms(store, alliance, round_number, side)]
    levels = [alarm for alarm in alarms if alarm.level == "alert" and alarm.kind in KINDS.values()]
    await trail.audit.note(entry.conclude("the new normal" if levels else "refused, no such alert"))
    if not levels:
        return alert.refuse_new_normal()
    await store.alarms.accept_new_normal(alliance.key, levels)
    return alert.confirm_new_normal()


async def _list_alarms(store: Store, alliance: Alliance, round_number: str, side: Side) -> list[RaisedAlarm]:
    """List the alarms of that round's closing that this side's leads may see."""
    raised = await store.alarms.list_raised(alliance.key)
    return [
        item
        for item in raised
        if str(item.alarm.round) == round_number and may_see(alliance, item.alarm, side, item.shared)
    ]
