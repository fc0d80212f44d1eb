"""Setting Teams up: a wrong identity stops the start by the key's name, and the app package is what Teams takes."""

import io
import json
import re
import struct
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.teams.manifest import (
    VERSION,
    PackageOptions,
    build_package,
    build_teams_manifest,
    renew_package,
)
from bot.app.config.load import load_settings, mask_secrets
from bot.app.config.schema import Settings
from bot.app.config.section import BadSettings
from bot.app.platforms.teams.wiring import read_allowed_hosts, read_registrations
from bot.model.alliance import Side
from tests.far.teams_entra import make_certificate, write_pem
from tests.far.teams_state import APP, MERIDIAN, NORTHWIND

RIGHT = {
    "PULSE_TEAMS__APP_ID": APP,
    "PULSE_TEAMS__APP_TYPE": "SingleTenant",
    "PULSE_TEAMS__APP_PASSWORD": "hush-hush-hush-hush",
    "PULSE_TEAMS__TENANT_ID": NORTHWIND.upper(),
}


CERTIFICATE = make_certificate(datetime(2027, 12, 1, tzinfo=UTC))
PEM = write_pem(CERTIFICATE)
BY_CERTIFICATE = {"PULSE_TEAMS__APP_PASSWORD": "", "PULSE_TEAMS__APP_CERTIFICATE": PEM}


def right_now() -> datetime:
    return datetime.now(UTC)


def check_settings_of(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> Settings:
    monkeypatch.delenv("PULSE_ENV", raising=False)
    settings = load_settings(None, given)
    if settings.teams.is_wanted:
        read_registrations(settings, right_now)
        read_allowed_hosts(settings)
    return settings


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"PULSE_TEAMS__APP_ID": ""}, "teams.app_id"),
        ({"PULSE_TEAMS__APP_ID": "my bot"}, "teams.app_id"),
        ({"PULSE_TEAMS__APP_TYPE": ""}, "teams.app_type"),
        ({"PULSE_TEAMS__APP_TYPE": "SingleTenent"}, "teams.app_type"),
        ({"PULSE_TEAMS__APP_TYPE": "MultiTenant"}, "teams.app_type"),
        ({"PULSE_TEAMS__APP_PASSWORD": ""}, "teams.app_password"),
        ({"PULSE_TEAMS__TENANT_ID": ""}, "teams.tenant_id"),
        ({"PULSE_TEAMS__TENANT_ID": "contoso"}, "teams.tenant_id"),
        ({"PULSE_TEAMS__TOKEN_URL": "http://login.example.com/token"}, "teams.token_url"),
        ({"PULSE_TEAMS__OPENID_METADATA_URL": "http://login.example.com/"}, "teams.openid_metadata_url"),
        ({"PULSE_TEAMS__SERVICE_HOSTS": "*.trafficmanager.net"}, "teams.service_hosts"),
        ({"PULSE_TEAMS__SERVICE_HOSTS": "127.0.0.1:8000"}, "teams.service_hosts"),
        ({"PULSE_TEAMS__SERVICE_HOSTS": ""}, "teams.service_hosts"),
        ({"PULSE_TEAMS_PARTNER__APP_ID": APP}, "teams_partner.app_type"),
        ({"PULSE_TEAMS_PARTNER__APP_PASSWORD": "hush"}, "teams_partner.app_type"),
        ({"PULSE_TEAMS__APP_CERTIFICATE": PEM}, "app_certificate: both are set"),
        (BY_CERTIFICATE | {"PULSE_TEAMS__APP_CERTIFICATE": "hush"}, "teams.app_certificate: must hold one"),
        (BY_CERTIFICATE | {"PULSE_TEAMS__APP_CERTIFICATE": PEM.replace("MII", "hush")}, "cannot be read"),
        (
            BY_CERTIFICATE | {"PULSE_TEAMS__APP_CERTIFICATE": write_pem(CERTIFICATE, "other")},
            "RSA key of the",
        ),
    ],
)
def test_a_wrong_identity_is_named_and_no_secret_is_shown(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str
) -> None:
    with pytest.raises(BadSettings) as refusal:
        check_settings_of(monkeypatch, RIGHT | change)
    assert named in str(refusal.value)
    assert "hush" not in str(refusal.value)


def test_each_company_may_have_a_registration_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {
        "PULSE_TEAMS_PARTNER__APP_ID": "5b3f9a52-0000-4000-8000-0000000000bb",
        "PULSE_TEAMS_PARTNER__APP_TYPE": "UserAssignedMSI",
        "PULSE_TEAMS_PARTNER__TENANT_ID": MERIDIAN,
    }
    settings = check_settings_of(monkeypatch, RIGHT | other)
    assert [registration.tenant for registration in read_registrations(settings, right_now)] == [
        NORTHWIND,
        MERIDIAN,
    ]
    with pytest.raises(BadSettings, match=r"teams_partner\.tenant_id"):
        check_settings_of(monkeypatch, RIGHT | other | {"PULSE_TEAMS_PARTNER__TENANT_ID": NORTHWIND})


