"""Wire everything together: the only module that knows every room."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta

from bot.app.clock.clock import Clock
from bot.app.config.schema import Settings
from bot.app.config.section import BadSettings
from bot.app.platforms import PLUGINS, Plugins
from bot.app.platforms.plugin import PlatformPlugin
from bot.app.platforms.sandbox.plugin import is_sandbox_enabled
from bot.app.runtime.bot import Bot
from bot.app.runtime.crashpoints import add_crashpoint
from bot.app.runtime.metrics import Metrics
from bot.entrypoints.deduplicate import Once
from bot.entrypoints.inbox import PulseInbox
from bot.entrypoints.ticker import Ticker
from bot.model.commands import KeptDays
from bot.mood import read
from bot.ports import ChatPlatform, StoreUnavailable
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.deliver import DeliveryPolicy
from storage import DatabaseStore, Vault, open_store


@asynccontextmanager
async def assemble_bot(settings: Settings, clock: Clock, plugins: Plugins = PLUGINS) -> AsyncIterator[Bot]:
    """Everything wired to the store, on the platforms that are configured. Raises BadSettings."""
    check_settings(settings, plugins)
    async with AsyncExitStack() as stack:
        store = _open_store(settings)
        stack.push_async_callback(store.aclose)
        ways = {plugin.name: plugin.ways for plugin in plugins if plugin.ways}
        bot = _wire_core(settings, add_crashpoint(store), clock, ways)
        for plugin in list_wanted(settings, plugins):
            parts = await plugin.connect(bot, stack)
            bot = bot.plug_in(replace(parts, platform=add_crashpoint(parts.platform)))
        yield bot


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    """Assemble the bot on a writable database of this version. Raises StoreUnavailable if it cannot be written."""
    async with assemble_bot(settings, Clock()) as bot:
        misfit = await bot.store.diagnostics.find_misfit()
        if misfit:
            raise BadSettings(misfit)
        if not await bot.store.ready():
            raise StoreUnavailable("the database cannot be written")
        if misfit := await bot.store.diagnostics.keep_check_value():
            raise BadSettings(misfit)
        await bot.store.readings.hash_old()
        if is_sandbox_enabled(settings):
            await bot.clock.restore(bot.store)
        yield bot


def check_settings(settings: Settings, plugins: Plugins = PLUGINS) -> None:
    """Is all there that these settings need? Asked before anything is opened or made. Raises BadSettings."""
    read_secret(settings)
    keys = read_keys(settings)
    with _as_bad_settings():
        Vault(keys)
    for plugin in list_wanted(settings, plugins):
        plugin.check(settings)


def list_wanted(settings: Settings, plugins: Plugins) -> list[PlatformPlugin]:
    """List the platforms that are set up. What only the others need is not held in memory: 9, 16 and 4 MiB."""
    return [plugin for plugin in plugins if plugin.is_wanted(settings)]


def read_keys(settings: Settings) -> list[str]:
    """Return the Fernet keys, the current one first. Raises BadSettings if there is none."""
    keys = [key.get_secret_value() for key in settings.privacy.encryption_keys]
    if not keys:
        raise BadSettings(f"privacy.encryption_keys: {_NOT_SET}")
    return keys


def read_secret(settings: Settings) -> bytes:
    """Return the secret that pseudonyms are made with. Raises BadSettings where it is not set."""
    secret = settings.privacy.secret.get_secret_value()
    if not secret:
        raise BadSettings(f"privacy.secret: {_NOT_SET}")
    return secret.encode()


_NOT_SET = "not set; `pulse keys` makes it and the other one, as lines for the environment"


def _open_store(settings: Settings) -> DatabaseStore:
    url, keys, secret = settings.database.url.get_secret_value(), read_keys(settings), read_secret(settings)
    with _as_bad_settings():
        return open_store(url, keys, secret)


@contextmanager
def _as_bad_settings() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise BadSettings(str(error)) from None


def _wire_core(settings: Settings, store: DatabaseStore, clock: Clock, ways: Mapping[str, str]) -> Bot:
    secret = read_secret(settings)
    platforms: dict[str, ChatPlatform] = {}
    schedule = settings.schedule
    patience = DeliveryPolicy(
        lease=timedelta(seconds=schedule.lease_seconds),
        send_timeout=timedelta(seconds=schedule.send_timeout),
        settle=timedelta(seconds=schedule.settle_seconds),
    )
    ticker = Ticker(store, platforms, secret, timedelta(hours=schedule.catchup_hours))
    trail = AuditTrail(store.audit, store.proposals, secret)
    once = Once(store.leases, clock.now)
    retention = settings.retention
    kept = KeptDays(retention.answers_days, retention.comments_days, retention.readings_days)
    inbox = PulseInbox(store, read, secret, clock.now, trail, once, clock.hear, kept=kept, ways=ways)
    metrics = Metrics(clock.watch)
    store.writer.committed = metrics.observe_commit
    return Bot(settings, store, clock, inbox, ticker, patience, platforms, metrics)
