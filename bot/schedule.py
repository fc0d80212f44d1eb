"""When a pulse is due: local calendar slots, turned into instants with the zone rules of the day.

A slot is a local date. Its instant is the pulse's local time on that date with `fold=0`: a time that a clock
change skips runs the length of the gap later on the same local day, a time that occurs twice runs the first
time only (PEP 495, https://peps.python.org/pep-0495/). Cron-style triggers get both wrong.

A slot that is a holiday is asked on a later day. It keeps its date, which makes it the same slot, and another instant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from bot.model.alliance import Alliance, Pulse
from bot.working_days import WorkingDays, find_working_days

LOOK_BACK = timedelta(weeks=8)
"""What is longer past is neither asked nor called missed."""
FURTHEST = 3
"""Days of work by which a slot that is a holiday may move; weekends do not count."""
NO_HOLIDAYS = WorkingDays()
CONTACT_FROM, CONTACT_UNTIL = time(9), time(16, 55)
"""The local hours in which people are reminded: what is under way at the end arrives before 17:00."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One local date on which a pulse falls, and the instant (UTC) at which it is asked."""

    day: date
    at: datetime
    """On that date, or later where it is a holiday."""


def to_instant(day: date, at: time, zone: str) -> datetime:
    """Return the UTC instant of a local date and time."""
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).replace(fold=0).astimezone(UTC)


def list_due_slots(
    pulse: Pulse, zone: str, last: date | None, now: datetime, calendar: WorkingDays = NO_HOLIDAYS
) -> tuple[Slot, ...]:
    """Slots up to `now` and later than `last`, oldest first; looks back `LOOK_BACK` at most.

    Without a `last` (a pulse that never ran) there is at most one: the newest.
    """
    if pulse.paused:
        return ()
    local = now.astimezone(ZoneInfo(zone)).date()
    done = max(last or date.min, local - LOOK_BACK)
    days = (local - timedelta(days=back) for back in reversed(range((local - done).days)))
    slots = (_make_slot(pulse, zone, day, calendar) for day in days if _falls_on(pulse, day))
    passed = tuple(slot for slot in slots if slot.at <= now)
    return passed if last else passed[-1:]


def find_next_slot(pulse: Pulse, zone: str, now: datetime, calendar: WorkingDays = NO_HOLIDAYS) -> Slot:
    """Return the first slot that is asked after `now`."""
    return next(slot for slot in _list_slots_from(pulse, zone, now, calendar) if slot.at > now)


def find_next_look(pulse: Pulse, zone: str, now: datetime, calendar: WorkingDays = NO_HOLIDAYS) -> datetime:
    """Return when to look at the pulse again: at the next slot, also where it stood before it moved.

    Newer holiday dates may say by then that it does not move.
    """
    return min(find_next_slot(pulse, zone, now).at, find_next_slot(pulse, zone, now, calendar).at)


def move_slot(pulse: Pulse, day: date, calendar: WorkingDays) -> date:
    """Return the day on which this slot is asked: itself, or for a holiday the next day of work for both sides.

    That is at most `FURTHEST` such days later and before the pulse's next slot; else it is the holiday itself.
    """
    if calendar.find_holiday(day) is None:
        return day
    later = (day + timedelta(days=ahead) for ahead in range(1, 15))
    candidates = islice((other for other in later if not calendar.is_weekend(other)), FURTHEST)
    before_next = takewhile(lambda other: not _passes_slot(pulse, day, other), candidates)
    return next((other for other in before_next if calendar.is_working_day(other)), day)


def list_slot_days(pulse: Pulse, first: date, last: date) -> Iterator[date]:
    """List the dates from `first` to `last` on which the pulse falls."""
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return (day for day in days if _falls_on(pulse, day))


def find_closing(opens_at: datetime, pulse: Pulse) -> datetime:
    """When a round that opened then closes: open hours are real hours."""
    return opens_at + timedelta(hours=pulse.open_hours)


def find_reminder(opens_at: datetime, pulse: Pulse) -> datetime | None:
    """When those who have not answered are reminded, or None."""
    if not 0 < pulse.remind_hours < pulse.open_hours:
        return None
    return find_closing(opens_at, pulse) - timedelta(hours=pulse.remind_hours)