def test_a_certificate_stands_in_for_the_password_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = check_settings_of(monkeypatch, RIGHT | BY_CERTIFICATE)
    (registration,) = read_registrations(settings, right_now)
    assert registration.certificate and registration.certificate.expires.year == 2027
    assert "PRIVATE" not in f"{settings!r}{registration!r}{mask_secrets(settings)}"


def test_teams_is_off_as_long_as_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not check_settings_of(monkeypatch, {}).teams.is_wanted


def test_no_token_is_asked_for_only_in_tests_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_ENV", "test")
    only = {"PULSE_TEAMS__APP_ID": APP}
    assert read_registrations(load_settings(None, only), right_now)[0].app_type == ""
    with pytest.raises(BadSettings, match=r"teams\.app_type"):
        read_registrations(load_settings(None, only | {"PULSE_WEB__HOST": "0.0.0.0"}), right_now)


ALLIANCE = f"""
[[alliance]]
key = "a"
name = "A × B"
timezone = "Europe/Berlin"
[alliance.sponsor]
name = "A"
entra = ["{NORTHWIND.upper()}"]
leads = [{{ platform = "teams", workspace = "{NORTHWIND.upper()}", user = "{APP.upper()}" }}]
[alliance.cro]
name = "B"
entra = ["{MERIDIAN}"]
[[alliance.channel]]
platform = "teams"
workspace = "{NORTHWIND.upper()}"
address = "19:joint@thread.tacv2"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
"""


def test_capitals_in_entra_ids_are_the_same_id(tmp_path: Path) -> None:
    file = tmp_path / "alliance.toml"
    file.write_text(ALLIANCE)
    alliance = load_settings(file, {}).alliance[0].to_alliance()
    (lead,) = alliance.sponsor.leads
    assert (lead.id, lead.workspace, lead.home) == (f"{NORTHWIND}/{APP}", NORTHWIND, (NORTHWIND,))
    assert alliance.sponsor.homes == {("teams", NORTHWIND)}
    assert alliance.channels[0].workspace == NORTHWIND


