"""A wrong configuration is refused by the name of the key, and never shows a secret."""

import re
import tomllib
from pathlib import Path

import pytest

from bot.app.config.alliances import ChannelTable, FormalPathTable, PulseTable, alliance_model
from bot.app.config.load import load_alliances, load_settings
from bot.app.config.section import BadSettings
from bot.app.platforms import PLUGINS
from bot.model.alliance import FormalPath, Side
from bot.questions.bank import find_bank

EXAMPLE = Path("config.example.toml")

ALLIANCE = """
[[alliance]]
key = "a"
name = "A × B"
timezone = "Europe/Berlin"
[alliance.sponsor]
name = "A"
slack = ["T1"]
[alliance.cro]
name = "B"
slack = ["T2"]
[[alliance.channel]]
platform = "slack"
workspace = "T1"
address = "C1"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
"""


def settings_from(tmp_path: Path, text: str, **environment: str) -> object:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return load_settings(file, environment)


@pytest.mark.parametrize(
    ("text", "environment", "names"),
    [
        ("[web]\nport = 99999", {}, ["web.port", "65535"]),
        ("[web]\nprot = 1", {}, ["web.prot", "no such key"]),
        ("[wab]\nport = 1", {}, ["wab", "no such key"]),
        ("port = ", {}, ["not valid TOML"]),
        ("", {"PULSE_WEB__PORT": "many"}, ["web.port", "integer"]),
        ("", {"PULSE_NONSENSE": "1"}, ["PULSE_NONSENSE", "PULSE_SECTION__KEY"]),
        ("", {"PULSE_WEB__PROT": "1"}, ["web.prot", "no such key"]),
        ("", {"PORT": "x"}, ["web.port"]),
        ("", {"PULSE_SLACK__BOT_TOKEN_FILE": "/nowhere"}, ["PULSE_SLACK__BOT_TOKEN_FILE", "cannot be read"]),
        ('[slack]\nbot_token = "xoxb-hush"', {}, ["slack.bot_token", "PULSE_SLACK__BOT_TOKEN"]),
        ("", {"PULSE_PRIVACY__SECRET": "short-hush"}, ["privacy.secret", "32"]),
        ('[web]\nhost = "0.0.0.0"\n[sandbox]\nenabled = true', {}, ["sandbox.enabled", "loopback"]),
        (
            '[web]\npublic_url = "https://pulse.example.com"\n[sandbox]\nenabled = true',
            {},
            ["sandbox.enabled", "web.public_url"],
        ),
        ("", {"PULSE_SANDBOX__ENABLED": "true", "PULSE_SLACK__BOT_TOKEN": "x"}, ["sandbox.enabled", "Slack"]),
        (
            '[teams]\napp_id = "x"\n[sandbox]\nenabled = true',
            {},
            ["sandbox.enabled", "Teams"],
        ),
        (ALLIANCE.replace("Europe/Berlin", "Europe/Berln"), {}, ["timezone", "Europe/Berln"]),
        (ALLIANCE.replace('"T2"', '"T1"'), {}, ["alliance", "both sides"]),
        (ALLIANCE.replace('"tue"', '"tues"'), {}, ["days", "'tue'"]),
        (ALLIANCE.replace("09:00", "25:00"), {}, ["time"]),
        (ALLIANCE.replace('"slack"', '"irc"'), {}, ["platform", "'slack'"]),
        (ALLIANCE.replace('"09:00"', "9"), {}, ["pulse.0.time", '"09:00"']),
        (
            ALLIANCE.replace('"T2"', '"b.slack.com"'),
            {},
            ["cro.slack.0", "'b.slack.com'", "Slack workspace (T…)"],
        ),
        (ALLIANCE.replace('"C1"', '"#joint"'), {}, ["channel.0", "'#joint'", "Slack channel's id (C…)"]),
        (
            ALLIANCE.replace('slack = ["T2"]', 'entra = ["b.com"]'),
            {},
            ["cro.entra.0", "id of an Entra tenant"],
        ),
        (ALLIANCE.replace('slack = ["T2"]', ""), {}, ["alliance.0", "cro: name an id of the company"]),
        (ALLIANCE.replace('slack = ["T2"]', 'slack = "T2"'), {}, ["cro.slack", "must be a list, [ … ]"]),
        (
            ALLIANCE.replace('name = "B"', 'name = "B"\nname = "C"'),
            {},
            ["the same key stands there twice", "line"],
        ),
        (ALLIANCE.replace("[[alliance]]", "[alliance]"), {}, ["alliance", "[[alliance]]"]),
        (
            ALLIANCE.replace('key = "a"', 'key = "A B"'),
            {},
            ["alliance.0.key", "small letters, digits and hyphens"],
        ),
        ("web = 3", {}, ["web: must be a section, [web]"]),
        ('[web]\npublic_url = "pulse.example.com"', {}, ["web.public_url", "https://pulse.example.com"]),
        (ALLIANCE.replace('key = "weekly"', 'key = "weekly"\nminimum = 3'), {}, ["minimum", "no such key"]),
        (ALLIANCE.replace('key = "a"', 'key = "a"\nminimum = 3'), {}, ["minimum", "5"]),
        (
            ALLIANCE.replace('key = "a"', 'key = "a"\nbank = "nowhere.toml"'),
            {},
            ["alliance.bank", "nowhere.toml"],
        ),
        (ALLIANCE.replace('key = "a"', 'key = "a"\nbank = "config.toml"'), {}, ["bank", "alliance"]),
    ],
)
def test_a_wrong_key_or_value_is_named(
    tmp_path: Path, text: str, environment: dict[str, str], names: list[str]
) -> None:
    with pytest.raises(BadSettings) as refusal:
        settings_from(tmp_path, text, **environment)
    assert all(name in str(refusal.value) for name in names), str(refusal.value)
    assert "hush" not in str(refusal.value)


