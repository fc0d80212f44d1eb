"""The door for time: a moment goes to the walks that are due."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ports import ChatPlatform, Store, StoreUnavailable
from bot.walks.ask import ask
from bot.walks.close import close
from bot.walks.digest import digest
from bot.walks.enrol import enrol
from bot.walks.remind import remind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ticker:
    """One tick does what is due now; any number of processes may tick, the store decides who did it."""

    store: Store
    platforms: Mapping[str, ChatPlatform]
    secret: bytes
    catchup: timedelta

    async def tick(self, now: datetime) -> dict[str, int]:
        """How much each walk did. A walk that fails is logged and tried again at the next tick."""
        walks: dict[str, Callable[[], Awaitable[int]]] = {
            "ask": lambda: ask(self.store, now, self.catchup),
            "enrol": lambda: enrol(self.store, self.platforms, self.secret, now),
            "remind": lambda: remind(self.store, self.platforms, self.secret, now),
            "close": lambda: close(self.store, self.secret, now),
            "digest": lambda: digest(self.store, self.secret, now),
        }
        done = {name: await _attempt(name, walk) for name, walk in walks.items()}
        if any(done.values()):
            log.info("tick: %s", ", ".join(f"{name} {count}" for name, count in done.items() if count))
        return done


async def _attempt(name: str, walk: Callable[[], Awaitable[int]]) -> int:
    try:
        return await walk()
    except StoreUnavailable:
        log.warning("%s: store unavailable, next tick tries again", name)
    except Exception as error:  # one walk's fault must not stop the others
        log.error("%s failed: %s", name, type(error).__name__, exc_info=error)
    return 0
