"""Run the use cases that are due at a given time."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.ports import ChatPlatform, Store, StoreUnavailable
from bot.use_cases.ask import ask_due_pulses
from bot.use_cases.close import close
from bot.use_cases.digest import digest
from bot.use_cases.enrol import enrol_rounds
from bot.use_cases.loop.remind_leads import remind_leads
from bot.use_cases.remind import send_reminders
from bot.use_cases.visits import Visits

log = logging.getLogger(__name__)

Steps: TypeAlias = Mapping[str, Callable[[], Awaitable[int]]]


@dataclass(frozen=True, slots=True)
class Ticker:
    """One tick does what is due now; any number of processes may tick, the store decides who did it."""

    store: Store
    platforms: Mapping[str, ChatPlatform]
    secret: bytes
    catchup: timedelta
    visits: Visits = field(default_factory=Visits)
    """Platforms that are being asked something."""

    async def tick(self, now: datetime) -> dict[str, int]:
        """Run everything that is due; return a count for each use case. One that fails runs again next time.

        Asks until nothing is due: of several pulses of an alliance one is asked at a time.
        """
        asked = 0
        while new := (await self.ask(now))["ask"]:
            asked += new
        return {"ask": asked, **await self.visit(now), **await self.settle(now)}

    async def ask(self, now: datetime) -> dict[str, int]:
        """Open new rounds: as many of those due as one worker takes on at once."""
        return await _run_all({"ask": lambda: ask_due_pulses(self.store.pulses, now, self.catchup)})

    async def visit(self, now: datetime, seconds: float | None = None) -> dict[str, int]:
        """Ask platforms who is in their channels. What takes longer than so many seconds goes on beside."""
        steps: Steps = {
            "enrol": lambda: enrol_rounds(self.store, self.platforms, self.secret, now, self.visits, seconds),
            "remind": lambda: send_reminders(
                self.store, self.platforms, self.secret, now, self.visits, seconds
            ),
        }
        return await _run_all(steps)

    async def settle(self, now: datetime) -> dict[str, int]:
        """Close the rounds whose time is over, write the digests and reminders that are due: no platform is asked."""
        steps: Steps = {
            "close": lambda: close(self.store, self.secret, now),
            "digest": lambda: digest(self.store, self.secret, now),
            "alerts": lambda: remind_leads(self.store, self.secret, now),
        }
        return await _run_all(steps)


async def _run_all(steps: Steps) -> dict[str, int]:
    done = {name: await _try_use_case(name, step) for name, step in steps.items()}
    if any(done.values()):
        log.info("tick: %s", ", ".join(f"{name} {count}" for name, count in done.items() if count))
    return done


async def _try_use_case(name: str, step: Callable[[], Awaitable[int]]) -> int:
    try:
        return await step()
    except StoreUnavailable:
        log.warning("%s: store unavailable, next tick tries again", name)
    except Exception as error:  # one use case must not stop the others
        log.error("%s failed: %s", name, type(error).__name__, exc_info=error)
    return 0
