"""What is simulated: an alliance on a strict Slack and a strict Teams, and the bot's processes, which may die."""

import asyncio
import contextvars
import json
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.app.clock.clock_care import watch_clock
from bot.app.runtime.database_care import care_for_database
from bot.app.runtime.health import Health
from bot.app.runtime.operator import declare_alliances
from bot.app.runtime.web import make_application
from bot.app.runtime.worker import TickMonitor, run_worker
from bot.app.wiring import open_bot
from bot.model.alliance import Alliance, Channel
from bot.model.delivery import DeliveryState
from bot.ports import StoreUnavailable
from storage.engine.connect import sqlite
from storage.engine.encryption import Vault
from storage.outbox.place_keys import SETTING, PlaceKeys
from tests.far import slack, teams
from tests.far.slack_state import two_companies
from tests.far.teams_state import two_tenants
from tests.slow.simulation import virtual_time as virtual
from tests.slow.simulation.network import Network, install
from tests.slow.simulation.settings import BOT, ENCRYPTION_KEY, PEOPLE, SLACK, TEAMS, settings
from tests.slow.simulation.virtual_time import OWNER, Owner, VirtualLoop

TICK = 300.0
"""Seconds between ticks: rarer than in earnest, so that an hour takes a tenth of a second."""
LOGGED_AT_MOST = 20_000


@dataclass(slots=True)
class World:
    loop: VirtualLoop
    chance: random.Random
    network: Network
    file: Path
    slack: slack.FarSlack
    teams: teams.FarTeams
    alliance: Alliance
    database: Any
    """A connection to look with."""
    processes: list[Owner] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """What happened, for whoever looks at a failure."""
    clock_is_off: timedelta = field(default_factory=timedelta)
    """How far the clock of the machine that all processes run on is ahead."""
    deaths: int = 0

    def tell(self, what: str) -> None:
        self.told.append(f"{self.loop.passed:9.3f} {what}")

    def rows(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        return self.database.execute(query, given).fetchall()  # type: ignore[no-any-return]

    def hash_message(self, channel: str, message: str) -> str:
        """Return what the database knows a message of that Slack channel by."""
        ((sealed,),) = self.rows("SELECT value FROM setting WHERE key = ?", SETTING)
        secret = Vault([ENCRYPTION_KEY]).open(sealed, "setting", "value", SETTING)
        return PlaceKeys(bytes.fromhex(secret)).hash_message(Channel("slack", "", channel), message)

    def version(self) -> int:
        """Another one after each change of the database."""
        return int(self.rows("PRAGMA data_version")[0][0])

    # Processes

    def start(self, name: str) -> Owner:
        """A process of the bot with everything in it: doors, use cases, worker."""
        owner = Owner(name, clock_is_off=self.clock_is_off)
        self.processes.append(owner)
        context = contextvars.copy_context()
        context.run(OWNER.set, owner)
        self.tell(f"{name} starts")
        self.loop.create_task(self._live(owner), context=context)
        return owner

    def bury(self, owner: Owner) -> None:
        """What others notice of its death."""
        self.tell(f"{owner.name} is dead")
        self.deaths += 1
        self.network.cut(owner)

    async def _live(self, owner: Owner) -> None:
        try:
            async with open_bot(settings(self.file)) as bot:
                await declare_alliances(bot, [self.alliance])
                health = Health(bot, beat := TickMonitor(TICK))
                async with watch_clock(bot), care_for_database(bot, health.care), run_worker(bot, beat):
                    await serve(self.network, make_application(health, bot.routes), BOT)
                    await asyncio.Event().wait()
        except StoreUnavailable as error:
            self.tell(f"{owner.name} ends: {error}")
            owner.kill()

    def step_clock(self, by: timedelta) -> None:
        self.tell(f"the clock jumps by {by.total_seconds():.0f} s")
        self.clock_is_off += by
        for owner in self.processes:
            owner.clock_is_off = self.clock_is_off

    async def apply(self, alliance: Alliance) -> None:
        """As `pulse apply` does, beside the others."""
        self.alliance = alliance
        async with open_bot(settings(self.file)) as bot:
            await declare_alliances(bot, [alliance])

    async def resolve_on_teams(self) -> None:
        """An operator looks into the channel, where the bot cannot, and says what stands there (`pulse resolve`)."""
        async with open_bot(settings(self.file)) as bot:
            unknown = await bot.store.outbox.list_statuses(DeliveryState.UNKNOWN, 1_000)
            for entry in unknown:
                if entry.platform == "teams":
                    _, round_id, _ = entry.key.split(":")
                    stands = len(self.questions_on_teams(round_id)) > 0
                    self.tell(f"the operator says of {entry.key}: {'sent' if stands else 'resend'}")
                    await bot.store.outbox.resolve(entry.id, stands, bot.clock.now())

    # What stands in the channels

    def questions_on_slack(self, round_id: str) -> list[str]:
        """Ids of messages that ever asked that round; their buttons may be gone by now."""
        asked = self.slack.called("chat.postMessage")
        return [
            str(entry)
            for entry in asked
            if f"|{round_id}|" in json.dumps(entry) and entry["channel"] == "C0JOINT"
        ]

    def questions_on_teams(self, round_id: str) -> list[str]:
        asked = self.teams.called("create")
        return [str(entry) for entry in asked if f"|{round_id}|" in json.dumps(entry)]


async def serve(network: Network, app: web.Application, port: int) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    assert runner.server
    network.listen(port, runner.server)


@contextmanager
def logged(lines: list[str]) -> Iterator[None]:
    """What the code logs, as a process would write it."""

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if len(lines) < LOGGED_AT_MOST:
                lines.append(self.format(record))

    root, kept = logging.getLogger(), Kept()
    level = root.level
    kept.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(kept)
        root.setLevel(level)


async def set_up(loop: VirtualLoop, seed: int, file: Path) -> World:
    """Both far sides are there; no process of the bot is."""
    chance = random.Random(seed + 1)
    network = Network(loop, random.Random(seed + 2))
    install(network)
    far_slack = slack.FarSlack(two_companies(virtual.true_time, PEOPLE))
    far_slack.base_url = f"http://127.0.0.1:{SLACK}"
    far_slack.api_url = f"{far_slack.base_url}/api/"
    far_teams = teams.FarTeams(two_tenants(virtual.true_time, 2))
    far_teams.base_url = f"http://127.0.0.1:{TEAMS}"
    await serve(network, far_slack.application(), SLACK)
    await serve(network, far_teams.application(), TEAMS)
    alliance = settings(file).alliance[0].to_alliance()
    database = sqlite.connect(f"file:{file}?mode=ro", uri=True)
    return World(loop, chance, network, file, far_slack, far_teams, alliance, database)
