"""What a platform has ever sent: how an operator sees that something was forgotten when the app was registered."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from adapters.shared.background import Errands
from bot.ports import Now, Store, StoreUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """Kinds of news, each noted once a day, after the acknowledgement. Kinds are names, never contents."""

    store: Store
    platform: str
    kinds: frozenset[str]
    now: Now
    noted: dict[str, datetime] = field(default_factory=dict)
    errands: Errands = field(default_factory=Errands)

    def __call__(self, kind: str) -> None:
        at = self.now()
        if kind in self.kinds and (kind not in self.noted or (at - self.noted[kind]).days):
            self.noted[kind] = at
            self.errands.start(self._note(kind, at))

    async def drain(self) -> None:
        await self.errands.drain(2.0)

    async def never(self) -> list[str]:
        """Kinds that were not heard of yet. Raises StoreUnavailable."""
        return [
            kind for kind in sorted(self.kinds) if not await self.store.values.find_value(self._key(kind))
        ]

    async def _note(self, kind: str, at: datetime) -> None:
        try:
            await self.store.values.save_value(self._key(kind), at.isoformat())
        except StoreUnavailable:
            log.warning("heard: store unavailable")
            self.noted.pop(kind, None)  # so that the next one of its kind is noted

    def _key(self, kind: str) -> str:
        return f"heard.{self.platform}.{kind}"
