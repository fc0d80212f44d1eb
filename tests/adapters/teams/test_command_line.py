"""What an operator does for Teams on the command line."""

import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.app.doctor import examine
from bot.app.main import pulse
from bot.app.settings import Settings, load
from storage import new_key
from tests.databases import fresh
from tests.far.teams import FarTeams, serving
from tests.far.teams_state import APP, NORTHWIND, PASSWORD, two_tenants

KEY = new_key()


def settings_for(far: FarTeams, url: str, password: str = PASSWORD) -> Settings:
    return load(
        None,
        {
            "PULSE_DATABASE__URL": url,
            "PULSE_PRIVACY__SECRET": "s" * 40,
            "PULSE_PRIVACY__ENCRYPTION_KEYS": KEY,
            "PULSE_WEB__PUBLIC_URL": "https://pulse.example.com",
            "PULSE_TEAMS__APP_ID": APP,
            "PULSE_TEAMS__APP_TYPE": "SingleTenant",
            "PULSE_TEAMS__APP_PASSWORD": password,
            "PULSE_TEAMS__TENANT_ID": NORTHWIND,
            "PULSE_TEAMS__OPENID_METADATA_URL": far.openid_url,
            "PULSE_TEAMS__TOKEN_URL": far.token_url,
            "PULSE_TEAMS__SERVICE_HOSTS": far.host,
        },
    )


async def test_the_doctor_says_whether_entra_and_microsoft_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_ENV", "test")
    with fresh("sqlite", tmp_path) as url:
        async with serving(two_tenants(time.time)) as far:
            found = {one.check: one.ok for one in await examine(settings_for(far, url))}
            assert found[f"Entra tenant {NORTHWIND} gives the bot its token"]
            assert found["Microsoft's signing keys can be read"]
            bad = await examine(settings_for(far, url, "wrong-password"))
            (refused,) = [one for one in bad if "Entra tenant" in one.check]
            assert not refused.ok and "no_token_401" in refused.advice
            assert "wrong-password" not in str(bad)


def test_the_app_package_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_TEAMS__APP_ID", APP)
    file = tmp_path / "pulse.zip"
    done = CliRunner().invoke(pulse, ["manifest", "teams", str(file), "--url", "https://pulse.example.com"])
    assert done.exit_code == 0, done.output
    assert APP in zipfile.ZipFile(file).read("manifest.json").decode()


def test_a_package_without_a_registration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_TEAMS__APP_ID", raising=False)
    done = CliRunner().invoke(pulse, ["manifest", "teams", str(tmp_path / "x.zip")])
    assert done.exit_code == 2
    assert "teams.app_id" in done.output
