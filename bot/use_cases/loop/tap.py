"""Carry out what a lead taps on an alert, against the alert as it is in that moment."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.alarms.lifecycle import AlertStep, NoStep, advance_alert, disown, find_newest
from bot.model.alert import Alert
from bot.model.alliance import Alliance, Member, Side
from bot.model.audit import Act, AuditEntry
from bot.model.cards import Card
from bot.model.closing import Alarm, Asked
from bot.model.commands import RaisedAlarm
from bot.model.delivery import Delivery
from bot.ports import Store, StoreUnavailable
from bot.privacy.permissions import find_led_side, may_hear_of, may_see
from bot.privacy.pseudonym import make_pseudonym, name_owners
from bot.schedule import find_working_moment
from bot.use_cases.audit_trail import AuditTrail
from bot.wording.loop.alerts import AlertLine, Owner

UNOWNED, IDLE = 5, 10
"""Working days after which leads are reminded of an alert that nobody owns, and of one without an action."""
TRIES = 20
"""How often a step is tried while other leads change the same alert."""
PAUSE = 0.05
"""Seconds between tries."""

Tell = Callable[[Alert], Sequence[Delivery]]
"""Makes what goes out with a step, from the alert after it."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A lead's tap or command, and what is needed to carry it out."""

    store: Store
    trail: AuditTrail
    alliance: Alliance
    side: Side
    by: Member
    now: datetime

    @property
    def who(self) -> str:
        return make_pseudonym(self.trail.secret, self.alliance.key, self.by, "owner")


async def find_alerts(tap: Tap, number: str) -> list[Alert]:
    """Return the alerts that the closing of that round told of and this side's leads may see; none for no number."""
    kinds = {item.alarm.kind for item in await list_raised(tap, number)}
    known = await list_visible(tap.store, tap.alliance, tap.side)
    newest = (find_newest(known, kind, int(number)) for kind in sorted(kinds))
    return sorted((alert for alert in newest if alert), key=lambda alert: alert.id)


async def list_raised(tap: Tap, number: str) -> list[RaisedAlarm]:
    """List the alarms of that round's closing that this side's leads may see."""
    return [
        item
        for item in await tap.store.alarms.list_raised(tap.alliance.key)
        if str(item.alarm.round) == number and may_see(tap.alliance, item.alarm, tap.side, item.shared)
    ]


async def list_visible(store: Store, alliance: Alliance, side: Side) -> list[Alert]:
    """Return the alerts that this side's leads may see, oldest first."""
    known = await store.alerts.list_alerts(alliance.key)
    return [alert for alert in known if may_hear_of(alliance, alert.kind, side, alert.shared)]


async def carry_out_step(
    tap: Tap, alert: Alert, step: AlertStep, act: Act | None, tell: Tell = lambda _: ()
) -> tuple[Alert, NoStep | None]:
    """Carry out the step on the alert as it is now; return it as it is then, and why nothing changed.

    `act`: how the audit log calls it, whether it changed something or was refused; None: it is noted elsewhere.
    Raises StoreUnavailable.
    """
    leads = name_owners(tap.alliance, tap.trail.secret)
    entry = make_entry(tap, act, [str(alert.round)]) if act else None
    for _ in range(TRIES):
        after = advance_alert(disown(alert, leads), step)
        if not isinstance(after, Alert):
            if entry:
                await tap.trail.audit.note(entry.conclude(f"{alert.kind} refused, {after}"))
            return alert, after
        after = plan_look(tap.alliance, alert, after, tap.now)
        noted = entry and entry.conclude(f"{alert.kind} {alert.state} to {after.state}")
        if await tap.store.alerts.move(alert, after, tell(after), noted):
            return after, None
        await asyncio.sleep(PAUSE)
        alert = await _read_again(tap, alert)
    raise StoreUnavailable("another lead is changing the alert")


def plan_look(alliance: Alliance, before: Alert, after: Alert, now: datetime) -> Alert:
    """Look again at an alert that was just taken, ten working days later; at one that is acted on, no more."""
    if after.state in ("acting", "checking"):
        return replace(after, look_at=None)
    if after.state == "owned" and before.state != "owned":
        return replace(after, look_at=find_working_moment(alliance, now, IDLE))
    return after


