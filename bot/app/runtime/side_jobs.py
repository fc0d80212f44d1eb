"""Run slow work beside the ticks, so that a slow platform cannot delay questions."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.app.runtime.bot import Bot
from bot.ports import StoreUnavailable
from bot.use_cases.deliver import look_up_unknown

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that a look at what is due waits for platforms; what takes longer goes on, and the next look begins."""


async def keep_doing(job: Callable[[], Awaitable[object]], stop: asyncio.Event, seconds: float) -> None:
    """Do it again and again, with so many seconds between."""
    while not stop.is_set():
        await job()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()


async def settle(bot: Bot) -> None:
    """Close rounds and write digests, as long as there are any."""
    while bot.clock.watch.judge().may_work:
        done = await bot.ticker.settle(bot.clock.now())
        bot.metrics.count_tick(done)
        if not any(done.values()):
            break


async def visit(bot: Bot) -> None:
    """Ask platforms who is in the channels of open rounds."""
    if bot.clock.watch.judge().may_work:
        bot.metrics.count_tick(await bot.ticker.visit(bot.clock.now(), PATIENCE))


async def look_up(bot: Bot) -> None:
    """Ask platforms what became of deliveries of which nobody knows."""
    if not bot.clock.watch.judge().may_work:
        return
    try:
        lost = await look_up_unknown(
            bot.store, bot.platforms, bot.clock.now, bot.patience, bot.ticker.visits, PATIENCE
        )
        bot.metrics.count_expired(lost)
    except StoreUnavailable:
        log.warning("reconcile: store unavailable")
    except Exception as error:  # the clock must not stand still because of it
        log.error("reconcile failed", exc_info=error)


async def do_chores(bot: Bot) -> None:
    """Run each platform's chores; each is safe at any time."""
    for chore in bot.chores:
        try:
            await chore()
        except StoreUnavailable:
            log.warning("chore: store unavailable")
        except Exception as error:  # what is left undone is done next time
            log.error("chore failed", exc_info=error)
