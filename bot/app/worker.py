"""The clock that ticks, and the hands that deliver."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app.bot import Bot
from bot.ports import StoreUnavailable
from bot.walks.deliver import deliver, reconcile

log = logging.getLogger(__name__)

HANDS = 4
"""Deliveries are claimed by this many loops at once, so that one slow channel does not hold up the rest."""

STALLED = 600.0
"""Seconds without a tick after which the process ends, to be started again by whoever keeps it running."""

IDLE = 0.5
"""Seconds to rest when nothing is waiting to be delivered."""


@dataclass(slots=True)
class Pulsebeat:
    """When the last tick ended, on the loop's monotonic clock: what readiness looks at."""

    interval: float
    last: float | None = None

    def is_late(self) -> bool:
        """No tick for a minute, or for three intervals if that is longer: not ready."""
        return self._age() > max(60.0, 3 * self.interval)

    def is_stalled(self) -> bool:
        """No tick for ten minutes: better begun anew."""
        return self._age() > STALLED

    def _age(self) -> float:
        return 0.0 if self.last is None else asyncio.get_running_loop().time() - self.last

    def beat(self) -> None:
        self.last = asyncio.get_running_loop().time()


async def tick_once(bot: Bot, now: datetime) -> dict[str, int]:
    """One tick at `now`, then everything that can go out goes out."""
    done = await bot.ticker.tick(now)
    await reconcile(bot.store, bot.platforms, lambda: now, bot.patience)
    while await deliver(bot.store, bot.platforms, lambda: now, bot.patience):
        pass
    return done


@asynccontextmanager
async def working(bot: Bot, beat: Pulsebeat) -> AsyncIterator[None]:
    """Tick and deliver until the block ends; a send that is under way is finished, no new one is begun.

    The scheduler only ticks: memory job store, one job. What is due is decided by the database, because a
    shared job store runs jobs twice and a locked one stops the scheduler for good
    (https://github.com/agronholm/apscheduler/issues/231).
    """
    scheduler = AsyncIOScheduler(timezone="UTC")
    ticking = asyncio.Lock()

    async def tick() -> None:
        async with ticking:
            await bot.ticker.tick(bot.clock.now())
            await _reconcile(bot)
            beat.beat()

    scheduler.add_job(
        tick,
        "interval",
        seconds=beat.interval,
        next_run_time=bot.clock.machine(),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    stop = asyncio.Event()
    hands = [asyncio.create_task(_keep_delivering(bot, stop)) for _ in range(HANDS)]
    beat.beat()
    scheduler.start()
    try:
        yield
    finally:
        stop.set()
        scheduler.pause()
        async with asyncio.timeout(25), ticking:
            await asyncio.gather(*hands)
        scheduler.shutdown(wait=False)


async def _keep_delivering(bot: Bot, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            if await deliver(bot.store, bot.platforms, bot.clock.now, bot.patience):
                continue
        except StoreUnavailable:
            log.warning("deliver: store unavailable")
        except Exception as error:  # a fault in one delivery must not end all deliveries
            log.error("deliver failed", exc_info=error)
        try:
            async with asyncio.timeout(IDLE):
                await stop.wait()
        except TimeoutError:
            continue


async def _reconcile(bot: Bot) -> None:
    try:
        await reconcile(bot.store, bot.platforms, bot.clock.now, bot.patience)
    except StoreUnavailable:
        log.warning("reconcile: store unavailable")
