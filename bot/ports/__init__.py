"""Ports: what the core needs of the world, and what the world may call."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from bot.ports.chat import ChatPlatform, Inbox
from bot.ports.errors import PlatformError, StoreUnavailable
from bot.ports.repositories import CompanyClaims, Digests, Pulses, Store

__all__ = [
    "ChatPlatform",
    "CompanyClaims",
    "Digests",
    "Inbox",
    "Now",
    "PlatformError",
    "Pulses",
    "Store",
    "StoreUnavailable",
]

Now: TypeAlias = Callable[[], datetime]
"""The one clock, UTC; read at the doors and handed down as a value."""
