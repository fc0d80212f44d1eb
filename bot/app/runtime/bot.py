"""A bot that has been put together: what processes, commands and the sandbox's clock work with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import TypeAlias

from aiohttp.web import RouteDef

from bot.app.clock.clock import Clock
from bot.app.config.schema import Settings
from bot.app.runtime.metrics import Metrics
from bot.entrypoints.inbox import PulseInbox
from bot.entrypoints.ticker import Ticker
from bot.ports import ChatPlatform
from bot.use_cases.deliver import DeliveryPolicy
from storage import DatabaseStore

Connection: TypeAlias = Callable[[], AbstractAsyncContextManager[None]]
Chore: TypeAlias = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Parts:
    """A platform, ready to be plugged in."""

    platform: ChatPlatform
    routes: Sequence[RouteDef] = ()
    connections: Sequence[Connection] = ()
    chores: Sequence[Chore] = ()
    time_source: Chore | None = None
    """Asks the platform anything: what it answers says which time it is there. Raises no error."""


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is ready to run; closed by whoever assembled it."""

    settings: Settings
    store: DatabaseStore
    clock: Clock
    inbox: PulseInbox
    ticker: Ticker
    patience: DeliveryPolicy
    platforms: Mapping[str, ChatPlatform]
    metrics: Metrics
    routes: Sequence[RouteDef] = ()
    connections: Sequence[Connection] = ()
    """Open while the bot serves, closed before its web server stops: they bring what cannot come by `routes`, and end
    what stays open for long, live updates of pages."""
    chores: Sequence[Chore] = ()
    """What workers do beside the ticks, for the platforms' sake; safe to run in any number of processes."""
    time_sources: Sequence[Chore] = ()
    """See `Parts.time_source`."""

    @property
    def secret(self) -> bytes:
        """Return the secret that pseudonyms are made with."""
        return self.inbox.secret

    def plug_in(self, parts: Parts) -> "Bot":
        """Return the same bot with one more platform."""
        platforms = {**self.platforms, parts.platform.name: parts.platform}
        return replace(
            self,
            platforms=platforms,
            ticker=replace(self.ticker, platforms=platforms),
            routes=(*self.routes, *parts.routes),
            connections=(*self.connections, *parts.connections),
            chores=(*self.chores, *parts.chores),
            time_sources=(*self.time_sources, *filter(None, [parts.time_source])),
        )
