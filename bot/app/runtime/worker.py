"""The clock that ticks, and the hands that deliver."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.app.clock.tick_schedule import schedule_ticks
from bot.app.runtime import memory_tuning as collector
from bot.app.runtime.bot import Bot
from bot.app.runtime.retention_job import keep_house
from bot.app.runtime.side_jobs import do_chores, keep_doing, look_up, settle, visit
from bot.model.delivery import NOT_ITS_TURN, Claim, DeliveryState
from bot.ports import StoreUnavailable
from bot.use_cases.deliver import carry_out, deliver_waiting, look_up_unknown

log = logging.getLogger(__name__)

AT_ONCE = 320
"""Deliveries in hand at the same time: each goes its own way, so that a slow place holds up no other."""

HANDFUL = 40
"""Claimed at a time, at most: each claim is a transaction."""

SHARE = 20
"""Hands at one workspace from which on no more of it is claimed, at most."""

SPARE = 8
"""Of the hands that are free, one workspace gets one in so many, and a claim as many again: the more workspaces hang,
the less each holds, and some hands are always free for another (as a switch shares its buffer among its ports:
Choudhury and Hahne, Dynamic queue length thresholds, IEEE/ACM Trans. Networking 6(2), 1998)."""

STALLED = 600.0
"""Seconds without a tick after which the process ends, to be started again by whoever keeps it running."""

DRAIN = 14.0
"""Seconds that a process which was told to end waits for what is being sent; platforms kill after 30 in all."""

HOUSEKEEPING = 600.0
"""Seconds between looks whether it was done today."""

IDLE = 0.5
"""Seconds to rest when nothing is waiting to be delivered."""
TURN = 0.2
"""Seconds to rest when all that is waiting is to wait for its turn."""


@dataclass(slots=True)
class TickMonitor:
    """When the last tick ended, on the loop's monotonic clock: what readiness looks at."""

    interval: float
    last: float | None = None

    def is_late(self) -> bool:
        """No tick for a minute, or for three intervals if that is longer: not ready."""
        return self.age() > max(60.0, 3 * self.interval)

    def is_stalled(self) -> bool:
        """No tick for ten minutes: better begun anew."""
        return self.age() > STALLED

    def age(self) -> float:
        """Seconds since the last tick."""
        return 0.0 if self.last is None else asyncio.get_running_loop().time() - self.last

    def beat(self) -> None:
        self.last = asyncio.get_running_loop().time()


async def tick_once(bot: Bot, now: datetime) -> dict[str, int]:
    """One tick at `now`, then everything that can go out goes out, however long the platforms' limits take."""
    await do_chores(bot)
    done = await bot.ticker.tick(now)
    await look_up_unknown(bot.store, bot.platforms, lambda: now, bot.patience)
    await drain_outbox(bot, now)
    return done


async def drain_outbox(bot: Bot, now: datetime) -> None:
    """Everything that can go out goes out; it is `now` at the beginning."""
    loop = asyncio.get_running_loop()
    begun = loop.time()

    def passing() -> datetime:
        return now + timedelta(seconds=loop.time() - begun)

    while await deliver_waiting(
        bot.store, bot.platforms, passing, bot.patience, _platforms_now(bot, passing())
    ) or await _waits_for_turns(bot):
        pass


def _platforms_now(bot: Bot, now: datetime) -> datetime | None:
    """Return what the platforms' clocks say, or `now` if that is earlier; None where none told."""
    told = bot.clock.platforms_now()
    return told and min(told, now)


async def _waits_for_turns(bot: Bot) -> bool:
    waiting = await bot.store.outbox.list_statuses(DeliveryState.PENDING, 1_000)
    waits = any(item.reason == NOT_ITS_TURN for item in waiting)
    await asyncio.sleep(TURN if waits else 0)
    return waits


