"""The whole bot behind a company's proxy: nothing goes out beside it, and what the proxy turns away was not sent.

The names of both platforms exist for the proxy alone, so whatever arrives there went through it.
"""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from tests.databases import fresh
from tests.far.slack_socket import APP_TOKEN, SocketServer, with_sockets
from tests.far.teams_entra import private_key, write_pem
from tests.far.teams_state import NORTHWIND
from tests.slow.process import PATIENCE, ROOT
from tests.slow.slack_testbed import FIRST_SLOT
from tests.slow.test_two_platforms import TwoPlatforms, set_up

SLACK, TEAMS = "slack.example", "teams.example"
LOGIN = "pulse:canary-5e1d"


@dataclass(slots=True)
class Company:
    """The network of a company, and both platforms outside it."""

    two: TwoPlatforms
    sockets: SocketServer
    folder: Path
    port: int

    def use_proxy(self, **environment: str) -> None:
        """Let the bot use it by this setting, or by this variable of the environment."""
        own = {name: value for name, value in self.two.bot.settings.items() if "PROXY" not in name}
        self.two.bot.settings = {**own, "SSL_CERT_FILE": str(self.folder / "proxy.pem"), **environment}

    def asked(self) -> set[str]:
        """Return verb, address and status of everything that the proxy was asked for."""
        return set((self.folder / "asked").read_text().splitlines())


@asynccontextmanager
async def behind_a_proxy(folder: Path, database_url: str) -> AsyncIterator[Company]:
    async with set_up(folder, database_url) as two:
        ports = {SLACK: _port(two.slack.base_url), TEAMS: _port(two.teams.base_url)}
        two.slack.base_url, two.teams.base_url = f"https://{SLACK}", f"https://{TEAMS}"
        two.bot.settings = {**two.bot.settings, **_settings(two)}
        (folder / "proxy.pem").write_text(_make_certificate(SLACK, TEAMS))
        told = {"hosts": ports, "login": LOGIN, "certificate": str(folder / "proxy.pem")}
        (folder / "proxy.json").write_text(json.dumps(told))
        module = ("-m", "tests.far.egress_proxy", str(folder))
        proxy = await asyncio.create_subprocess_exec(sys.executable, *module, cwd=ROOT)
        try:
            async with asyncio.timeout(PATIENCE):
                while not (folder / "port").exists():
                    await asyncio.sleep(0.01)
            yield Company(two, with_sockets(two.slack), folder, int((folder / "port").read_text()))
        finally:
            proxy.kill()
            await proxy.wait()


def _settings(two: TwoPlatforms) -> dict[str, str]:
    return {
        "PULSE_WEB__PUBLIC_URL": "https://pulse.example.com",
        "PULSE_SLACK__API_URL": f"https://{SLACK}/api/",
        "PULSE_SLACK__APP_TOKEN": APP_TOKEN,
        "PULSE_TEAMS__OPENID_METADATA_URL": two.teams.openid_url,
        "PULSE_TEAMS__TOKEN_URL": two.teams.token_url,
        "PULSE_TEAMS__GRAPH_URL": two.teams.base_url,
        "PULSE_TEAMS__SERVICE_HOSTS": TEAMS,
    }


async def test_everything_goes_through_the_proxy_and_what_it_turns_away_waits(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as url:
        async with behind_a_proxy(tmp_path, url) as company:
            two, own = company.two, f"127.0.0.1:{company.port}"
            company.use_proxy(PULSE_NETWORK__PROXY=f"http://pulse:wrong@{own}")
            await two.bot.command("apply", "alliance.toml")
            two.clock.move_to(FIRST_SLOT)
            await two.bot.start()
            await two.until(lambda: len(company.asked()) > 1, "tried")
            await asyncio.sleep(1)  # ten ticks
            assert company.asked() == {f"CONNECT {host}:443 407" for host in (SLACK, TEAMS)}
            assert "unknown" not in _read_states(url), "nobody can have got it"
            await two.bot.stop()

            company.use_proxy(HTTPS_PROXY=f"http://{LOGIN}@{own}")
            (tmp_path / "asked").write_text("")
            two.clock.move_to(FIRST_SLOT + timedelta(minutes=10))
            await two.bot.start()
            await two.until(lambda: bool(two.on_slack() and two.on_teams()), "asked")
            await two.until(lambda: company.sockets.seen["connections"] > 0, "connected by Socket Mode")
            two.teams_hand.bot_url = f"{two.bot.url}/api/messages"
            await two.teams_hand.write("29:1-1-3", "score")
            await two.until(lambda: bool(two.told_on_teams("29:1-1-3")), "a reply on Teams")
            fine, advice = await _examine(two)
            assert {
                f"Entra tenant {NORTHWIND} gives the bot its token",
                "Microsoft's signing keys can be read",
            } <= fine
            assert "can't be reached" not in advice
            assert company.asked() == {f"CONNECT {host}:443 200" for host in (SLACK, TEAMS)}
            assert not [secret for secret in ("canary-5e1d", "wrong") if secret in two.bot.log]


def _read_states(database_url: str) -> set[str]:
    with sqlite3.connect(database_url.partition("///")[2], timeout=10) as database:
        return {state for (state,) in database.execute("SELECT state FROM delivery")}


async def _examine(two: TwoPlatforms) -> tuple[set[str], str]:
    """Return the doctor's checks that are fine, and its advice on the others."""
    run = await two.bot.spawn("doctor", "--json", out=asyncio.subprocess.PIPE)
    told, _ = await asyncio.wait_for(run.communicate(), PATIENCE)
    found = json.loads(told)
    return {row["check"] for row in found if row["ok"]}, " ".join(row["advice"] for row in found)


def _port(base_url: str) -> int:
    return int(base_url.rpartition(":")[2])


def _make_certificate(*hosts: str) -> str:
    """Return key and certificate of an authority that vouches for itself, as PEM."""
    key, title = private_key("app"), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Proxy")])
    began = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(title, title, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(began).not_valid_after(began + timedelta(days=9))
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    made = made.add_extension(names, critical=False).add_extension(
        x509.BasicConstraints(True, None), critical=True
    )
    return write_pem(made.sign(key, hashes.SHA256()))