def test_what_is_wrong_is_said_once_and_not_in_the_words_of_a_library(tmp_path: Path) -> None:
    for wrong in (ALLIANCE.replace('"tue"', '"tues"'), ALLIANCE.replace('time = "09:00"', "")):
        with pytest.raises(BadSettings) as refusal:
            settings_from(tmp_path, wrong)
        assert len(str(refusal.value).splitlines()) == 1
        assert not re.search("Value error|[Tt]uple|Input|Field required", str(refusal.value))


@pytest.mark.parametrize("raw", [b"\xff\xfe", None])
def test_a_file_that_is_no_text_or_no_file_is_named(tmp_path: Path, raw: bytes | None) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(raw) if raw else file.mkdir()
    with pytest.raises(BadSettings, match=r"config\.toml: (not text in UTF-8|cannot be read)"):
        load_settings(file, {})


def test_the_environment_wins_over_the_file_and_secrets_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 40 + "\n")
    file = tmp_path / "config.toml"
    file.write_text('[web]\nport = 1234\n[database]\nurl = "sqlite:///x"')
    settings = load_settings(
        file,
        {
            "PULSE_WEB__PORT": "4321",
            "DATABASE_URL": "postgresql:///y",
            "PULSE_PRIVACY__SECRET_FILE": str(secret),
        },
    )
    assert settings.web.port == 4321
    assert settings.database.url.get_secret_value() == "postgresql:///y"
    assert settings.privacy.secret.get_secret_value() == "s" * 40
    assert "s" * 40 not in repr(settings)


