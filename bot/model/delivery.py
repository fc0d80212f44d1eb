"""Define deliveries: the message, the worker that holds it, and the outcome."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from bot.model.alliance import MessageRef, Place
from bot.model.cards import Card

LEAD_NEWS = ("alert", "over", "digest")
"""Kinds of deliveries, as their keys begin, that only leads get and must not miss."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to be shown in one place, once."""

    key: str
    """Why it is sent: unique, so that making it twice makes it once. Its id is a digest of it."""
    alliance: str
    place: Place
    card: Card
    revises: str | None = None
    """Key of the delivery whose message this one replaces; waits until that one is sent."""
    not_before: datetime | None = None
    not_after: datetime | None = None
    """From then on it is not posted any more: somebody would be disturbed."""
    due: datetime | None = None
    """The moment that is its cause; None: something that was done is."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery in the hands of one worker until its lease runs out."""

    id: str
    token: str
    delivery: Delivery
    target: MessageRef | None
    """The message to be replaced, for a delivery that revises another."""
    attempts: int
    since: datetime
    """When it was first claimed, by the platforms' clocks: where to start looking for it."""
    until: datetime | None = None
    """End of the lease, after which another may hold it; None: only to be looked up."""


@dataclass(frozen=True, slots=True)
class Sent:
    ref: MessageRef


NOT_ITS_TURN = "waits for its turn"
"""Reason of a pending delivery that keeps to a platform's limit."""


@dataclass(frozen=True, slots=True)
class Again:
    """Certainly not sent; try at this time. `tried` is False where it was only not its turn."""

    at: datetime
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Will never be sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """It may or may not have been sent."""

    reason: str


Outcome: TypeAlias = Sent | Again | Refused | OutcomeUnknown


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """A delivery as an operator sees it: no text, no person."""

    id: str
    key: str
    alliance: str
    platform: str
    state: DeliveryState
    attempts: int
    reason: str
    changed_at: datetime
