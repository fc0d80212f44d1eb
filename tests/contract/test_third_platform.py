"""A third platform is a folder and one line: Toychat (`tests/contract/toy`) joins the whole bot as its plugin alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.app.clock.clock import Clock
from bot.app.config.load import load_settings
from bot.app.config.schema import Settings
from bot.app.config.section import BadSettings
from bot.app.platforms import PLUGINS
from bot.app.runtime.worker import drain_outbox
from bot.app.wiring import assemble_bot
from tests import databases
from tests.contract.serve_routes import serve_routes
from tests.contract.toy.far import TOKEN, FarToy, serve_toychat
from tests.contract.toy.plugin import TOY

WITH_TOY = (*PLUGINS, TOY)
ALLIANCE = """
[[alliance]]
key = "a"
name = "Northwind × Meridian"
timezone = "UTC"
sponsor = { name = "Northwind", toy = ["northwind"], leads = [{ platform = "toy", workspace = "toy", user = "anna" }] }
cro = { name = "Meridian", toy = ["meridian"] }
channel = [{ platform = "toy", workspace = "toy", address = "#joint" }]
pulse = [{ key = "weekly", days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], time = "00:00" }]
"""


def read_settings(folder: Path, url: str, far: FarToy, alliance: str = ALLIANCE) -> Settings:
    file = folder / "config.toml"
    file.write_text(alliance)
    environment = {
        "DATABASE_URL": url,
        "PULSE_PRIVACY__SECRET": "s" * 40,
        "PULSE_PRIVACY__ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "PULSE_TOY__URL": far.url,
        "PULSE_TOY__TOKEN": TOKEN,
    }
    return load_settings(file, environment, WITH_TOY)


async def test_a_question_is_asked_and_answered_on_a_third_platform(tmp_path: Path) -> None:
    with databases.fresh("sqlite", tmp_path) as url:
        async with serve_toychat() as far:
            settings = read_settings(tmp_path, url, far)
            async with assemble_bot(settings, Clock(), WITH_TOY) as bot, serve_routes(bot) as far.bot_url:
                now = datetime.now(UTC)
                alliances = [table.to_alliance() for table in settings.alliance]
                await bot.store.alliances.declare(alliances, now - timedelta(days=2))
                tomorrow = now.replace(hour=0, minute=1) + timedelta(days=1)
                await bot.ticker.tick(tomorrow)
                await drain_outbox(bot, tomorrow)
                (question,) = far.messages
                await far.tell(
                    "ben", {"type": "pressed", "value": question["buttons"][3]["value"], "channel": "#joint"}
                )
    assert question["place"] == "#joint"
    assert "4 · Agree" in far.private["ben"][0]["text"]


async def test_its_ids_and_settings_are_checked_like_any_others(tmp_path: Path) -> None:
    async with serve_toychat() as far:
        with pytest.raises(BadSettings, match="a Toychat channel, for example #joint"):
            read_settings(tmp_path, "sqlite://", far, ALLIANCE.replace("#joint", "joint"))
        with pytest.raises(BadSettings, match=r"toy\.token: a secret"):
            read_settings(tmp_path, "sqlite://", far, f'[toy]\ntoken = "t"\n{ALLIANCE}')
        with pytest.raises(BadSettings, match="toy: no such key"):
            load_settings(tmp_path / "config.toml", {})


def test_without_its_line_nobody_knows_it(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(ALLIANCE)
    with pytest.raises(BadSettings, match="platform"):
        load_settings(file, {})
