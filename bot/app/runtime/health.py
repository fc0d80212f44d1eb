"""Is this process fit to be sent anything? Each check has a name, so that a red one says what is wrong."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from bot.app.clock.clock_care import explain_clock
from bot.app.runtime.bot import Bot
from bot.app.runtime.database_care import DatabaseCare
from bot.app.runtime.worker import TickMonitor
from bot.ports import StoreUnavailable

FRESH = 60.0
PROBE = 0.5
"""Seconds in which a write to the database has to be done."""


@dataclass(slots=True)
class Health:
    """`beat` is None in a process that does not tick."""

    bot: Bot
    beat: TickMonitor | None
    care: DatabaseCare = field(default_factory=DatabaseCare)
    counted: tuple[int, float] | None = None
    """Alerts and digests that did not reach a lead, and when they were counted."""
    stopping: bool = False
    """Told to end: nothing new is wanted."""

    async def checks(self) -> dict[str, bool]:
        """`store`: it can be written in time, and its schema is this version's."""
        return {
            "store": await self._is_writable(),
            "pages": self.care.is_whole,
            "writer": self.bot.store.writer.alive,
            "queue": not self.bot.store.writer.crowded,
            "tick": self.beat is None or not self.beat.is_late(),
            "clock": not explain_clock(self.bot.clock.watch),
            "staying": not self.stopping,
        }

    async def why(self) -> dict[str, str]:
        """Return what an operator wants to know of a red check, and of leads who miss news: nobody's words or ids."""
        reason = explain_clock(self.bot.clock.watch)
        unreached = await self._count_unreached()
        leads = f"{unreached} alerts or digests did not reach a lead lately; see pulse doctor"
        return {**({"clock": reason} if reason else {}), **({"leads": leads} if unreached else {})}

    async def _count_unreached(self) -> int:
        """Count at most once in `FRESH` seconds; the last count while the database cannot be read."""
        loop = asyncio.get_running_loop()
        if self.counted is None or loop.time() - self.counted[1] > FRESH:
            with suppress(StoreUnavailable):
                figures = await self.bot.store.diagnostics.count_figures(self.bot.clock.now())
                self.counted = (figures.unreached, loop.time())
        return self.counted[0] if self.counted else 0

    async def metrics(self) -> bytes:
        """Render the metrics; raise StoreUnavailable if they cannot be read."""
        store = self.bot.store
        age = self.beat.age() if self.beat else 0.0
        return self.bot.metrics.write_text(
            await store.diagnostics.count_figures(self.bot.clock.now()), store.writer.waiting, age
        )

    async def _is_writable(self) -> bool:
        try:
            async with asyncio.timeout(PROBE):
                return await self.bot.store.ready()
        except (StoreUnavailable, TimeoutError):
            return False
