"""Plan an action about an alert, and say that it is done, later, or dropped."""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.alarms.lifecycle import AlertStep, PlanAction, StopActing, advance_alert, disown
from bot.model.alarm_kind import parse_kind
from bot.model.alert import Alert
from bot.model.alliance import Alliance, Side
from bot.model.audit import Act, AuditEntry
from bot.model.cards import Card
from bot.model.planned_action import DROP_REASONS, LONGEST_ACTION, ActionState, PlannedAction
from bot.ports import StoreUnavailable
from bot.ports.loop import AlertMove, Planned
from bot.privacy.permissions import may_hear_of
from bot.privacy.pseudonym import name_owners
from bot.schedule import find_next_call, find_working_moment
from bot.use_cases.comment import find_typed_concern
from bot.use_cases.loop.action_views import list_action_lines, word_action
from bot.use_cases.loop.tap import (
    PAUSE,
    TRIES,
    Tap,
    find_alerts,
    join_words,
    list_hearers,
    list_raised,
    list_visible,
    make_entry,
    note,
    plan_look,
    word_alert,
    write_to,
)
from bot.wording.alert import refuse_unknown_alert
from bot.wording.guard import refuse_clinical_text
from bot.wording.loop import actions as wording
from bot.wording.loop import alerts as alert_wording

OVERDUE = 5
"""Working days after the date on which the owner is reminded; as many again, and all leads are."""
WEEK = timedelta(weeks=1)
FARTHEST_YEAR = 2100


async def list_actions(tap: Tap, _: Sequence[str]) -> Card:
    """List what leads decided to do, as far as this side's may see it."""
    lines = await list_action_lines(tap.store, tap.alliance, tap.side, tap.who, tap.trail.secret)
    return wording.list_actions(tap.alliance, tap.side, lines)


async def plan_action(tap: Tap, words: Sequence[str]) -> Card:
    """Plan an action about an alert of that closing; without a text, return the form that asks for it."""
    found = await find_alerts(tap, words[0])
    active = [alert for alert in found if not alert.is_over]
    if not active:
        await note(tap, "plan", words, "refused, over" if found else "refused, no such alert")
        lines = [word_alert(tap.alliance, alert, tap.side, tap.who, tap.trail.secret) for alert in found]
        return alert_wording.report_over(tap.alliance, tap.side, lines) if lines else refuse_unknown_alert()
    alert = max(active, key=lambda item: (item.owner == tap.who, len(parse_kind(item.kind).sides)))
    text = join_words(tap, words)
    if not text:
        return wording.write_action_form(
            tap.alliance, words[0], find_only_side(tap.alliance, alert, tap.side)
        )
    if refusal := await screen_text(tap, text, LONGEST_ACTION):
        await note(tap, "plan", words, "refused, its text")
        return refusal
    return await _plan(tap, alert, text, await _find_topic(tap, alert))


async def screen_text(tap: Tap, text: str, longest: int) -> Card | None:
    """Refuse what is too long, or what the guard finds something in: of that, nothing is kept."""
    if len(text) > longest:
        return wording.refuse_long_text(len(text), longest)
    concern = await find_typed_concern(text)
    return refuse_clinical_text(tap.alliance, concern.concern, concern.noticed) if concern else None


async def _plan(tap: Tap, alert: Alert, text: str, topic: str) -> Card:
    due = find_next_call(tap.alliance, tap.now) + WEEK
    action = PlannedAction(
        _make_id(alert, tap.who, text, due),
        tap.alliance.key,
        alert.id,
        topic,
        text,
        tap.who,
        tap.side,
        due,
        look_at=find_working_moment(tap.alliance, tap.now, OVERDUE, due),
    )
    match await _save_plan(tap, alert, action):
        case "full":
            await note(tap, "plan", [str(alert.round)], "refused, three are open")
            lines = await list_action_lines(tap.store, tap.alliance, tap.side, tap.who, tap.trail.secret)
            return wording.refuse_fourth(tap.alliance, tap.side, lines)
        case "changed":
            raise StoreUnavailable("another lead is changing the alert")
    line = word_action(tap.alliance, action, tap.side, tap.who, tap.trail.secret)
    return wording.confirm_plan(tap.alliance, tap.side, line, find_only_side(tap.alliance, alert, tap.side))


