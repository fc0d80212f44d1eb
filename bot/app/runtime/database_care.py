"""Care for the database while a process runs: show that it is at work, and look for damaged pages once a day."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from bot.app.runtime.bot import Bot
from bot.ports import StoreUnavailable
from storage import PROCESS_LEASE

log = logging.getLogger(__name__)

SIGN = 10.0
"""Seconds between signs of life."""
LIVES = timedelta(seconds=60)
"""How long a sign of life counts: as long `pulse restore --replace` takes the process for a working one."""
DAILY = 86_400.0
STUCK = ("SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
"""What SQLite says on a file system that became read-only (https://www.sqlite.org/rescode.html): with files that are
open an I/O error, with new ones the others. A full disk is another matter: it empties."""
TWICE = 2


@dataclass(slots=True)
class DatabaseCare:
    """Hold what is known about the database's file."""

    is_whole: bool = True
    """As of the newest look."""
    is_stuck: bool = False
    """The file cannot be written any more, and waiting does not help: better begun anew."""


@asynccontextmanager
async def care_for_database(bot: Bot, care: DatabaseCare) -> AsyncIterator[None]:
    """Keep `care` up to date until the block ends."""
    name = f"{PROCESS_LEASE}{uuid4().hex}"
    tasks = [asyncio.create_task(_show_life(bot, care, name)), asyncio.create_task(_look_daily(bot, care))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(StoreUnavailable):
            await bot.store.leases.give_back(name, "")


async def _show_life(bot: Bot, care: DatabaseCare, name: str) -> None:
    failed = 0
    while True:
        try:
            await bot.store.leases.hold_until(name, bot.clock.machine() + LIVES)
            failed = 0
        except StoreUnavailable as error:
            failed = failed + 1 if any(code in str(error) for code in STUCK) else 0
        care.is_stuck = failed >= TWICE
        await asyncio.sleep(SIGN)


async def _look_daily(bot: Bot, care: DatabaseCare) -> None:
    while True:
        with suppress(StoreUnavailable):
            care.is_whole = await bot.store.diagnostics.is_whole()
            if not care.is_whole:
                log.error("the database's file is damaged: see `pulse doctor`")
        await asyncio.sleep(DAILY)
