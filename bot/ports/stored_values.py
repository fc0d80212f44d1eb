"""Repository of small values. Each method is one transaction; may raise StoreUnavailable."""

from typing import Protocol


class StoredValues(Protocol):
    """Small values by key: what the bot has to know again after a restart."""

    async def find_value(self, key: str) -> str | None:
        """Return what was last saved under that key."""

    async def save_value(self, key: str, value: str) -> None:
        """Replace what was saved under that key."""