def find_contact_time(earliest: datetime, zone: str, calendar: WorkingDays) -> datetime | None:
    """Return the first time from `earliest` on at which a person may be written to: in their hours of work.

    `calendar`: their side's. None if there is no day of work within a month.
    """
    today = earliest.astimezone(ZoneInfo(zone)).date()
    days = (today + timedelta(days=ahead) for ahead in range(31))
    ends = ((day, find_contact_end(day, zone)) for day in days if calendar.is_working_day(day))
    found = next((day for day, end in ends if earliest < end), None)
    return max(earliest, to_instant(found, CONTACT_FROM, zone)) if found else None


def find_contact_end(day: date, zone: str) -> datetime:
    """Return when nobody in that zone is written to any more on that local date."""
    return to_instant(day, CONTACT_UNTIL, zone)


def find_digest_slot(alliance: Alliance, now: datetime, at: time = time(8)) -> Slot:
    """Return the newest digest slot at or before `now`: 08:00 on the working day before the leads' call."""
    weekday = {0: 4, 6: 4}.get(alliance.call_day, alliance.call_day - 1)
    local = now.astimezone(ZoneInfo(alliance.timezone)).date()
    day = local - timedelta(days=(local.weekday() - weekday) % 7)
    newest = Slot(day, to_instant(day, at, alliance.timezone))
    return newest if newest.at <= now else find_digest_slot(alliance, newest.at - timedelta(days=6), at)


def find_working_moment(alliance: Alliance, now: datetime, count: int, after: date | None = None) -> datetime:
    """Return 09:00, local, of the `count`-th day of work for both sides after that date; after today by default."""
    day = after or now.astimezone(ZoneInfo(alliance.timezone)).date()
    calendar = find_working_days(alliance)
    while count:
        day += timedelta(days=1)
        count -= calendar.is_working_day(day)
    return to_instant(day, time(9), alliance.timezone)


def find_round_end(alliance: Alliance, now: datetime, nth: int = 1) -> datetime:
    """Return when the `nth` round from `now` on closes, an open one included; weeks later where nothing is asked."""
    ends = sorted(
        end for pulse in alliance.pulses if not pulse.paused for end in _list_ends(pulse, alliance, now)
    )
    return ends[nth - 1] if len(ends) >= nth else now + timedelta(weeks=nth)


def find_next_call(alliance: Alliance, now: datetime) -> date:
    """Return the local date of the leads' next counterpart call, today's left out."""
    today = now.astimezone(ZoneInfo(alliance.timezone)).date()
    return today + timedelta(days=(alliance.call_day - today.weekday() - 1) % 7 + 1)


def _list_ends(pulse: Pulse, alliance: Alliance, now: datetime, count: int = 2) -> Iterator[datetime]:
    at, calendar = now - timedelta(hours=pulse.open_hours), find_working_days(alliance)
    while count:
        at = find_next_slot(pulse, alliance.timezone, at, calendar).at
        if find_closing(at, pulse) > now:
            count -= 1
            yield find_closing(at, pulse)


def _falls_on(pulse: Pulse, day: date) -> bool:
    weeks = (day.toordinal() - 1) // 7
    return day.weekday() in pulse.days and weeks % pulse.every_weeks == 0


def _passes_slot(pulse: Pulse, day: date, other: date) -> bool:
    """Is the other day the pulse's next slot after this one, or later?"""
    return any(True for _ in list_slot_days(pulse, day + timedelta(days=1), other))


def _make_slot(pulse: Pulse, zone: str, day: date, calendar: WorkingDays) -> Slot:
    return Slot(day, to_instant(move_slot(pulse, day, calendar), pulse.time, zone))


def _list_slots_from(pulse: Pulse, zone: str, now: datetime, calendar: WorkingDays) -> Iterator[Slot]:
    today = now.astimezone(ZoneInfo(zone)).date()
    # A slot of the last two weeks may have moved; and a whole cycle ahead, as today's may be past.
    first, last = today - timedelta(days=14), today + timedelta(days=7 * pulse.every_weeks)
    return (_make_slot(pulse, zone, day, calendar) for day in list_slot_days(pulse, first, last))
