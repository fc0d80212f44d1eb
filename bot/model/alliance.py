"""Define alliances, people, channels, questions and rounds as frozen values."""

from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal, TypeAlias, get_args


class Side(StrEnum):
    """One of the two companies of an alliance."""

    SPONSOR = "sponsor"
    CRO = "cro"

    @property
    def other(self) -> "Side":
        return Side.CRO if self is Side.SPONSOR else Side.SPONSOR


GUESTS_OF = "guests-of-"
"""Begins the home of guests whose own company the platform does not tell. Their host's organisation id follows."""


def find_host(home: str) -> str | None:
    """Return the organisation id of the host whose guests a home stands for; None for a company itself."""
    return home.removeprefix(GUESTS_OF) if home.startswith(GUESTS_OF) else None


@dataclass(frozen=True, slots=True)
class Channel:
    """A place for many. `address` is minted by an adapter and opaque to everyone else."""

    platform: str
    workspace: str
    """Whose installation posts there."""
    address: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person on a platform, the same person wherever (platform, id) is the same."""

    platform: str
    id: str
    """Opaque, minted by the adapter; never stored beside an answer."""
    home: tuple[str, ...] = field(default=(), compare=False)
    """Ids of the home organisation, the widest last; empty when the platform did not say."""
    workspace: str = field(default="", compare=False)
    """Whose installation reaches this person directly."""
    zone: str = field(default="", compare=False)
    """IANA name of the person's own time zone; empty when the platform did not say. Never stored."""
    rooms: tuple[str, ...] | None = field(default=None, compare=False)
    """Addresses of the joint channels there that list this person; None where that is not known."""
    is_unread: bool = field(default=False, compare=False)
    """True where the platform refused to tell the home."""
    unread_id: str = field(default="", compare=False)
    """The id that this person has where the platform refuses to tell the home; empty where it is the same."""


Place: TypeAlias = Channel | Member


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that was posted: where, and under which id there (both opaque to the core)."""

    address: str
    id: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """One company of an alliance. `homes` holds (platform, organisation id) pairs."""

    name: str
    homes: frozenset[tuple[str, str]]
    leads: tuple[Member, ...] = ()
    country: tuple[str, ...] = ()
    """Whose public holidays its people have: `DE`, or with a subdivision `DE-HE`."""
    claimed: frozenset[tuple[str, str]] = field(default=frozenset(), compare=False)
    """Those of `homes` that no declaration names: a lead said so. Given by the store."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A recurring set of questions, on local days and a local time of the alliance's zone."""

    key: str
    days: frozenset[int]
    """Weekdays, Monday = 0 … Sunday = 6."""
    time: time
    items: int = 3
    """Core questions a round, 1 … 3."""
    open_hours: int = 72
    remind_hours: int = 24
    """Hours before closing at which those who have not answered are reminded; 0: never."""
    every_weeks: int = 1
    paused: bool = False


Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
"""As operators write them; their places are the numbers in `Pulse.days` and `Alliance.call_day`."""
Threads: TypeAlias = Literal["all", "pulse", "off"]


@dataclass(frozen=True, slots=True)
class FormalPath:
    """Name where safety events and questions of unblinding belong, in the alliance's words; empty if not declared."""

    safety: str = ""
    """For example a mailbox."""
    phone: str = ""
    unblinding: str = ""
    """Who may be asked, by role."""


@dataclass(frozen=True, slots=True)
class Alliance:
    """One sponsor and one CRO working together."""

    key: str
    name: str
    timezone: str
    sponsor: Organisation
    cro: Organisation
    _: KW_ONLY
    channels: tuple[Channel, ...] = ()
    numbers: tuple[int, ...] = field(default=(), compare=False)
    """What each channel is known by in slots, in their order. Given by the store; stays with a channel for good."""
    pulses: tuple[Pulse, ...] = ()
    vision: str = ""
    formal: FormalPath = FormalPath()
    threads: Threads = "all"
    minimum: int = 5
    """Privacy threshold k: people a side besides its leads; never below 5."""
    pooled: bool = False
    """One alliance-wide number and none a side: for a side that cannot reach the minimum."""
    call_day: int = 1
    """Weekday of the leads' counterpart call; the digest goes out the working day before."""
    share_dimensions: bool = True
    """Leads see the other side's numbers; if not, what combines the sides is hidden from everyone."""
    holidays: frozenset[date] = frozenset()
    bank: str = ""
    """TOML text that extends or replaces the built-in question bank."""

    @property
    def leads(self) -> tuple[Member, ...]:
        """Of both sides, the sponsor's first."""
        return (*self.sponsor.leads, *self.cro.leads)

    def number(self, channel: Channel) -> int:
        """Return the channel's number. Raises ValueError for a channel of another alliance."""
        return self.numbers[self.channels.index(channel)]

    def organisation(self, side: Side) -> Organisation:
        return self.sponsor if side is Side.SPONSOR else self.cro


ItemKind: TypeAlias = Literal[
    "core", "mirror", "sponsor", "cro", "governance", "overall", "prediction", "will_act", "open"
]


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the bank, answered 1 (strongly disagree) … 5 (strongly agree)."""

    key: str
    version: int
    dimension: str
    text: str
    kind: ItemKind = "core"
    reverse: bool = False

    @property
    def id(self) -> str:
        """Key and version: a reworded item is never averaged with its old wording."""
        return f"{self.key}@{self.version}"


@dataclass(frozen=True, slots=True)
class Round:
    """One asking of a pulse on one local calendar slot."""

    id: str
    alliance: str
    pulse: str
    slot: date
    """The local calendar date: what makes a round the same round. It is asked later where that is a holiday."""
    index: int
    """0, 1, 2 … within the alliance."""
    items: tuple[Item, ...]
    opens_at: datetime
    closes_at: datetime
    remind_at: datetime | None = None
    minimum: int = 5
    """The privacy threshold k in force when it was asked."""
    holiday: bool = False
    shared: bool = True
    """Whether leads saw each other's numbers when it was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's valid choice on one item of a round, as the rules see it."""

    side: Side
    person: str
    """Keyed pseudonym."""
    round: int
    """Index of the round."""
    item: str
    """`Item.id`."""
    value: int
    """1 … 5 as chosen, before reverse keying."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The mood of one message, without its text."""

    side: Side
    person: str
    at: datetime
    polarity: float | None
    """-1 (negative) … 1 (positive); None where the text could not be judged (counted as not covered)."""