@asynccontextmanager
async def run_worker(bot: Bot, beat: TickMonitor) -> AsyncIterator[None]:
    """Tick and deliver until the block ends; a send that is under way is finished, no new one is begun."""
    busy, stop = asyncio.Lock(), asyncio.Event()
    delivering = asyncio.create_task(_keep_delivering(bot, stop))
    beside = [
        asyncio.create_task(keep_doing(job, stop, beat.interval))
        for job in (partial(do_chores, bot), partial(settle, bot))
    ]
    visiting = [
        asyncio.create_task(keep_doing(job, stop, beat.interval))
        for job in (partial(visit, bot), partial(look_up, bot))
    ]
    housekeeping = asyncio.create_task(_keep_house(bot))
    beat.beat()
    async with schedule_ticks(_keep_ticking(bot, beat, busy), beat.interval) as begin_no_more:
        try:
            yield
        finally:
            stop.set()
            for task in (housekeeping, *visiting):
                task.cancel()  # each of their steps is done, or is not
            begin_no_more()
            await bot.ticker.visits.cancel()
            try:
                async with asyncio.timeout(DRAIN), busy:
                    await asyncio.gather(delivering, *beside)
            except TimeoutError:
                log.warning("stopping: what was being sent is left to be looked up")


def _keep_ticking(bot: Bot, beat: TickMonitor, busy: asyncio.Lock) -> Callable[[], Awaitable[None]]:
    """Make what the schedule calls: a tick that holds `busy`, and is then remembered."""

    async def tick() -> None:
        async with busy:
            if bot.clock.watch.judge().may_work:
                await _ask(bot)
            beat.beat()
            collector.clear_away()

    return tick


async def _ask(bot: Bot) -> None:
    """As long as there is something to ask. Nothing else is done in a tick: it would be late for the next alliance."""
    while True:
        asked = await bot.ticker.ask(bot.clock.now())
        bot.metrics.count_tick(asked)
        if not any(asked.values()):
            break


async def _keep_house(bot: Bot) -> None:
    while True:
        try:
            if bot.clock.watch.judge().may_delete:
                await keep_house(bot, bot.clock.now())
        except StoreUnavailable:
            log.warning("retention: store unavailable")
        except Exception as error:  # tried again with the next look
            log.error("retention failed", exc_info=error)
        await asyncio.sleep(HOUSEKEEPING)


async def _keep_delivering(bot: Bot, stop: asyncio.Event) -> None:
    stopping = asyncio.create_task(stop.wait())
    under_way: dict[asyncio.Task[None], str] = {}
    while not stop.is_set():
        under_way = {task: workspace for task, workspace in under_way.items() if not task.done()}
        claims = await _claim(bot, under_way.values())
        for claim in claims:
            under_way[asyncio.create_task(_carry_out(bot, claim))] = claim.delivery.place.workspace
        if not claims:
            any_of = {stopping, *under_way}
            await asyncio.wait(any_of, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.gather(*under_way)


async def _claim(bot: Bot, in_hand: Iterable[str]) -> tuple[Claim, ...]:
    """Of workspaces at which enough hands are already, nothing."""
    now, at_work = bot.clock.now(), Counter(in_hand)
    free = AT_ONCE - at_work.total()
    if not free:
        return ()
    share, handful = (max(1, min(most, free // SPARE)) for most in (SHARE, HANDFUL))
    busy = [workspace for workspace, hands in at_work.items() if hands >= share]
    try:
        since = _platforms_now(bot, now)
        return await bot.store.claims.take_due(now, now + bot.patience.lease, handful, busy, since)
    except StoreUnavailable:
        log.warning("deliver: store unavailable")
    except Exception as error:  # what cannot be claimed now may be claimed later
        log.error("deliver failed", exc_info=error)
    return ()


async def _carry_out(bot: Bot, claim: Claim) -> None:
    try:
        await carry_out(bot.store, bot.platforms, claim, bot.clock.now, bot.patience)
    except StoreUnavailable:
        log.warning("deliver: store unavailable")
    except Exception as error:  # a fault in one delivery must not end all deliveries
        log.error("deliver failed", exc_info=error)
