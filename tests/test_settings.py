"""A wrong configuration is refused by the name of the key, and never shows a secret."""

from pathlib import Path

import pytest

from bot.app.settings import BadSettings, load
from bot.rules.bank import bank_of

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
    return load(file, environment)


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
        (ALLIANCE.replace("Europe/Berlin", "Europe/Berln"), {}, ["timezone", "Europe/Berln"]),
        (ALLIANCE.replace('"T2"', '"T1"'), {}, ["alliance", "both sides"]),
        (ALLIANCE.replace('"tue"', '"tues"'), {}, ["days", "'tue'"]),
        (ALLIANCE.replace("09:00", "25:00"), {}, ["time"]),
        (ALLIANCE.replace('"slack"', '"irc"'), {}, ["platform", "'slack'"]),
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


def test_the_environment_wins_over_the_file_and_secrets_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 40 + "\n")
    file = tmp_path / "config.toml"
    file.write_text('[web]\nport = 1234\n[database]\nurl = "sqlite:///x"')
    settings = load(
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
    (alliance,) = (table.alliance() for table in load(file, {}).alliance)
    assert bank_of(alliance).core[0].text == "We know why."


def test_the_documented_configuration_is_valid_and_names_every_key() -> None:
    text = Path("config.example.toml").read_text()
    load(Path("config.example.toml"), {})
    from_model = {
        f"{section}.{key}"
        for section, value in load(None, {}).model_dump().items()
        if isinstance(value, dict)
        for key in value
    }
    missing = {name for name in from_model if name.split(".")[1] not in text}
    assert not missing
