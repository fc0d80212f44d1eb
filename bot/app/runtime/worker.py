"""The clock that ticks, and the hands that deliver."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.runtime import memory_tuning as collector
from bot.app.runtime.bot import Bot
from bot.app.runtime.retention_job import keep_house
from bot.app.runtime.tick_schedule import ticking
from bot.model.delivery import NOT_ITS_TURN, Claim, DeliveryState
from bot.ports import StoreUnavailable
from bot.use_cases.deliver import carry_out, deliver, reconcile

log = logging.getLogger(__name__)

AT_ONCE = 320
"""Deliveries in hand at the same time: each goes its own way, so that a slow place holds up no other."""

HANDFUL = 40
"""Claimed at a time, once so many hands are free: each claim is a transaction."""

SHARE = 20
"""Hands at one workspace from which on no more of it is claimed: fewer than SHARE + HANDFUL can hang together."""

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
class Pulsebeat:
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
    await _do_chores(bot)
    done = await bot.ticker.tick(now)
    await reconcile(bot.store, bot.platforms, lambda: now, bot.patience)
    await drain(bot, now)
    return done


async def drain(bot: Bot, now: datetime) -> None:
    """Everything that can go out goes out; it is `now` at the beginning."""
    loop = asyncio.get_running_loop()
    begun = loop.time()

    def passing() -> datetime:
        return now + timedelta(seconds=loop.time() - begun)

    while await deliver(
        bot.store, bot.platforms, passing, bot.patience, _platforms_now(bot, passing())
    ) or await _waits_for_turns(bot):
        pass


def _platforms_now(bot: Bot, now: datetime) -> datetime | None:
    """Return what the platforms' clocks say, or `now` if that is earlier; None where none told."""
    told = bot.clock.platforms_now()
    return told and min(told, now)


async def _waits_for_turns(bot: Bot) -> bool:
    waiting = await bot.store.outbox.statuses(DeliveryState.PENDING, 1_000)
    waits = any(one.reason == NOT_ITS_TURN for one in waiting)
    await asyncio.sleep(TURN if waits else 0)
    return waits


@asynccontextmanager
async def working(bot: Bot, beat: Pulsebeat) -> AsyncIterator[None]:
    """Tick and deliver until the block ends; a send that is under way is finished, no new one is begun."""
    busy, stop = asyncio.Lock(), asyncio.Event()
    delivering = asyncio.create_task(_keep_delivering(bot, stop))
    chores = asyncio.create_task(_keep_doing_chores(bot, stop, beat.interval))
    housekeeping = asyncio.create_task(_keep_house(bot))
    beat.beat()
    async with ticking(_beating(bot, beat, busy), beat.interval) as begin_no_more:
        try:
            yield
        finally:
            stop.set()
            housekeeping.cancel()  # each of its steps is done, or is not
            begin_no_more()
            try:
                async with asyncio.timeout(DRAIN), busy:
                    await asyncio.gather(delivering, chores)
            except TimeoutError:
                log.warning("stopping: what was being sent is left to be looked up")


def _beating(bot: Bot, beat: Pulsebeat, busy: asyncio.Lock) -> Callable[[], Awaitable[None]]:
    """Make what the schedule calls: a tick that holds `busy`, and is then remembered."""

    async def tick() -> None:
        async with busy:
            if bot.clock.watch.judge().may_work:
                await _tick(bot)
                await _reconcile(bot)
            beat.beat()
            collector.clear_away()

    return tick


async def _tick(bot: Bot) -> None:
    """Asking goes on beside the rest, which waits for platforms, as long as there is something to ask."""
    rest = asyncio.create_task(bot.ticker.look_after(bot.clock.now()))
    while True:
        asked = await bot.ticker.ask(bot.clock.now())
        bot.metrics.ticked(asked)
        if rest.done() or not any(asked.values()):
            break
    bot.metrics.ticked(await rest)


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
        claims = await _claim(bot, under_way.values()) if len(under_way) + HANDFUL <= AT_ONCE else ()
        for claim in claims:
            under_way[asyncio.create_task(_carry_out(bot, claim))] = claim.delivery.place.workspace
        if not claims:
            any_of = {stopping, *under_way}
            await asyncio.wait(any_of, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.gather(*under_way)


async def _claim(bot: Bot, in_hand: Iterable[str]) -> tuple[Claim, ...]:
    """Of workspaces at which enough hands are already, nothing."""
    now = bot.clock.now()
    busy = [workspace for workspace, hands in Counter(in_hand).items() if hands >= SHARE]
    try:
        since = _platforms_now(bot, now)
        return await bot.store.outbox.claim(now, now + bot.patience.lease, HANDFUL, busy, since)
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


async def _keep_doing_chores(bot: Bot, stop: asyncio.Event, seconds: float) -> None:
    """Beside the ticks: a platform that answers slowly must not delay what is to be asked."""
    while not stop.is_set():
        await _do_chores(bot)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()


async def _do_chores(bot: Bot) -> None:
    for chore in bot.chores:
        try:
            await chore()
        except StoreUnavailable:
            log.warning("chore: store unavailable")
        except Exception as error:  # what is left undone is done next time
            log.error("chore failed", exc_info=error)


async def _reconcile(bot: Bot) -> None:
    try:
        bot.metrics.expired(await reconcile(bot.store, bot.platforms, bot.clock.now, bot.patience))
    except StoreUnavailable:
        log.warning("reconcile: store unavailable")
    except Exception as error:  # the clock must not stand still because of it
        log.error("reconcile failed", exc_info=error)
