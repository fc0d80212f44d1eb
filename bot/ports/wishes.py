"""The repository of what people want of reminders."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bot.model.alliance import Side
from bot.model.wish import Wish


class Wishes(Protocol):
    """People's wishes, by the pseudonym beside their answers. Nobody is shown whose they are."""

    async def save_wish(self, alliance: str, person: str, side: Side, wish: Wish, now: datetime) -> None:
        """Keep it in place of an earlier one of its kind; `again` makes its round due for reminders then."""

    async def withdraw_wishes(self, alliance: str, person: str) -> int:
        """Delete all of a person's wishes; return how many there were."""

    async def list_wishes(self, alliance: str, now: datetime) -> Mapping[str, tuple[Wish, ...]]:
        """Return person → wishes: those that hold at `now`, and every `again`."""
