"""Define values that use cases pass to the store and get back from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from bot.model.alliance import Alliance, Channel, Pulse, Side
from bot.model.closing import Alarm


@dataclass(frozen=True, slots=True)
class DuePulse:
    """A pulse whose next check is due."""

    alliance: Alliance
    pulse: Pulse
    next_index: int
    """Index that the alliance's next round would have."""
    last_slot: date | None
    """Local date of this pulse's newest round, asked or missed."""
    since: datetime | None
    """Since when it is declared as it is, if that is known."""
    revision: int
    """The alliance's when this was read: what is decided on an older declaration is not carried out."""


@dataclass(frozen=True, slots=True)
class DueDigest:
    """An alliance whose next digest check is due."""

    alliance: Alliance
    revision: int
    """The alliance's when this was read: what is decided on an older declaration is not carried out."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer to be kept: the last one by platform time, before closing, is the answer."""

    round_id: str
    item: str
    person: str
    side: Side | None
    """None: home organisation unknown; kept, and counted once the organisation is mapped."""
    home: tuple[str, str] | None
    """(platform, organisation id) of a home that no declaration names; None for people of a declared company."""
    value: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class GivenComment:
    """Of an unknown home organisation it waits, unread, as an answer does."""

    round_id: str
    person: str
    side: Side | None
    text: str
    share: bool
    at: datetime
    home: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class GivenReading:
    """`message` is unique within the channel; a newer `at` replaces, a deletion stays deleted."""

    alliance: str
    channel: Channel
    message: str
    person: str
    side: Side
    polarity: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptDays:
    """Days that each kind of data is kept, as `[retention]` sets them: for answers from the closing of their round."""

    answers: int = 400
    comments: int = 180
    moods: int = 220


Kept: TypeAlias = Literal["saved", "older", "closed", "unknown"]
"""`older`: an answer of later platform time is there, and stays; `unknown`: no such round or item."""


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm as told to leads; acknowledged by one of them, or by none yet."""

    id: str
    alliance: str
    alarm: Alarm
    slot: date
    acknowledged: frozenset[Side]
    shared: bool = True
    """Whether leads saw each other's numbers when its question was asked."""


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many answered a round, of how many on the roster of that side."""

    answered: Mapping[Side, int]
    invited: Mapping[Side, int]