THIRD = "8f0c0000-0000-4000-8000-000000000009"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            ALLIANCE.replace("@thread.tacv2", "@thread.tacv2;messageid=1700000000000"),
            ["channel.0", "nothing after a semicolon"],
        ),
        (
            ALLIANCE.replace(
                f'workspace = "{NORTHWIND.upper()}"\naddress', f'workspace = "{THIRD}"\naddress'
            ),
            [f"channel: the tenant '{THIRD}' is not in `entra` of either company"],
        ),
        (
            ALLIANCE.replace(f'entra = ["{MERIDIAN}"]', f'entra = ["guests-of-{THIRD}"]'),
            [f"'guests-of-{THIRD}': no channel of the alliance is in that tenant"],
        ),
    ],
)
def test_a_declaration_that_cannot_work_on_teams_is_refused(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    file = tmp_path / "alliance.toml"
    file.write_text(text)
    with pytest.raises(BadSettings) as refusal:
        load_settings(file, {})
    assert all(name in str(refusal.value) for name in names), str(refusal.value)


def test_the_guides_declaration_is_complete(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(\[\[alliance\]\].+?)```", Path("docs/teams.md").read_text(), re.DOTALL)
    for place, value in (("tenant id of Northwind", NORTHWIND), ("tenant id of Meridian", MERIDIAN)):
        text = text.replace(f"<{place}>", value)
    file = tmp_path / "alliance.toml"
    file.write_text(re.sub(r"<object id of \w+>", APP, text).replace("19:…@", "19:joint@"))
    alliance = load_settings(file, {}).alliance[0].to_alliance()
    assert [len(alliance.organisation(side).leads) for side in Side] == [1, 1]


def test_guests_of_the_tenant_that_holds_the_channel_may_be_declared(tmp_path: Path) -> None:
    file = tmp_path / "alliance.toml"
    file.write_text(ALLIANCE.replace(f'entra = ["{MERIDIAN}"]', f'entra = ["guests-of-{NORTHWIND}"]'))
    alliance = load_settings(file, {}).alliance[0].to_alliance()
    assert alliance.cro.homes == {("teams", f"guests-of-{NORTHWIND}")}


def test_the_package_holds_a_manifest_and_icons_of_the_sizes_that_teams_wants() -> None:
    zipped = zipfile.ZipFile(io.BytesIO(build_package(APP, "https://pulse.example.com/")))
    assert sorted(zipped.namelist()) == ["color.png", "manifest.json", "outline.png"]
    told = json.loads(zipped.read("manifest.json"))
    assert told["bots"][0]["botId"] == told["id"] == told["webApplicationInfo"]["id"] == APP
    assert told["developer"]["websiteUrl"] == "https://pulse.example.com"
    assert _pixels(zipped.read("color.png")) == (192, 192)
    assert _pixels(zipped.read("outline.png")) == (32, 32)
    assert build_package(APP, "https://pulse.example.com/") == build_package(
        APP, "https://pulse.example.com/"
    )


def read_version(package: bytes) -> list[int]:
    told = json.loads(zipfile.ZipFile(io.BytesIO(package)).read("manifest.json"))
    return [int(part) for part in told["version"].split(".")]


def test_the_packages_version_rises_when_and_only_when_it_holds_something_else() -> None:
    now, url = datetime(2026, 12, 1, 23, 17, tzinfo=UTC), "https://pulse.example.com"
    first = renew_package(build_package(APP, "https://old.example.com"), now, APP, url).content
    assert read_version(first) == [2026, 1201, 2317]
    later = now + timedelta(days=40)
    assert renew_package(first, later, APP, url).content == first
    for wrong_clock in (now, now - timedelta(days=400)):
        second = renew_package(first, wrong_clock, APP, url, PackageOptions(slash=True)).content
        assert read_version(second) > read_version(first)
    third = renew_package(second, later, APP, "https://new.example.com").content
    assert read_version(third) > read_version(second)
    assert read_version(renew_package(b"", later, APP, url).content) > read_version(second), (
        "the old one was lost"
    )


@pytest.mark.parametrize("old", [b"junk", b"PK", build_package(APP, "https://x.example")[:-40]])
def test_a_file_that_is_no_package_is_replaced(old: bytes) -> None:
    made = renew_package(old, datetime(2027, 1, 5, 8, 0, tzinfo=UTC), APP, "https://pulse.example.com")
    assert read_version(made.content) == [2027, 105, 800]


EVERY_WISH = [PackageOptions(reads, slash) for reads in (True, False) for slash in (True, False)]


@pytest.mark.parametrize("wishes", EVERY_WISH)
def test_the_manifest_keeps_teams_limits(wishes: PackageOptions) -> None:
    """https://learn.microsoft.com/en-us/microsoft-365/extensibility/schema/; Microsoft's schema itself is asked in
    `tests/browser/test_manifests.py`."""
    told = build_teams_manifest(APP, "https://pulse.example.com", wishes)
    assert told["manifestVersion"] == VERSION
    assert len(told["name"]["short"]) <= 30
    assert len(told["description"]["short"]) <= 80 and len(told["description"]["full"]) <= 4000
    (bot,) = told["bots"]
    assert set(bot["scopes"]) <= {"team", "personal", "groupChat"}
    assert 1 <= len(bot["commandLists"]) <= 3
    for command_list in bot["commandLists"]:
        assert 1 <= len(command_list["commands"]) <= 12
        assert all(
            0 < len(c["title"]) <= 128 and 0 < len(c["description"]) <= 4000 for c in command_list["commands"]
        )


ROSTER = {"ChannelMember.Read.Group"}


def test_what_is_asked_for_is_what_was_wished_for() -> None:
    told = build_teams_manifest(APP, "https://pulse.example.com")
    asked = {permission["name"] for permission in told["authorization"]["permissions"]["resourceSpecific"]}
    assert {"ChannelMessage.Read.Group", "TeamsAppInstallation.Read.Group", *ROSTER} <= asked
    assert "supportsTargetedMessages" not in told["bots"][0]
    titles = [command_list["title"] for command_list in told["bots"][0]["commandLists"][0]["commands"]]
    assert {"score", "pulse", "comment", "digest", "help"} <= set(titles)
    less = build_teams_manifest(
        APP, "https://pulse.example.com", PackageOptions(reads_channel=False, slash=True)
    )
    members = [{"name": "ChannelMember.Read.Group", "type": "Application"}]
    assert less["authorization"]["permissions"]["resourceSpecific"] == members
    (bot,) = less["bots"]
    assert bot["supportsTargetedMessages"] is True
    assert {
        command_list["scopes"][0]: command_list.get("triggers") for command_list in bot["commandLists"]
    } == {
        "team": ["mention", "slash"],
        "groupChat": ["mention", "slash"],
        "personal": None,
    }


def _pixels(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height
