"""Keep the evidence on the clock fresh, and say loudly when the clock cannot be believed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.app.clock.clock import SKEW
from bot.app.clock.clock_watch import ClockWatch
from bot.app.runtime.bot import Bot
from bot.clock_trust import ClockVerdict
from bot.ports import StoreUnavailable
from bot.use_cases.notify_leads import warn_of_clock

log = logging.getLogger(__name__)

LOOK = 10.0
"""Seconds between looks."""
ASK = 300.0
"""Seconds after which a platform that said nothing meanwhile is asked for the time."""
FIRST = 3.0
"""Seconds that the first look may keep a process from starting to work."""
SAY = 3600.0
"""Seconds after which the log is told again."""
CONFIRM = timedelta(minutes=10)
"""How often it is written down that the clock is right."""

HEAL = 600.0
"""Seconds between looks for marks in the future: another process may have left some."""

RESTS = "nothing is asked, closed or deleted until it is right"

ADVICE = "Set it right (NTP); if it is right already, `pulse clock --accept` says so"

CONFIRMED = "clock.confirmed_at"
WRONG_SINCE = "clock.wrong_since"


@dataclass(slots=True)
class Care:
    """The look-out of one process."""

    bot: Bot
    said: tuple[str, float] = ("none", 0.0)
    """What the log was told last, and when on the loop's clock."""
    healed: float | None = None
    """When marks were last healed, on the loop's clock; None: not since the clock is right."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> ClockVerdict:
        """Ask who can tell the time, judge, say what is wrong, and mend what a wrong clock left behind."""
        async with self.lock:
            await self.gather()
            verdict = self.bot.clock.watch.judge()
            self._say(verdict)
            await self._write(verdict)
            return verdict

    async def gather(self) -> None:
        """Ask the platforms for the time where it is not known of late, and the database. Raises StoreUnavailable."""
        store, watch = self.bot.store, self.bot.clock.watch
        if not watch.judge().may_delete or watch.age() > ASK:
            await asyncio.gather(*(ask() for ask in self.bot.time_sources))
        confirmed = await store.values.find_value(CONFIRMED)
        watch.confirmed = datetime.fromisoformat(confirmed) if confirmed else None
        row = await store.diagnostics.find_newest()
        watch.row = row and row - self.bot.clock.find_offset()

    async def _write(self, verdict: ClockVerdict) -> None:
        clock = self.bot.clock
        if not verdict.may_work:
            self.healed = None
            await warn_of_clock(self.bot.store, self.bot.secret, await self._wrong_since(), clock.now())
        elif verdict.may_delete:
            await self._heal()
            if clock.watch.confirmed is None or abs(clock.machine() - clock.watch.confirmed) > CONFIRM:
                await self.bot.store.values.save_value(CONFIRMED, clock.machine().isoformat())

    async def accept(self) -> dict[str, int]:
        """Take the operator's word that the clock is right; how many marks were taken back."""
        store, clock = self.bot.store, self.bot.clock
        done = await store.future_marks.heal(clock.now(), was_wrong=True)
        await store.values.save_value(WRONG_SINCE, "")
        await store.values.save_value(CONFIRMED, clock.machine().isoformat())
        return done

    async def _heal(self) -> None:
        now = asyncio.get_running_loop().time()
        if self.healed is None or now - self.healed > HEAL:
            was_wrong = bool(await self.bot.store.values.find_value(WRONG_SINCE))
            done = await self.bot.store.future_marks.heal(self.bot.clock.now(), was_wrong)
            self.healed = now
            if was_wrong:
                await self.bot.store.values.save_value(WRONG_SINCE, "")
            if done:
                log.warning("clock: marks that lay in the future were taken back: %s", _list_names(done))

    async def _wrong_since(self) -> datetime:
        """Return when a process first saw the clock wrong after it was last right."""
        now = self.bot.clock.now()
        kept = await self.bot.store.values.find_value(WRONG_SINCE)
        if kept and datetime.fromisoformat(kept) <= now:
            return datetime.fromisoformat(kept)
        await self.bot.store.values.save_value(WRONG_SINCE, now.isoformat())
        return now

    def _say(self, verdict: ClockVerdict) -> None:
        now = asyncio.get_running_loop().time()
        before, at = self.said
        if verdict.may_work:
            if before != "none":
                log.warning("clock: it can be believed again; asking, closing and deleting go on")
            self.said = "none", now
        elif verdict.doubt != before or now - at > SAY:
            log.error("clock: %s; %s", in_words(verdict), RESTS)
            self.said = verdict.doubt, now


async def judge_now(bot: Bot) -> ClockVerdict:
    """Look once, and leave everything as it is. Raises StoreUnavailable."""
    bot.clock.watch.has_platforms = bool(bot.time_sources)
    care = Care(bot)
    await care.gather()
    return bot.clock.watch.judge()


@asynccontextmanager
async def watch_clock(bot: Bot) -> AsyncIterator[None]:
    """Look once before the block begins, and then on and on until it ends."""
    care = Care(bot)
    bot.clock.watch.has_platforms = bool(bot.time_sources)
    try:
        async with asyncio.timeout(FIRST):
            await _try_to(care)
    except TimeoutError:
        log.warning("clock: no platform has told the time yet")
    looking = asyncio.create_task(_keep_looking(care))
    try:
        yield
    finally:
        looking.cancel()


async def _keep_looking(care: Care) -> None:
    while True:
        await asyncio.sleep(LOOK)
        await _try_to(care)


async def _try_to(care: Care) -> None:
    try:
        await care.look()
    except StoreUnavailable:
        log.warning("clock: store unavailable")
    except Exception as error:  # looked at again in a few seconds
        log.error("clock: the look failed", exc_info=error)


def in_words(verdict: ClockVerdict) -> str:
    """Say to an operator what speaks against the clock."""
    off = format_length(verdict.by)
    match verdict.doubt:
        case "platforms":
            way = "ahead of" if verdict.by > timedelta() else "behind"
            return f"this machine's clock is {off} {way} the platforms' clocks"
        case "jump":
            way = "forward" if verdict.by > timedelta() else "back"
            return f"this machine's clock was moved {way} by {off} while the bot was running"
        case "events":
            return f"an event came in with a time {off} later than this machine's clock"
        case "rows":
            return f"the database holds moments {off} later than this machine's clock"
        case "gap":
            return (
                f"the clock was last confirmed {off} ago, and no platform has told the time since the start"
            )
        case "unconfirmed":
            return "no platform has told the time yet"
    return "nothing speaks against this machine's clock"


def explain_clock(watch: ClockWatch) -> str:
    """Return what an operator has to mend on the clock; empty: nothing."""
    verdict, skew = watch.judge(), watch.skew_seconds() or 0.0
    if not verdict.may_work:
        return f"{in_words(verdict)}; {RESTS}"
    off = ClockVerdict("platforms", timedelta(seconds=skew))
    return f"{in_words(off)}, by which the bot goes meanwhile" if abs(skew) >= SKEW else ""


def format_length(by: timedelta) -> str:
    """Say how long that is, in the largest unit of which there are at least two."""
    seconds = abs(by).total_seconds()
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _list_names(done: dict[str, int]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in done.items())
