"""Note which kinds of events a platform ever sent, so that an operator sees what its registration lacks."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from adapters.shared.background import BackgroundTasks
from bot.ports import Now, Store, StoreUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReceivedEvents:
    """Kinds of events, each noted at most once a day, after the acknowledgement. Kinds are names, never contents."""

    store: Store
    platform: str
    kinds: frozenset[str]
    now: Now
    noted: dict[str, datetime] = field(default_factory=dict)
    tasks: BackgroundTasks = field(default_factory=BackgroundTasks)

    def __call__(self, kind: str) -> None:
        """Note the kind, unless it was noted within a day, and return at once."""
        at = self.now()
        if kind in self.kinds and (kind not in self.noted or (at - self.noted[kind]).days):
            self.noted[kind] = at
            self.tasks.start(self._save_kind(kind, at))

    async def drain(self) -> None:
        """Wait at most two seconds for what is being saved."""
        await self.tasks.drain(2.0)

    async def list_missing(self) -> list[str]:
        """Return the kinds that never arrived, sorted. Raises StoreUnavailable."""
        return [
            kind
            for kind in sorted(self.kinds)
            if not await self.store.values.find_value(self._build_key(kind))
        ]

    async def _save_kind(self, kind: str, at: datetime) -> None:
        try:
            await self.store.values.save_value(self._build_key(kind), at.isoformat())
        except StoreUnavailable:
            log.warning("the kind of an event was not noted: the store is unavailable")
            self.noted.pop(kind, None)  # so that the next event of this kind is noted

    def _build_key(self, kind: str) -> str:
        return f"heard.{self.platform}.{kind}"