def _make_id(alert: Alert, who: str, text: str, due: date) -> str:
    """Return the same for the same plan: what arrives twice is one action. Keyed, as the text must stay unknown."""
    return hmac.new(who.encode(), f"{alert.id}|{text}|{due}".encode(), "sha256").hexdigest()[:12]


async def _save_plan(tap: Tap, alert: Alert, action: PlannedAction) -> Planned:
    """Write the action down with the alert as it is now, and tell the other leads."""
    card = wording.tell_plan(
        tap.alliance, tap.side, word_action(tap.alliance, action, tap.side, "", tap.trail.secret)
    )
    hearers = list_hearers(tap.alliance, alert, tap.by)
    told = write_to(tap.alliance, f"planned:{action.id}", hearers, lambda _: card, tap.trail.secret)
    among = [item.id for item in await list_visible(tap.store, tap.alliance, tap.side)]
    noted = make_entry(tap, "plan", [str(alert.round)]).conclude(f"{alert.kind} {action.id} planned")
    for _ in range(TRIES):
        move = make_move(tap, await find_alert(tap, alert.id), PlanAction(tap.who, tap.side))
        saved = await tap.store.actions.plan(action, move, among, told, noted) if move else "changed"
        if saved != "changed":
            return saved
        await asyncio.sleep(PAUSE)
    return "changed"


async def finish_action(tap: Tap, words: Sequence[str]) -> Card:
    """Note that an action is done."""
    return await _change(tap, words, "done", lambda action: _end(tap, action, "done"))


async def drop_action(tap: Tap, words: Sequence[str]) -> Card:
    """Drop an action for one of a few reasons; without one, ask for it."""
    reason = next((item for item in DROP_REASONS if item in words[1:]), None)
    action = await find_action(tap, words[0])
    if action and action.state == "open" and reason is None:
        return wording.ask_drop_reason(
            tap.alliance, word_action(tap.alliance, action, tap.side, tap.who, tap.trail.secret)
        )
    return await _change(
        tap, words, "drop", lambda action: replace(_end(tap, action, "dropped"), reason=reason)
    )


async def move_action(tap: Tap, words: Sequence[str]) -> Card:
    """Put an action off to that date, or by a week. A date that is no later than its own changes nothing."""
    wanted = next(filter(None, map(_read_date, words[1:])), None)

    def put_off(action: PlannedAction) -> PlannedAction:
        due = wanted or action.due + WEEK
        if due <= action.due:
            return action
        due = due if due > tap.now.date() else tap.now.date() + WEEK
        look_at = find_working_moment(tap.alliance, tap.now, OVERDUE, due)
        return replace(action, due=due, moved=action.moved + 1, reminded=0, look_at=look_at)

    return await _change(tap, words, "move", put_off)


def _end(tap: Tap, action: PlannedAction, state: ActionState) -> PlannedAction:
    return replace(action, state=state, ended_at=tap.now, look_at=None)


def _read_date(word: str) -> date | None:
    try:
        found = date.fromisoformat(word)
    except ValueError:
        return None
    return found if found.year < FARTHEST_YEAR else None


