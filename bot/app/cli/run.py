"""Commands that run the bot: in one process, as web and worker, or for one tick."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path

import click
from aiohttp import web as aiohttp_web

from bot.app.cli import options
from bot.app.clock.clock_care import ADVICE, RESTS, format_length, in_words, judge_now, watch_clock
from bot.app.config.schema import Settings, Web, Worker
from bot.app.config.section import BadSettings
from bot.app.demo import demo
from bot.app.platforms.sandbox.plugin import is_sandbox_enabled
from bot.app.runtime import memory_tuning as collector
from bot.app.runtime.bot import Bot
from bot.app.runtime.database_care import care_for_database
from bot.app.runtime.event_loop import run_server
from bot.app.runtime.health import Health
from bot.app.runtime.operator import declare_alliances, warn_of_gaps
from bot.app.runtime.public_pages import list_public_pages
from bot.app.runtime.web import describe_address, make_application
from bot.app.runtime.worker import TickMonitor, run_worker, tick_once
from bot.app.wiring import check_settings, open_bot
from bot.mood import warm_up
from storage import migrate as migrate_database

log = logging.getLogger(__name__)

SWITCH = 0.0005
"""Seconds after which the store's threads let the event loop go on: at Python's own 5 ms each wait for the network
or the disk would cost it as much again (https://bugs.python.org/issue7946)."""
NEAR = timedelta(days=1)
"""How far from now a tick may be without being confirmed."""
WATCH = 10.0
"""Seconds between looks at the age of the last tick."""
LINGER = 1.0
"""Seconds in which /readyz says that this process ends, before it listens no more."""
QUIET = 25.0
"""Seconds that a connection may stay without a whole request; a proxy's must be shorter."""
SETTLING = 10.0
"""Seconds after a start in which all comes at once that was sent again and again until the bot was there."""
LAST_WORDS = 6.0
"""Twice what a platform waits for an answer."""


@click.command("run")
@options.config
@click.option(
    "--demo",
    "as_demo",
    is_flag=True,
    help="Open the browser sandbox with a demo alliance; no account needed.",
)
def run_all(config_path: Path | None, as_demo: bool) -> None:
    """Run everything in one process: web and worker."""
    settings = demo.make_demo_settings() if as_demo else options.read_settings(config_path)
    check_settings(settings)
    _migrate_database(settings)
    prepare = _begin_demo if as_demo else _declare_configured
    run_server(lambda: _serve_until_stopped(settings, ticking=True, serving=True, prepare=prepare))


@click.command("web")
@options.config
def run_web(config_path: Path | None) -> None:
    """Run the web process only: it receives what the platforms send. Run as many as you like on one PostgreSQL."""
    settings = options.read_settings(config_path)
    run_server(lambda: _serve_until_stopped(settings, ticking=False, serving=True))


@click.command("worker")
@options.config
def serve_worker(config_path: Path | None) -> None:
    """Run a worker process only: it asks, closes, alerts and delivers. Run as many as you like on one PostgreSQL."""
    settings = options.read_settings(config_path)
    run_server(lambda: _serve_until_stopped(settings, ticking=True, serving=False))


@click.command("migrate")
@options.config
def migrate_schema(config_path: Path | None) -> None:
    """Bring the database to the schema of this version."""
    _migrate_database(options.read_settings(config_path))
    click.echo("The database has the schema of this version.")


@click.command("tick")
@options.config
@options.as_json
@click.option("--now", required=True, callback=options.parse_time, help="ISO time of the tick.")
@click.option("--yes", is_flag=True, help="Go on although the time is far from now, or the clock is doubted.")
def tick_at(config_path: Path | None, as_json: bool, now: datetime, yes: bool) -> None:
    """Run one tick at the given time: ask, close and deliver everything due by then. Nothing is deleted."""
    settings = options.read_settings(config_path)
    done = options.wait_for(lambda: _run_tick(settings, now, yes))
    if as_json:
        options.show_json(done)
    else:
        click.echo(", ".join(f"{walk} {count}" for walk, count in done.items() if count) or "nothing was due")


def _migrate_database(settings: Settings) -> None:
    """Migrate the database; raise BadSettings or StoreUnavailable."""
    try:
        migrate_database(settings.database.url.get_secret_value())
    except ValueError as error:
        raise BadSettings(str(error)) from None


async def _run_tick(settings: Settings, now: datetime, yes: bool) -> dict[str, int]:
    async with open_bot(settings) as bot:
        if not yes:
            verdict = await judge_now(bot)
            if not verdict.may_work:
                raise click.ClickException(f"{in_words(verdict)}; {RESTS}. {ADVICE}")
            _check_is_near(now, bot.clock.now())
        return await tick_once(bot, now)


def _check_is_near(now: datetime, clock: datetime) -> None:
    """Raise ClickException for a time that somebody may have mistyped."""
    off = now - clock
    if abs(off) > NEAR:
        way = "after" if off > timedelta() else "before"
        raise click.ClickException(
            f"{now:%Y-%m-%d %H:%M} is {format_length(off)} {way} now ({clock:%Y-%m-%d %H:%M} UTC). "
            "Everything due by then would be asked and closed. If you mean it, add --yes"
        )


async def _as_it_is(_: Bot) -> None:
    """Web and worker leave declaring to `pulse apply`."""


async def _declare_configured(bot: Bot) -> None:
    if bot.settings.alliance:
        await declare_alliances(bot, [table.to_alliance() for table in bot.settings.alliance])


async def _begin_demo(bot: Bot) -> None:
    await _declare_configured(bot)
    await demo.begin_demo(bot)


async def _serve_until_stopped(
    settings: Settings, ticking: bool, serving: bool, prepare: Callable[[Bot], Awaitable[None]] = _as_it_is
) -> None:
    sys.setswitchinterval(SWITCH)
    collector.share_arena()
    async with AsyncExitStack() as stack:
        bot = await stack.enter_async_context(open_bot(settings))
        await prepare(bot)
        for gap in await warn_of_gaps(bot):
            log.warning(gap)
        health = Health(bot, TickMonitor(settings.schedule.tick_seconds) if ticking else None)
        await stack.enter_async_context(watch_clock(bot))
        await stack.enter_async_context(care_for_database(bot, health.care))
        if health.beat:
            await stack.enter_async_context(run_worker(bot, health.beat))
        if serving:
            routes = [*bot.routes, *list_public_pages(settings.web)]
            await _open_port(stack, make_application(health, routes), settings.web)
            address = describe_address(settings.web, is_sandbox_enabled(settings))
            click.echo(f"Alliance Pulse is ready on {address}")
        elif settings.worker.port:
            await _open_port(stack, make_application(health), settings.worker)
        collector.tune_collector()
        if serving:
            stack.callback(asyncio.create_task(_load_mood_model()).cancel)
        for connection in bot.connections if serving else ():
            await stack.enter_async_context(connection())
        await _until_told_to_stop(health)
        health.stopping = True
        await asyncio.sleep(LINGER if serving else 0)


async def _load_mood_model() -> None:
    """Load it beside the event loop, once what waited for the start is done."""
    await asyncio.sleep(SETTLING)
    await asyncio.to_thread(warm_up)
    collector.tune_collector()


async def _open_port(stack: AsyncExitStack, app: aiohttp_web.Application, of: Web | Worker) -> None:
    """On leaving, requests that are being answered have `LAST_WORDS` seconds."""
    runner = aiohttp_web.AppRunner(app, access_log=None, shutdown_timeout=LAST_WORDS, keepalive_timeout=QUIET)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await aiohttp_web.TCPSite(runner, of.host, of.port).start()
    except OSError as error:
        section = type(of).__name__.lower()
        why = (
            os.strerror(error.errno).lower() if error.errno else str(error)
        )  # asyncio's own words differ by version
        raise click.ClickException(
            f"cannot listen on {of.host}:{of.port}: {why}; choose another {section}.host or {section}.port, for "
            f"example PULSE_{section.upper()}__PORT=8081"
        ) from None


async def _until_told_to_stop(health: Health) -> None:
    """Serve until SIGINT or SIGTERM. Raise ClickException if only a restart can help."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    while not stop.is_set():
        if health.care.is_stuck:
            raise click.ClickException("the database cannot be written any more; ending, to be started again")
        if health.beat and health.beat.is_stalled():
            raise click.ClickException("the clock has stalled; ending, to be started again")
        with suppress(TimeoutError):
            async with asyncio.timeout(WATCH):
                await stop.wait()
