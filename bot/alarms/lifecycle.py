"""The life of an alert: open → seen → owned → acting → checking, then recovered, new normal or closed.

Every step starts from the alert as it is: what is over stays over, and what is owned stays its owner's.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bot.model.alert import Alert, AlertState, CloseReason
from bot.model.alliance import Side
from bot.model.closing import Alarm
from bot.privacy.permissions import is_told

WORSE = 0.4
"""Points of the 1–5 scale beyond the size at which an alert was opened that make it clearly worse."""


@dataclass(frozen=True, slots=True)
class See:
    """A lead of that side has taken note."""

    side: Side


@dataclass(frozen=True, slots=True)
class Take:
    """A lead takes it. `who` is the lead's pseudonym."""

    who: str
    side: Side


@dataclass(frozen=True, slots=True)
class PlanAction:
    """An action is planned; whoever plans it owns the alert, unless somebody does."""

    who: str
    side: Side


@dataclass(frozen=True, slots=True)
class StopActing:
    """No action is open any more: at least one was done, or all were dropped."""

    done: bool


@dataclass(frozen=True, slots=True)
class Recover:
    """People answer as usual again."""


@dataclass(frozen=True, slots=True)
class Accept:
    """A lead accepts the level as the new normal."""


@dataclass(frozen=True, slots=True)
class Close:
    """A lead closes it."""

    reason: CloseReason


AlertStep: TypeAlias = See | Take | PlanAction | StopActing | Recover | Accept | Close
NoStep: TypeAlias = Literal["over", "owned", "unchanged"]
"""It is over; another lead owns it; it is so already."""


def advance_alert(alert: Alert, step: AlertStep) -> Alert | NoStep:
    """Return the alert after the step, or why nothing changes."""
    if alert.is_over:
        return "over"
    match step:
        case See(side):
            return _see(alert, side)
        case Take(who, side):
            return _take(alert, who, side)
        case PlanAction(who, side):
            return _move_on(_see_by(_own(alert, who, side), side), "acting")
        case StopActing(done):
            return _stop_acting(alert, done)
        case Recover():
            return _end(alert, "recovered")
        case Accept():
            return _end(alert, "new normal")
        case Close(reason):
            return replace(_end(alert, "closed"), reason=reason)


def disown(alert: Alert, leads: Collection[str]) -> Alert:
    """Return the alert as nobody's where its owner is not among these leads (pseudonyms) any more."""
    if not alert.owner or alert.owner in leads:
        return alert
    state: AlertState = alert.state
    if state == "owned":
        state = "seen" if alert.seen else "open"
    return replace(alert, owner="", owner_side=None, state=state)


def list_to_tell(
    alarms: Iterable[Alarm], alerts: Sequence[Alert], opening: Iterable[Alarm]
) -> tuple[Alarm, ...]:
    """Return those that leads are told at once: no reminder while somebody acts, or once they closed the alert.

    Unless it is clearly worse than in `opening`, the alarms that opened these alerts.
    """
    sizes = {(alarm.round, alarm.kind): alarm.size for alarm in opening}
    return tuple(alarm for alarm in alarms if is_told(alarm) and _is_news(alarm, alerts, sizes))


def list_to_open(told: Iterable[Alarm], alerts: Sequence[Alert]) -> tuple[Alarm, ...]:
    """Return the alarms that open an alert: of their kind there is none, or the last one is over."""
    newest = ((alarm, find_newest(alerts, alarm.kind)) for alarm in told)
    return tuple(alarm for alarm, alert in newest if alert is None or alert.is_over)


def list_closed_kinds(alerts: Sequence[Alert]) -> frozenset[str]:
    """Return the kinds of which leads have closed the newest alert."""
    newest = (find_newest(alerts, kind) for kind in {alert.kind for alert in alerts})
    return frozenset(alert.kind for alert in newest if alert and alert.state == "closed")


def find_newest(alerts: Iterable[Alert], kind: str, until: int | None = None) -> Alert | None:
    """Return the newest alert of that kind, opened at the closing of round `until` at the latest."""
    fitting = [item for item in alerts if item.kind == kind and (until is None or item.round <= until)]
    return max(fitting, key=lambda item: item.round, default=None)


def _is_news(alarm: Alarm, alerts: Sequence[Alert], sizes: dict[tuple[int, str], float | None]) -> bool:
    newest = find_newest(alerts, alarm.kind)
    if not alarm.reminder or newest is None or newest.state in ("open", "seen", "owned"):
        return True
    then = sizes.get((newest.round, newest.kind))
    return then is not None and alarm.size is not None and abs(alarm.size) - abs(then) >= WORSE


def _see(alert: Alert, side: Side) -> Alert | NoStep:
    seen = _see_by(alert, side)
    return "unchanged" if side in alert.seen else _move_on(seen, seen.state)


def _take(alert: Alert, who: str, side: Side) -> Alert | NoStep:
    if alert.owner:
        return "unchanged" if alert.owner == who else "owned"
    state: AlertState = alert.state if alert.state in ("acting", "checking") else "owned"
    return _move_on(_see_by(_own(alert, who, side), side), state)


def _stop_acting(alert: Alert, done: bool) -> Alert | NoStep:
    if alert.state != "acting":
        return "unchanged"
    return _move_on(alert, "checking" if done else "owned" if alert.owner else "seen")


def _own(alert: Alert, who: str, side: Side) -> Alert:
    return alert if alert.owner else replace(alert, owner=who, owner_side=side)


def _see_by(alert: Alert, side: Side) -> Alert:
    state: AlertState = "seen" if alert.state == "open" else alert.state
    return replace(alert, seen=alert.seen | {side}, state=state)


def _end(alert: Alert, state: AlertState) -> Alert:
    return replace(_move_on(alert, state), look_at=None)


def _move_on(alert: Alert, state: AlertState) -> Alert:
    return replace(alert, state=state, revision=alert.revision + 1)