async def _change(
    tap: Tap, words: Sequence[str], act: Act, change: Callable[[PlannedAction], PlannedAction]
) -> Card:
    """Change the action as it is now, with what that means for its alert; what is over stays over."""
    entry = tap.trail.make_entry(act, tap.alliance.key, tap.by, tap.now, tap.side.value)
    for _ in range(TRIES):
        action = await find_action(tap, words[0])
        if action is None:
            await tap.trail.audit.note(entry.conclude("refused, no such action"))
            return wording.refuse_unknown_action()
        line = word_action(tap.alliance, action, tap.side, tap.who, tap.trail.secret)
        if action.state != "open":
            await tap.trail.audit.note(entry.conclude(f"refused, {action.id} is over"))
            return wording.report_ended(line)
        if await _try_change(tap, action, change(action), entry):
            alert = await find_alert(tap, action.alert)
            may_tell = find_only_side(tap.alliance, alert, tap.side) is None
            line = word_action(tap.alliance, change(action), tap.side, tap.who, tap.trail.secret, may_tell)
            return wording.confirm_change(tap.alliance, tap.side, line)
        await asyncio.sleep(PAUSE)
    raise StoreUnavailable("another lead is changing the action")


async def _try_change(tap: Tap, action: PlannedAction, after: PlannedAction, entry: AuditEntry) -> bool:
    """Write the change down, tell the other leads of an end; True where there is nothing to change."""
    if after == action:
        await tap.trail.audit.note(entry.conclude(f"{action.id} unchanged"))
        return True
    after = replace(after, revision=action.revision + 1)
    alert = await find_alert(tap, action.alert)
    card = wording.tell_end(
        tap.alliance, tap.side, word_action(tap.alliance, after, tap.side, "", tap.trail.secret)
    )
    hearers = list_hearers(tap.alliance, alert, tap.by) if after.state != "open" else []
    told = write_to(tap.alliance, f"ended:{after.id}", hearers, lambda _: card, tap.trail.secret)
    move = None if after.state == "open" else await _find_move(tap, alert, after)
    noted = entry.conclude(f"{after.id} {after.state if after.state != 'open' else f'until {after.due}'}")
    return await tap.store.actions.change(action, after, move, told, noted)


async def _find_move(tap: Tap, alert: Alert, ended: PlannedAction) -> AlertMove | None:
    """Return the step of the alert of whose actions this was the last open one."""
    known = await tap.store.actions.list_actions(tap.alliance.key)
    others = [item for item in known if item.alert == alert.id and item.id != ended.id]
    if any(item.state == "open" for item in others):
        return None
    done = any(item.state == "done" for item in (*others, ended))
    return make_move(tap, alert, StopActing(done))


async def find_action(tap: Tap, action_id: str) -> PlannedAction | None:
    """Return the action of that id, if this side's leads may see its alert."""
    visible = {alert.id for alert in await list_visible(tap.store, tap.alliance, tap.side)}
    known = await tap.store.actions.list_actions(tap.alliance.key)
    return next((item for item in known if item.id == action_id and item.alert in visible), None)


async def find_alert(tap: Tap, alert_id: str) -> Alert:
    """Return the alert as it is now. Raises StopIteration for one that is not there."""
    known = await tap.store.alerts.list_alerts(tap.alliance.key)
    return next(alert for alert in known if alert.id == alert_id)


def make_move(tap: Tap, alert: Alert, step: AlertStep) -> AlertMove | None:
    """Return the alert before and after the step; None where nothing changes."""
    after = advance_alert(disown(alert, name_owners(tap.alliance, tap.trail.secret)), step)
    return (alert, plan_look(tap.alliance, alert, after, tap.now)) if isinstance(after, Alert) else None


def find_only_side(alliance: Alliance, alert: Alert, side: Side) -> Side | None:
    """Return the side whose leads alone may hear of the alert; None for both."""
    return None if may_hear_of(alliance, alert.kind, side.other, alert.shared) else side


async def _find_topic(tap: Tap, alert: Alert) -> str:
    """Return the dimension that the alert showed most."""
    raised = await list_raised(tap, str(alert.round))
    named = (item.alarm.dimensions for item in raised if item.alarm.kind == alert.kind)
    return next((dimension for dimensions in named for dimension in dimensions), "")