def test_an_alliance_brings_a_bank_of_its_own_by_the_name_of_a_file(tmp_path: Path) -> None:
    bank = 'name = "ours"\nversion = 1\nextends = true\n[[item]]\nkey = "vision"\nversion = 2\n'
    (tmp_path / "ours.toml").write_text(f'{bank}dimension = "vision"\nkind = "core"\ntext = "We know why."')
    file = tmp_path / "config.toml"
    file.write_text(ALLIANCE.replace('key = "a"', 'key = "a"\nbank = "ours.toml"'))
    (alliance,) = (table.to_alliance() for table in load_settings(file, {}).alliance)
    assert find_bank(alliance).core[0].text == "We know why."


@pytest.mark.parametrize("place", ["vision", "bank", "formal"])
def test_words_that_everybody_reads_may_not_identify_a_patient(tmp_path: Path, place: str) -> None:
    words = "Bring NW-101 to subject 0012 first."
    bank = 'name = "ours"\nversion = 1\nextends = true\n[[item]]\nkey = "vision"\nversion = 2\n'
    (tmp_path / "ours.toml").write_text(f'{bank}dimension = "vision"\nkind = "core"\ntext = "{words}"')
    lines = {
        "vision": f'vision = "{words}"',
        "bank": 'bank = "ours.toml"',
        "formal": f'formal.safety = "{words}"',
    }
    file = tmp_path / "config.toml"
    file.write_text(ALLIANCE.replace('key = "a"', f'key = "a"\n{lines[place]}'))
    with pytest.raises(BadSettings, match="what looks like the subject number of a patient") as refused:
        load_settings(file, {})
    assert place in str(refused.value) and "0012" not in str(refused.value)


def test_an_alliance_declares_its_formal_path(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    lines = 'formal.safety = "safety@northwind.example"\nformal.phone = "+49 30 5550100"'
    file.write_text(ALLIANCE.replace('key = "a"', f'key = "a"\n{lines}'))
    (alliance,) = (table.to_alliance() for table in load_settings(file, {}).alliance)
    assert alliance.formal == FormalPath("safety@northwind.example", "+49 30 5550100", "")


TABLE = alliance_model(PLUGINS)


def test_the_documented_configuration_has_every_key_with_its_default_and_no_other() -> None:
    settings = load_settings(None, {}).model_dump(exclude={"alliance"})
    text, alliances = EXAMPLE.read_text().split("# Declare alliances here")
    named = tomllib.loads(_with_secrets(text))
    assert {section: set(keys) for section, keys in named.items()} == {
        section: set(keys) for section, keys in settings.items()
    }
    assert load_settings(EXAMPLE, {}).model_dump(exclude={"alliance"}) == settings
    (alliance,) = tomllib.loads("\n".join(re.findall(r"^# (\S.*)$", alliances, re.MULTILINE)))["alliance"]
    assert alliance.keys() == TABLE.model_fields.keys()
    assert {key for side in Side for key in alliance[side]} == TABLE.model_fields[
        "sponsor"
    ].annotation.model_fields.keys() - {"sandbox"}
    assert alliance["formal"].keys() == FormalPathTable.model_fields.keys()
    assert alliance["channel"][0].keys() == ChannelTable.model_fields.keys()
    assert alliance["pulse"][0].keys() == PulseTable.model_fields.keys()
    TABLE.model_validate(alliance | {"bank": ""})


def _with_secrets(text: str) -> str:
    """The example with the keys that it only tells of, `# * key  what it is`, as keys."""
    return re.sub(r"^# \* (\w+).*$", r'\1 = ""', text, flags=re.MULTILINE)


def test_a_disk_that_is_thrown_away_is_refused_and_a_server_is_not(tmp_path: Path) -> None:
    dyno = {"DYNO": "web.1"}
    with pytest.raises(BadSettings, match=r"database\.url: this platform throws its disk away"):
        load_settings(None, dyno)
    assert load_settings(None, {**dyno, "DATABASE_URL": "postgres://u:p@host/db"})


def test_alliances_are_declared_there_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNO", "run.1")
    file = tmp_path / "alliance.toml"
    file.write_text(ALLIANCE)
    assert [alliance.key for alliance in load_alliances(file)] == ["a"]
