"""What is plugged into what: the only place that knows every room."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiohttp.web import RouteDef

from bot.app.clock import Clock
from bot.app.settings import BadSettings, Settings
from bot.doors.inbox import PulseInbox
from bot.doors.ticker import Ticker
from bot.mood import read
from bot.ports import ChatPlatform, Store
from bot.walks.deliver import Patience
from storage import open_store


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is ready to run; closed by whoever assembled it."""

    settings: Settings
    store: Store
    clock: Clock
    inbox: PulseInbox
    ticker: Ticker
    platforms: Mapping[str, ChatPlatform]
    patience: Patience
