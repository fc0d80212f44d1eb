"""Define alerts: judged drops that leads own until they are over."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

from bot.model.alliance import Side

AlertState: TypeAlias = Literal[
    "open", "seen", "owned", "acting", "checking", "recovered", "new normal", "closed"
]
UNFINISHED: tuple[AlertState, ...] = ("open", "seen", "owned", "acting", "checking")
CloseReason: TypeAlias = Literal["settled", "passing", "accepted", "mistaken"]
CLOSE_REASONS: tuple[CloseReason, ...] = get_args(CloseReason)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. Who owns it is a keyed pseudonym, made for this purpose alone."""

    id: str
    """Of the alarm that opened it."""
    alliance: str
    kind: str
    """The alarm's."""
    round: int
    """Index of the round at whose closing it was opened."""
    slot: date
    """Of that round."""
    shared: bool = True
    """Whether leads saw each other's numbers when that round was asked."""
    state: AlertState = "open"
    seen: frozenset[Side] = frozenset()
    """Sides of which a lead has taken note."""
    owner: str = ""
    """Pseudonym of the lead; empty: nobody owns it."""
    owner_side: Side | None = None
    reason: CloseReason | None = None
    look_at: datetime | None = None
    """When leads are to be reminded that nobody owns it, or acts on it; None: not any more."""
    revision: int = 0
    """Rises with every change: a change names the one that it was made from."""

    @property
    def is_over(self) -> bool:
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class AlertReminder:
    """A lead asked to be reminded of an alert."""

    alert: Alert
    person: str
    """Pseudonym of the lead, as owners have it."""
    at: datetime


def name_alert(alliance: str, round_index: int, kind: str) -> str:
    """Return the id of the alarm of that kind that was judged at that round's closing."""
    return f"{alliance}.{round_index}.{kind}"
