"""Can the machine's clock be believed? Pure: what the clocks say is a parameter.

Two clocks that agree are right. So a platform's own time decides, if there is one; else the machine's steady clock
(monotonic, which nobody can set), the events that came in, and the moments that the database holds are asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

ALLOWED = timedelta(minutes=2)
"""How far two clocks may be apart before one of them counts as wrong."""
NOTICEABLE = timedelta(seconds=15)
"""From how far off on the time of the platforms is gone by, so that all processes on one database go by one time. Less
may be an answer that was long on its way."""
GAP = timedelta(days=1)
"""How long ago the clock may have been confirmed last, where no platform tells the time now."""

Doubt: TypeAlias = Literal["none", "unconfirmed", "platforms", "jump", "events", "rows", "gap"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All moments are UTC."""

    wall: datetime
    """What the machine's clock says now."""
    steady: datetime
    """What it would say, had it run evenly since this process began."""
    platforms: Mapping[str, datetime] = field(default_factory=dict)
    """What each platform's clock says now: as it was told lately, carried on by the steady clock."""
    has_platforms: bool = False
    """Is there a platform that could tell the time?"""
    event: datetime | None = None
    """What it is now at the earliest, by the newest event that came in."""
    row: datetime | None = None
    """The newest moment in the database that had to be past when it was written."""
    confirmed: datetime | None = None
    """When the clock of any process on this database was last confirmed."""


@dataclass(frozen=True, slots=True)
class ClockVerdict:
    """`by`: how far the clock is ahead of what it is doubted for; negative where it is behind."""

    doubt: Doubt
    by: timedelta = timedelta()

    @property
    def may_work(self) -> bool:
        """May rounds be asked, reminded and closed, and digests be sent?"""
        return self.doubt in ("none", "unconfirmed")

    @property
    def may_delete(self) -> bool:
        """May be deleted what was kept long enough?"""
        return self.doubt == "none"


def judge_clock(evidence: Evidence) -> ClockVerdict:
    """Return whether `evidence.wall` can be believed, and if not, the first reason against it."""
    wall = evidence.wall
    skews = sorted(wall - told for told in evidence.platforms.values())
    if any(abs(skew) <= ALLOWED for skew in skews):
        return ClockVerdict("none")
    if skews:
        return ClockVerdict("platforms", skews[len(skews) // 2])
    if abs(wall - evidence.steady) > ALLOWED:
        return ClockVerdict("jump", wall - evidence.steady)
    if evidence.event and evidence.event - wall > ALLOWED:
        return ClockVerdict("events", wall - evidence.event)
    newest = max(filter(None, (evidence.row, evidence.confirmed)), default=None)
    if newest and newest - wall > ALLOWED:
        return ClockVerdict("rows", wall - newest)
    return _doubt_unconfirmed(evidence)


def _doubt_unconfirmed(evidence: Evidence) -> ClockVerdict:
    """Nothing speaks against the clock, and no platform for it: what is left is how long ago it was confirmed."""
    since = evidence.confirmed or evidence.row
    by = evidence.wall - since if since else timedelta()
    if evidence.has_platforms:
        return ClockVerdict("gap", by) if by > GAP else ClockVerdict("unconfirmed", by)
    return ClockVerdict("unconfirmed", by) if by > GAP else ClockVerdict("none")


def choose_best(evidence: Evidence) -> datetime:
    """Return the time to go by: the machine's, or, where that is doubted, the likeliest that is known."""
    match judge_clock(evidence):
        case ClockVerdict("platforms" | "jump", by):
            return evidence.wall - by
    skews = (evidence.wall - told for told in evidence.platforms.values())
    nearest = min(skews, key=abs, default=timedelta())
    return evidence.wall - nearest if abs(nearest) > NOTICEABLE else evidence.wall
