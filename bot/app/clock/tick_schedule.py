"""When the worker ticks: at once, and then an interval after now, whatever the machine's clock does.

What is due is decided by the database: a scheduler's job store that processes share runs jobs twice, and a locked one
stops it for good (https://github.com/agronholm/apscheduler/issues/231). So there is one job, in memory.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.app.clock.clock_watch import wall_now


class FromNow(BaseTrigger):  # type: ignore[misc]
    """Fires an interval from now. APScheduler's own trigger lists every run that was missed: 7 million in 400 days."""

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:  # noqa: ARG002
        return now + self._interval


@asynccontextmanager
async def schedule_ticks(
    tick: Callable[[], Awaitable[None]], seconds: float
) -> AsyncIterator[Callable[[], None]]:
    """Call `tick` at once and then every so many seconds; no call begins while another runs.

    Yields what to call so that no tick begins any more. One that runs when the block ends is broken off.
    """
    scheduler, clock = AsyncIOScheduler(timezone="UTC"), asyncio.get_running_loop().time
    last = clock()

    async def run() -> None:
        nonlocal last
        try:
            await tick()
        finally:
            last = clock()

    async def keep_awake() -> None:
        """Wake the scheduler: it sleeps until a wall-clock time and would oversleep if the clock is set back."""
        while True:
            await asyncio.sleep(seconds)
            if clock() - last > 2 * seconds:
                job.modify(next_run_time=wall_now())

    job: Any = scheduler.add_job(
        run,
        FromNow(seconds),
        next_run_time=wall_now(),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    scheduler.start()
    watchdog = asyncio.create_task(keep_awake())
    try:
        yield scheduler.pause
    finally:
        watchdog.cancel()
        scheduler.shutdown(wait=False)
