"""Gather evidence about the time; `bot.clock_trust` judges it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.clock_trust import ClockVerdict, Evidence, choose_best, judge_clock

FRESH = 3600.0
"""Seconds for which a platform's time is carried on without being told anew."""

DRIFT = timedelta(milliseconds=1)
"""How much a steady clock may gain in a second: ten times what any does."""

_KEPT = 1.0
"""Seconds for which a correction is kept: every request asks for it several times."""
_SET = 0.001
"""Seconds by which the machine's clock must move against the steady one to be judged anew at once."""


def wall_now() -> datetime:
    """Return what this machine's clock says."""
    return datetime.now(UTC)


def steady_now() -> float:
    """Return seconds on a clock that nobody can set; time in which the machine slept is counted where it can be."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(slots=True)
class ClockWatch:
    """The evidence of one process. Adapters and doors report to `see` and `hear`; all may ask `judge`."""

    wall: Callable[[], datetime] = wall_now
    steady: Callable[[], float] = steady_now
    has_platforms: bool = False
    row: datetime | None = None
    confirmed: datetime | None = None
    _begun: tuple[datetime, float] = field(init=False)
    _seen: dict[str, tuple[datetime, float]] = field(init=False, default_factory=dict)
    _heard: tuple[datetime, float] | None = field(init=False, default=None)
    _correction: timedelta = field(init=False, default_factory=timedelta)
    _gap: float = field(init=False, default=0.0)
    """Seconds between the two clocks when the correction was worked out."""
    _kept_until: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        self._begun = self.wall(), self.steady()

    def see(self, platform: str, at: datetime) -> None:
        """Take note that it is `at` just now by the clock of that platform."""
        self._seen[platform] = at, self.steady()
        self._kept_until = float("-inf")

    def hear(self, at: datetime) -> None:
        """Take note of the time of an event: it cannot be earlier now."""
        if self._heard is None or at > self._carry_on(self._heard):
            self._heard = at, self.steady()

    def judge(self) -> ClockVerdict:
        """Return whether the machine's clock can be believed just now."""
        return judge_clock(self._evidence())

    def correction(self) -> timedelta:
        """Return what to add to the machine's clock: nothing, unless a better one is known."""
        steady, wall = self.steady(), self.wall().timestamp()
        if steady >= self._kept_until or abs(wall - steady - self._gap) > _SET:
            evidence = self._evidence()
            self._correction = choose_best(evidence) - evidence.wall
            self._gap, self._kept_until = wall - steady, steady + _KEPT
        return self._correction

    def age(self) -> float:
        """Seconds since a platform told the time."""
        return min((self.steady() - since for _, since in self._seen.values()), default=float("inf"))

    def skew_seconds(self) -> float | None:
        """Return how far the machine's clock is ahead of the platform that told the time last; None: none did."""
        newest = max(self._seen.values(), key=lambda told: told[1], default=None)
        return (self.wall() - self._carry_on(newest)).total_seconds() if newest else None

    def earliest(self) -> datetime | None:
        """Return what the platforms' clocks say now, or earlier; None where none has told."""
        times = (self._carry_on(told) - DRIFT * (self.steady() - told[1]) for told in self._seen.values())
        return min(times, default=None)

    def _evidence(self) -> Evidence:
        fresh = {name: told for name, told in self._seen.items() if self.steady() - told[1] < FRESH}
        return Evidence(
            wall=self.wall(),
            steady=self._carry_on(self._begun),
            platforms={name: self._carry_on(told) for name, told in fresh.items()},
            has_platforms=self.has_platforms,
            event=self._carry_on(self._heard) if self._heard else None,
            row=self.row,
            confirmed=self.confirmed,
        )

    def _carry_on(self, told: tuple[datetime, float]) -> datetime:
        at, since = told
        return at + timedelta(seconds=self.steady() - since)


def read_date_header(headers: Mapping[str, str]) -> datetime | None:
    """Return the time that another machine's HTTP answer names; None where it names none.

    An answer from a cache is as old as its header `Age` says
    (https://www.rfc-editor.org/rfc/rfc9111.html#name-age).
    """
    try:
        age = int(headers.get("Age", "0"))
        return parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC) + timedelta(seconds=age)
    except (ValueError, OverflowError):
        return None
