"""The bot in a process of its own, on a strict Teams, with one alliance declared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import storage
from tests.far.teams import FarTeams
from tests.far.teams_state import APP, JOINT, MERIDIAN, NORTHWIND, PASSWORD
from tests.slow.process import BotProcess

ALLIANCE = f"""
[[alliance]]
key = "nw"
name = "Northwind × Meridian"
timezone = "Europe/Berlin"
[alliance.sponsor]
name = "Northwind"
entra = ["{NORTHWIND}"]
[alliance.cro]
name = "Meridian"
entra = ["{MERIDIAN}"]
[[alliance.channel]]
platform = "teams"
workspace = "{NORTHWIND}"
address = "{JOINT}"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
"""


@asynccontextmanager
async def teams_bot(folder: Path, far: FarTeams, database_url: str) -> AsyncIterator[BotProcess]:
    (folder / "alliance.toml").write_text(ALLIANCE)
    bot = BotProcess(folder, _settings(far, database_url))
    await bot.start()
    try:
        await bot.command("apply", "alliance.toml")
        yield bot
    finally:
        await bot.stop()


def _settings(far: FarTeams, url: str) -> dict[str, str]:
    return {
        "PULSE_ENV": "test",
        "PULSE_DATABASE__URL": url,
        "PULSE_PRIVACY__SECRET": "a secret of at least thirty-two characters",
        "PULSE_PRIVACY__ENCRYPTION_KEYS": storage.make_key(),
        "PULSE_TEAMS__APP_ID": APP,
        "PULSE_TEAMS__APP_TYPE": "SingleTenant",
        "PULSE_TEAMS__APP_PASSWORD": PASSWORD,
        "PULSE_TEAMS__TENANT_ID": NORTHWIND,
        "PULSE_TEAMS__OPENID_METADATA_URL": far.openid_url,
        "PULSE_TEAMS__TOKEN_URL": far.token_url,
        "PULSE_TEAMS__GRAPH_URL": far.base_url,
        "PULSE_TEAMS__SERVICE_HOSTS": far.host,
    }
