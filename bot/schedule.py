"""When a pulse is due: local calendar slots, turned into instants with the zone rules of the day.

A slot is a local date. Its instant is the pulse's local time on that date with `fold=0`: a time that a clock
change skips runs the length of the gap later on the same local day, a time that occurs twice runs the first
time only (PEP 495, https://peps.python.org/pep-0495/). Cron-style triggers get both wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.alliance import Alliance, Pulse

LOOK_BACK = timedelta(weeks=8)
"""What is longer past is neither asked nor called missed."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One local date on which a pulse is asked, and the instant (UTC) that this means."""

    day: date
    at: datetime


def to_instant(day: date, at: time, zone: str) -> datetime:
    """Return the UTC instant of a local date and time."""
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).replace(fold=0).astimezone(UTC)


def list_due_slots(pulse: Pulse, zone: str, last: date | None, now: datetime) -> tuple[Slot, ...]:
    """Slots up to `now` and later than `last`, oldest first; looks back `LOOK_BACK` at most.

    Without a `last` (a pulse that never ran) there is at most one: the newest.
    """
    if pulse.paused:
        return ()
    local = now.astimezone(ZoneInfo(zone)).date()
    done = max(last or date.min, local - LOOK_BACK)
    days = (local - timedelta(days=back) for back in reversed(range((local - done).days)))
    slots = (Slot(day, to_instant(day, pulse.time, zone)) for day in days if _falls_on(pulse, day))
    passed = tuple(slot for slot in slots if slot.at <= now)
    return passed if last else passed[-1:]


def find_next_slot(pulse: Pulse, zone: str, now: datetime) -> Slot:
    """Return the first slot after `now`."""
    return next(slot for slot in _list_slots_from(pulse, zone, now) if slot.at > now)


def find_closing(opens_at: datetime, pulse: Pulse) -> datetime:
    """When a round that opened then closes: open hours are real hours."""
    return opens_at + timedelta(hours=pulse.open_hours)


def find_reminder(opens_at: datetime, pulse: Pulse) -> datetime | None:
    """When those who have not answered are reminded, or None."""
    if not 0 < pulse.remind_hours < pulse.open_hours:
        return None
    return find_closing(opens_at, pulse) - timedelta(hours=pulse.remind_hours)


def find_digest_slot(alliance: Alliance, now: datetime, at: time = time(8)) -> Slot:
    """Return the newest digest slot at or before `now`: 08:00 on the working day before the leads' call."""
    weekday = {0: 4, 6: 4}.get(alliance.call_day, alliance.call_day - 1)
    local = now.astimezone(ZoneInfo(alliance.timezone)).date()
    day = local - timedelta(days=(local.weekday() - weekday) % 7)
    newest = Slot(day, to_instant(day, at, alliance.timezone))
    return newest if newest.at <= now else find_digest_slot(alliance, newest.at - timedelta(days=6), at)


def _falls_on(pulse: Pulse, day: date) -> bool:
    weeks = (day.toordinal() - 1) // 7
    return day.weekday() in pulse.days and weeks % pulse.every_weeks == 0


def _list_slots_from(pulse: Pulse, zone: str, now: datetime) -> Iterator[Slot]:
    start = now.astimezone(ZoneInfo(zone)).date()
    for ahead in range(7 * pulse.every_weeks + 1):  # a whole cycle, as today's slot may be past
        day = start + timedelta(days=ahead)
        if _falls_on(pulse, day):
            yield Slot(day, to_instant(day, pulse.time, zone))
