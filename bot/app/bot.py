"""A bot that has been put together: what processes, commands and the sandbox's clock work with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from aiohttp.web import RouteDef

from bot.app.clock import Clock
from bot.app.metrics import Metrics
from bot.app.settings import Settings
from bot.doors.inbox import PulseInbox
from bot.doors.ticker import Ticker
from bot.ports import ChatPlatform
from bot.walks.deliver import Patience
from storage import DatabaseStore


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is ready to run; closed by whoever assembled it."""

    settings: Settings
    store: DatabaseStore
    clock: Clock
    inbox: PulseInbox
    ticker: Ticker
    patience: Patience
    platforms: Mapping[str, ChatPlatform]
    metrics: Metrics
    routes: Sequence[RouteDef] = ()
    connections: Sequence[Callable[[], AbstractAsyncContextManager[None]]] = ()
    """Open while the bot serves: they bring what cannot come by `routes`."""
    chores: Sequence[Callable[[], Awaitable[object]]] = ()
    """What workers do beside the ticks, for the platforms' sake; safe to run in any number of processes."""
    hang_up: Callable[[], Awaitable[None]] | None = None
    """Ends what stays open for long, live updates of pages, so that the web server can stop."""
