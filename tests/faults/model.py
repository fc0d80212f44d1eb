"""What the bot must do, said as simply as possible: the model that the state machine compares it with."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.model.alliance import Pulse

CATCH_UP = timedelta(hours=2)
ZONE = ZoneInfo("Europe/Berlin")
Key = tuple[date, str, str]
"""Slot, person, item."""


@dataclass(slots=True)
class Kept:
    at: datetime
    value: int | None


@dataclass(slots=True)
class Model:
    """One pulse of one alliance in Berlin."""

    pulse: Pulse
    since: datetime
    asked: dict[date, datetime] = field(default_factory=dict)
    """Slot → when its round closes."""
    missed: set[date] = field(default_factory=set)
    closed: set[date] = field(default_factory=set)
    answers: dict[Key, Kept] = field(default_factory=dict)
    readings: dict[str, datetime | None] = field(default_factory=dict)
    """Message → time of what was read last; None once it was deleted."""

    def edit(self, pulse: Pulse, now: datetime) -> None:
        times = [(value.days, value.time, value.paused) for value in (self.pulse, pulse)]
        if times[0] != times[1]:
            self.since = now
        self.pulse = pulse

    def following(self, now: datetime) -> datetime:
        """When the next slot is, were the pulse not paused."""
        today = now.astimezone(ZONE).date()
        days = (today + timedelta(days=ahead) for ahead in range(9))
        return min(at for day in days if day.weekday() in self.pulse.days and (at := self._at(day)) > now)

    def tick(self, now: datetime) -> None:
        if not self.pulse.paused:
            self._ask(now)
        self.closed |= {slot for slot, closes in self.asked.items() if closes <= now}

    def answer(self, key: Key, value: int | None, at: datetime, now: datetime) -> bool:
        """Is it kept?"""
        slot = key[0]
        if slot in self.closed or now >= self.asked[slot]:
            return False
        kept = self.answers.get(key)
        if kept is None or at > kept.at:
            self.answers[key] = Kept(at, value)
        return True

    def say(self, message: str, at: datetime) -> None:
        """A message or an edit of it: what a deletion removed stays removed."""
        known = self.readings.get(message, at)
        if known is not None:
            self.readings[message] = max(known, at)

    def _ask(self, now: datetime) -> None:
        """The newest slot, unless it is too long past; older ones were missed, if the pulse was as it is then."""
        last = max([*self.asked, *self.missed], default=None)
        today = now.astimezone(ZONE).date()
        days = [today - timedelta(days=back) for back in range(57)]
        passed = sorted(day for day in days if day.weekday() in self.pulse.days and self._at(day) <= now)
        new = [day for day in passed if last is None or day > last]
        if last is None:
            new = new[-1:]
        late = {day for day in new if now - self._at(day) > CATCH_UP}
        self.missed |= {day for day in late if self._at(day) >= self.since}
        if new and new[-1] not in late:
            self.asked[new[-1]] = self._at(new[-1]) + timedelta(hours=self.pulse.open_hours)

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, self.pulse.time, ZONE).astimezone(UTC)