def make_entry(tap: Tap, act: Act, words: Sequence[str]) -> AuditEntry:
    """Return who does what about which alert: the side and a round's number, never words."""
    number = words[0] if words[0].isascii() and words[0].isdigit() else ""
    detail = f"{tap.side.value} {number[:6]}".strip()
    return tap.trail.make_entry(act, tap.alliance.key, tap.by, tap.now, detail)


async def note(tap: Tap, act: Act, words: Sequence[str], outcome: str) -> None:
    """Write down what came of it. May raise StoreUnavailable."""
    await tap.trail.audit.note(make_entry(tap, act, words).conclude(outcome))


def join_words(tap: Tap, words: Sequence[str]) -> str:
    """Return what was typed after the thing that a command is about; a form puts the alliance's key before it."""
    return " ".join(word for place, word in enumerate(words[1:]) if place or word != tap.alliance.key)


async def _read_again(tap: Tap, alert: Alert) -> Alert:
    known = await tap.store.alerts.list_alerts(tap.alliance.key)
    return next((item for item in known if item.id == alert.id), alert)


def word_alert(alliance: Alliance, alert: Alert, side: Side, who: str, secret: bytes) -> AlertLine:
    """Put an alert into words for the lead of that pseudonym; empty: for any lead of the side."""
    owned = disown(alert, name_owners(alliance, secret))
    return AlertLine(
        str(alert.round),
        alert.kind,
        alert.slot,
        alert.state,
        name_owner(owned.owner, owned.owner_side, side, who),
        alert.reason,
        find_asked_side(alliance, alert, side),
    )


def list_open_lines(alliance: Alliance, known: Sequence[Alert], side: Side, secret: bytes) -> list[AlertLine]:
    """Put every alert that is not over, and that this side's leads may see, into words for all of them."""
    return [
        word_alert(alliance, alert, side, "", secret)
        for alert in known
        if not alert.is_over and may_hear_of(alliance, alert.kind, side, alert.shared)
    ]


def word_raised(
    alliance: Alliance, alarm: Alarm, now: Asked, known: Sequence[Alert], side: Side, secret: bytes
) -> AlertLine:
    """Put the alert of an alarm that was just judged into words; it is named by that closing."""
    alert = find_newest(known, alarm.kind)
    if alert is None or alert.is_over:
        return AlertLine(str(now.index), alarm.kind, now.slot, "open", "nobody")
    return replace(word_alert(alliance, alert, side, "", secret), number=str(now.index))


def find_asked_side(alliance: Alliance, alert: Alert, side: Side) -> Side | None:
    """Return the side whose lead can be asked to take it: the other, if they may hear of it, else a second lead's."""
    if (
        may_hear_of(alliance, alert.kind, side.other, alert.shared)
        and alliance.organisation(side.other).leads
    ):
        return side.other
    return side if len(alliance.organisation(side).leads) > 1 else None


def list_hearers(
    alliance: Alliance, alert: Alert, without: Member | None = None
) -> list[tuple[Side, Member]]:
    """List the leads who may hear of the alert, with their side; `without` is left out."""
    return [
        (side, lead)
        for lead in alliance.leads
        if lead != without
        and (side := find_led_side(alliance, lead))
        and may_hear_of(alliance, alert.kind, side, alert.shared)
    ]


def write_to(
    alliance: Alliance,
    key: str,
    hearers: Sequence[tuple[Side, Member]],
    write: Callable[[Side], Card],
    secret: bytes,
) -> tuple[Delivery, ...]:
    """Make one delivery for each of these leads. Made again with the same `key`, it is sent to nobody twice."""
    return tuple(
        Delivery(
            f"{key}:{make_pseudonym(secret, alliance.key, lead, 'delivery')}", alliance.key, lead, write(side)
        )
        for side, lead in hearers
    )


def name_owner(owner: str, owner_side: Side | None, side: Side, who: str) -> Owner:
    """Say whose pseudonym that is, to the lead of that side and pseudonym."""
    if not owner:
        return "nobody"
    if owner == who:
        return "you"
    return "colleague" if owner_side is side else "counterpart"
