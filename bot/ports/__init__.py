"""Ports: what the core needs of the world, and what the world may call."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from bot.ports.chat import ChatPlatform, Inbox
from bot.ports.company_claims import CompanyClaims
from bot.ports.errors import PlatformError, StoreUnavailable, TakenElsewhere
from bot.ports.governance import AuditLog, CopyRequests, Proposals
from bot.ports.loop import Actions, Alerts, Milestones
from bot.ports.outbox import Claims, Outbox
from bot.ports.repositories import (
    Alarms,
    Alliances,
    Answers,
    Closings,
    Comments,
    Digests,
    Pulses,
    Readings,
    Rounds,
    Store,
)
from bot.ports.stored_values import StoredValues

__all__ = [
    "Actions",
    "Alarms",
    "Alerts",
    "Alliances",
    "Answers",
    "AuditLog",
    "ChatPlatform",
    "Claims",
    "Closings",
    "Comments",
    "CompanyClaims",
    "CopyRequests",
    "Digests",
    "Inbox",
    "Milestones",
    "Now",
    "Outbox",
    "PlatformError",
    "Proposals",
    "Pulses",
    "Readings",
    "Rounds",
    "Store",
    "StoreUnavailable",
    "StoredValues",
    "TakenElsewhere",
]

Now: TypeAlias = Callable[[], datetime]
"""The one clock, UTC; read at the doors and handed down as a value."""
