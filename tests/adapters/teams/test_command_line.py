"""What an operator does for Teams on the command line."""

import json
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.app.cli.main import pulse
from bot.app.clock.clock import Clock
from bot.app.config.load import load_settings
from bot.app.config.schema import Settings
from bot.app.doctor.checks import examine_bot
from bot.app.platforms.teams.doctor import diagnose_platform as teams_findings
from bot.app.platforms.teams.entra_advice import explain_refusal
from bot.app.wiring import assemble_bot
from bot.model.alliance import Alliance, Channel, Organisation
from storage import make_key
from tests.databases import fresh
from tests.far.teams import FarTeams, serving
from tests.far.teams_entra import make_certificate, write_pem
from tests.far.teams_state import APP, JOINT, MERIDIAN, NORTHWIND, PASSWORD, TEAM, two_tenants

KEY = make_key()


def settings_for(far: FarTeams, url: str, password: str = PASSWORD, certificate: str = "") -> Settings:
    return load_settings(
        None,
        {
            "PULSE_DATABASE__URL": url,
            "PULSE_PRIVACY__SECRET": "s" * 40,
            "PULSE_PRIVACY__ENCRYPTION_KEYS": KEY,
            "PULSE_WEB__PUBLIC_URL": "https://pulse.example.com",
            "PULSE_TEAMS__APP_ID": APP,
            "PULSE_TEAMS__APP_TYPE": "SingleTenant",
            "PULSE_TEAMS__APP_PASSWORD": password,
            "PULSE_TEAMS__APP_CERTIFICATE": certificate,
            "PULSE_TEAMS__TENANT_ID": NORTHWIND,
            "PULSE_TEAMS__OPENID_METADATA_URL": far.openid_url,
            "PULSE_TEAMS__TOKEN_URL": far.token_url,
            "PULSE_TEAMS__GRAPH_URL": far.base_url,
            "PULSE_TEAMS__SERVICE_HOSTS": far.host,
        },
    )


async def test_the_doctor_says_whether_entra_and_microsoft_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_ENV", "test")
    with fresh("sqlite", tmp_path) as url:
        async with serving(two_tenants(time.time)) as far:
            found = {finding.check: finding.ok for finding in await examine_bot(settings_for(far, url))}
            assert found[f"Entra tenant {NORTHWIND} gives the bot its token"]
            assert found["Microsoft's signing keys can be read"]
            bad = await examine_bot(settings_for(far, url, "wrong-password"))
            (refused,) = [finding for finding in bad if "Entra tenant" in finding.check]
            assert not refused.ok and "AADSTS7000215: the password is wrong" in refused.advice
            assert "wrong-password" not in str(bad)
            far.entra_error = 7000229
            bad = await examine_bot(settings_for(far, url, "wrong-password"))
            (refused,) = [finding for finding in bad if "Entra tenant" in finding.check]
            assert "no service principal in the tenant" in refused.advice
            assert "Trace ID" not in str(bad)


async def test_a_certificate_gets_the_token_and_the_doctor_warns_before_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_ENV", "test")
    with fresh("sqlite", tmp_path) as url:
        async with serving(two_tenants(time.time)) as far:
            for days, is_fine in ((40, True), (20, False)):
                far.certificate = make_certificate(datetime.now(UTC) + timedelta(days=days))
                settings = settings_for(far, url, "", write_pem(far.certificate))
                found = {finding.check: finding.ok for finding in await examine_bot(settings)}
                assert found[f"Entra tenant {NORTHWIND} gives the bot its token"]
                assert [ok for check, ok in found.items() if "certificate for tenant" in check] == [is_fine]
            far.certificate = make_certificate(datetime.now(UTC) + timedelta(days=40), "other")
            assert "gives the bot its token" in str([f for f in await examine_bot(settings) if not f.ok])


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("no_token", "no_token: Entra was not reached"),
        ("no_token_503", "no_token_503: check app id"),
        ("no_token_400_AADSTS90002", "AADSTS90002: there is no such tenant"),
        ("no_token_400_AADSTS123456", "no_token_400_AADSTS123456: check app id"),
    ],
)
def test_every_refusal_of_entra_is_told_with_its_code(reason: str, says: str) -> None:
    assert explain_refusal(reason).startswith(says)


ALLIANCE = Alliance(
    key="nw",
    name="N × M",
    timezone="UTC",
    sponsor=Organisation("N", frozenset({("teams", NORTHWIND)})),
    cro=Organisation("M", frozenset({("teams", MERIDIAN)})),
    channels=(Channel("teams", NORTHWIND, JOINT),),
)


async def test_the_doctor_says_which_messages_teams_passes_on_and_whom_it_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_ENV", "test")
    with fresh("sqlite", tmp_path) as url:
        async with (
            serving(two_tenants(time.time)) as far,
            assemble_bot(settings_for(far, url), Clock()) as bot,
        ):
            await bot.store.alliances.declare([ALLIANCE])

            async def told() -> str:
                return str(
                    [
                        finding
                        for finding in await teams_findings(bot)
                        if not finding.check.startswith("Entra")
                    ]
                )

            assert "nothing has arrived from the channel yet" in await told()
            await bot.store.values.save_value(f"teams.team.{NORTHWIND}.{JOINT}", TEAM)
            assert "Teams passes on every message" in await told()
            far.state.granted = set()
            assert "only passes on messages that mention the bot" in await told()
            assert "0000-000000000009" not in await told()
            await bot.store.values.save_value("teams.refused_tenant", "8f0c0000-0000-4000-8000-000000000009")
            assert "8f0c0000-0000-4000-8000-000000000009" in await told()


def test_the_app_package_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_TEAMS__APP_ID", APP)
    file = tmp_path / "pulse.zip"
    done = CliRunner().invoke(pulse, ["manifest", "teams", str(file), "--url", "https://pulse.example.com"])
    assert done.exit_code == 0, done.output
    assert APP in zipfile.ZipFile(file).read("manifest.json").decode()


def test_the_app_package_names_the_public_address_and_stays_as_it_is_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_TEAMS__APP_ID", APP)
    monkeypatch.setenv("PULSE_WEB__PUBLIC_URL", "https://pulse.northwind.example")
    file = tmp_path / "pulse.zip"

    def make(*words: str) -> tuple[str, dict[str, Any]]:
        done = CliRunner().invoke(pulse, ["manifest", "teams", str(file), *words])
        assert done.exit_code == 0, done.output
        return done.output, json.loads(zipfile.ZipFile(file).read("manifest.json"))

    first, told = make()
    assert told["developer"]["privacyUrl"] == "https://pulse.northwind.example/privacy"
    assert told["version"] in first
    written = file.read_bytes()
    assert "holds all of this already" in make()[0] and file.read_bytes() == written
    _, changed = make("--slash")
    assert [int(part) for part in changed["version"].split(".")] > [
        int(p) for p in told["version"].split(".")
    ]
    monkeypatch.delenv("PULSE_WEB__PUBLIC_URL")
    done = CliRunner().invoke(pulse, ["manifest", "teams", str(file)])
    assert (done.exit_code, "set web.public_url" in done.output) == (2, True), done.output


def test_a_package_without_a_registration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong, says in (("", "teams.app_id is not set"), ("pulse", "teams.app_id: must be an id like")):
        monkeypatch.setenv("PULSE_TEAMS__APP_ID", wrong)
        done = CliRunner().invoke(pulse, ["manifest", "teams", str(tmp_path / "x.zip")])
        assert (done.exit_code, says in done.output) == (2, True), done.output
    assert not list(tmp_path.iterdir())
