"""Let a lead act on an alert: take it, ask another lead to, be reminded, close it, accept its level."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from bot.alarms.control_charts import KINDS
from bot.alarms.lifecycle import Close, See, Take
from bot.model.alert import CLOSE_REASONS, Alert, AlertReminder
from bot.model.alliance import Side
from bot.model.cards import Card
from bot.model.delivery import Delivery
from bot.schedule import find_next_call, find_round_end, find_working_moment
from bot.use_cases.loop.tap import (
    Tap,
    carry_out_step,
    find_alerts,
    find_asked_side,
    list_hearers,
    list_raised,
    make_entry,
    note,
    word_alert,
    write_to,
)
from bot.wording.alert import (
    confirm_alert_seen,
    confirm_new_normal,
    refuse_new_normal,
    refuse_unknown_alert,
)
from bot.wording.loop import alerts as wording
from bot.wording.loop.alerts import AlertLine


async def show_alert(tap: Tap, words: Sequence[str]) -> Card:
    """Show the alerts of that closing, with everything that a lead can do."""
    found = await find_alerts(tap, words[0])
    if not found:
        return refuse_unknown_alert()
    return wording.write_alert_card(tap.alliance, tap.side, _word(tap, found))


async def take_alert(tap: Tap, words: Sequence[str]) -> Card:
    """Make this lead the owner of the alerts of that closing that nobody owns; tell the other leads."""
    found = await find_alerts(tap, words[0])
    if not found:
        await note(tap, "take", words, "refused, no such alert")
        return refuse_unknown_alert()
    step = Take(tap.who, tap.side)
    tell = _make_tell(tap, "taken", lambda line: wording.tell_taken(tap.alliance, tap.side, line))
    done = [await carry_out_step(tap, alert, step, "take", tell) for alert in found]
    return wording.confirm_take(tap.alliance, tap.side, _word(tap, [alert for alert, _ in done]))


async def acknowledge_alert(tap: Tap, words: Sequence[str]) -> Card:
    """Note that this side has seen the alarms of that closing. What is over stays as it is."""
    raised = await list_raised(tap, words[0])
    found = await find_alerts(tap, words[0])
    if found and all(alert.is_over for alert in found):
        await note(tap, "acknowledge", words, "refused, over")
        return wording.report_over(tap.alliance, tap.side, _word(tap, found))
    await note(tap, "acknowledge", words, "seen" if raised else "refused, no such alert")
    for item in raised:
        await tap.store.alarms.acknowledge(item.id, tap.side)
    for alert in found:
        await carry_out_step(tap, alert, See(tap.side), None)
    return confirm_alert_seen() if raised else refuse_unknown_alert()


async def accept_level(tap: Tap, words: Sequence[str]) -> Card:
    """Accept the level found at that closing as the new normal. Its alerts end until answers move again."""
    kinds = {
        alert.kind for alert in await find_alerts(tap, words[0]) if alert.state in ("recovered", "new normal")
    }
    is_open = await tap.store.alarms.list_open(tap.alliance.key) - kinds
    levels = [
        item.alarm
        for item in await list_raised(tap, words[0])
        if item.alarm.level == "alert" and item.alarm.kind in KINDS.values() and item.alarm.kind in is_open
    ]
    await note(tap, "accept", words, "the new normal" if levels else "refused, no such alert")
    if not levels:
        return refuse_new_normal()
    await tap.store.alarms.accept_new_normal(tap.alliance.key, levels)
    return confirm_new_normal()


async def ask_other_lead(tap: Tap, words: Sequence[str]) -> Card:
    """Ask the other leads who may hear of it to take an alert, each once a day at most."""
    found = [alert for alert in await find_alerts(tap, words[0]) if not alert.is_over and not alert.owner]
    asked = [(alert, side) for alert in found if (side := find_asked_side(tap.alliance, alert, tap.side))]
    if not asked:
        await note(tap, "ask-lead", words, "refused, nobody to ask")
        return wording.refuse_ask()
    await note(tap, "ask-lead", words, "asked")
    told = [item for alert, side in asked for item in _ask(tap, alert, side)]
    await tap.store.outbox.enqueue(told)
    return wording.confirm_ask(tap.alliance, asked[0][1])


async def close_alert(tap: Tap, words: Sequence[str]) -> Card:
    """Close the alerts of that closing, for one of a few reasons; tell the other leads."""
    found = await find_alerts(tap, words[0])
    reason = next((item for item in CLOSE_REASONS if item in words[1:]), None)
    if not found or reason is None:
        await note(tap, "close", words, "refused, no such alert or reason")
        return await show_alert(tap, words)
    tell = _make_tell(tap, "closed", lambda line: wording.tell_closed(tap.alliance, tap.side, line, reason))
    done = [await carry_out_step(tap, alert, Close(reason), "close", tell) for alert in found]
    if all(why == "over" for _, why in done):
        return wording.report_over(tap.alliance, tap.side, _word(tap, [alert for alert, _ in done]))
    return wording.confirm_close(tap.alliance, tap.side, _word(tap, [alert for alert, _ in done]))


async def ask_reminder(tap: Tap, words: Sequence[str]) -> Card:
    """Remind this lead after the next round, after the leads' call, or after two rounds."""
    found = await find_alerts(tap, words[0])
    active = [alert for alert in found if not alert.is_over]
    if not active:
        await note(tap, "remind", words, "refused, over" if found else "refused, no such alert")
        return await show_alert(tap, words)
    at = {
        "call": find_working_moment(tap.alliance, tap.now, 1, find_next_call(tap.alliance, tap.now)),
        "rounds": find_round_end(tap.alliance, tap.now, 2),
    }.get(next(iter(words[1:]), ""), find_round_end(tap.alliance, tap.now))
    for alert in active:
        entry = make_entry(tap, "remind", words).conclude(f"{alert.kind} on {at.date()}")
        await tap.store.alerts.ask_reminder(AlertReminder(alert, tap.who, at), entry)
    return wording.confirm_reminder(at.astimezone(ZoneInfo(tap.alliance.timezone)).date())


def _ask(tap: Tap, alert: Alert, side: Side) -> tuple[Delivery, ...]:
    hearers = [(whose, lead) for whose, lead in list_hearers(tap.alliance, alert, tap.by) if whose is side]
    key = f"asked:{alert.id}:{alert.revision}:{tap.now.date()}"

    def write(reader: Side) -> Card:
        line = word_alert(tap.alliance, alert, reader, "", tap.trail.secret)
        return wording.ask_to_take(tap.alliance, tap.side, line)

    return write_to(tap.alliance, key, hearers, write, tap.trail.secret)


def _make_tell(
    tap: Tap, what: str, write: Callable[[AlertLine], Card]
) -> Callable[[Alert], tuple[Delivery, ...]]:
    """Make the messages to the other leads, once for each change of the alert."""

    def tell(after: Alert) -> tuple[Delivery, ...]:
        card = write(word_alert(tap.alliance, after, tap.side, "", tap.trail.secret))
        key = f"{what}:{after.id}:{after.revision}"
        hearers = list_hearers(tap.alliance, after, tap.by)
        return write_to(tap.alliance, key, hearers, lambda _: card, tap.trail.secret)

    return tell


def _word(tap: Tap, alerts: Sequence[Alert]) -> list[AlertLine]:
    return [word_alert(tap.alliance, alert, tap.side, tap.who, tap.trail.secret) for alert in alerts]
