"""Each alert rule, caused through a door of the bot: quiet before, firing after. The dashboard reads what is there."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.fernet import Fernet

from bot.app.clock.clock import Clock
from bot.app.config.load import load_alliances, load_settings
from bot.app.runtime.health import Health
from bot.app.runtime.web import make_application
from bot.app.runtime.worker import TickMonitor
from bot.app.wiring import assemble_bot
from bot.model.alliance import Alliance
from bot.schedule import find_next_slot
from tests.app.alert_rules import Look, is_firing, parse_look, read_rules
from tests.databases import fresh

FILE = Path("deploy/prometheus/alerts.yml")
RULES = read_rules(FILE)
DASHBOARD = json.loads(Path("deploy/grafana/alliance-pulse.json").read_text())
(ALLIANCE,) = (table.to_alliance() for table in load_alliances(Path("bot/app/demo/demo.toml")))
WEEK = timedelta(days=7)
Session = aiohttp.ClientSession


@dataclass(frozen=True, slots=True)
class Watched:
    """A bot that Prometheus watches."""

    health: Health
    server: TestServer
    url: str
    session: Session

    async def look(self) -> Look:
        try:
            async with self.session.get(f"{self.url}/metrics") as answer:
                return parse_look(await answer.text())
        except aiohttp.ClientError:
            return parse_look(None)

    async def post(self, path: str) -> int:
        async with self.session.post(f"{self.url}{path}") as answer:
            return answer.status

    async def declare(self, alliance: Alliance) -> None:
        await self.health.bot.store.alliances.declare([alliance], self.health.bot.clock.now() - 2 * WEEK)

    # What the rules are about:

    async def cause_pulse_down(self) -> None:
        await self.server.close()

    async def cause_pulse_clock_not_trusted(self) -> None:
        watch, clock = self.health.bot.clock.watch, self.health.bot.clock
        watch.see("slack", clock.machine() + timedelta(minutes=5))

    async def cause_pulse_deliveries_unknown(self) -> None:
        """A worker vanished with a question in its hands."""
        await self.declare(ALLIANCE)
        bot, (pulse, *_) = self.health.bot, ALLIANCE.pulses
        at = find_next_slot(pulse, ALLIANCE.timezone, bot.clock.now() - WEEK).at
        assert (await bot.ticker.tick(at))["ask"] == 1
        assert await bot.store.claims.take_due(at, at + timedelta(minutes=1), 10)
        assert await bot.store.claims.expire_leases(at + timedelta(minutes=2))

    async def cause_pulse_rounds_missed(self) -> None:
        await self.declare(ALLIANCE)
        await self.health.bot.ticker.tick(self.health.bot.clock.now())

    async def cause_pulse_ticks_late(self) -> None:
        assert self.health.beat and self.health.beat.last
        self.health.beat.last -= 70

    async def cause_pulse_requests_fail(self) -> None:
        assert await self.post("/broken") == 500

    async def cause_pulse_signatures_refused(self) -> None:
        for _ in range(25):
            assert await self.post("/slack/events") == 401

    async def cause_pulse_answers_slow(self) -> None:
        assert await self.post("/slow") == 200


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async def fail(_: web.Request) -> web.Response:
        raise RuntimeError

    async def refuse(_: web.Request) -> web.Response:
        raise web.HTTPUnauthorized

    async def be_slow(_: web.Request) -> web.Response:
        await asyncio.sleep(1.05)
        return web.Response()

    routes = [web.post("/slack/events", refuse), web.post("/broken", fail), web.post("/slow", be_slow)]
    with fresh("sqlite", tmp_path) as url:
        environment = {
            "DATABASE_URL": url,
            "PULSE_PRIVACY__SECRET": "s" * 40,
            "PULSE_PRIVACY__ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        async with assemble_bot(load_settings(None, environment), Clock()) as bot, Session() as session:
            beat = TickMonitor(5.0)
            beat.beat()
            health = Health(bot, beat)
            async with TestServer(make_application(health, routes), host="127.0.0.1") as server:
                yield Watched(health, server, str(server.make_url("/")).rstrip("/"), session)


@pytest.mark.parametrize("alert", RULES)
async def test_each_alert_fires_when_its_condition_is_caused_and_not_before(
    watched: Watched, alert: str
) -> None:
    before = await watched.look()
    assert not is_firing(RULES[alert], before, before)
    cause = re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", alert)
    await getattr(watched, f"cause{cause}")()
    after = await watched.look()
    assert is_firing(RULES[alert], before, after)
    assert not is_firing(RULES[alert], after, after) or alert not in (
        "PulseRoundsMissed",
        "PulseRequestsFail",
    )


async def test_an_ordinary_day_fires_nothing(watched: Watched) -> None:
    before = await watched.look()
    for _ in range(3):
        await watched.post("/nowhere")
        await watched.post("/slack/events")  # one wrong signature now and then is noise
    assert [alert for alert, rule in RULES.items() if is_firing(rule, before, await watched.look())] == []


def test_there_are_eight_alerts_and_the_guide_says_what_to_do_about_each() -> None:
    told = re.findall(r"^\| `(Pulse\w+)` \|", Path("docs/operating.md").read_text(), re.MULTILINE)
    assert told == list(RULES) and len(RULES) == 8


async def test_the_dashboard_and_the_rules_name_metrics_that_there_are(watched: Watched) -> None:
    await watched.post("/slow")
    bot = watched.health.bot
    bot.metrics.count_tick({"ask": 1})
    before = {name for name, _ in await watched.look()} | {"pulse_platform_answers_total"}
    texts = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    for text in (*texts, *RULES.values()):
        named = re.findall(r"\b(?:pulse|process)_\w+|\bup\b", text)
        assert named and set(named) <= before, text
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert len({(place["x"], place["y"]) for place in places}) == len(places) == 15


@pytest.mark.skipif(not shutil.which("promtool"), reason="no Prometheus here")
def test_prometheus_understands_the_rules() -> None:
    told = subprocess.run(
        ["promtool", "check", "rules", str(FILE)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, "8 rules found" in told.stdout) == (0, True), told.stderr
