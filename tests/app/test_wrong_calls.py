"""Wrong calls, settings and databases: an exit code, and a line that says what to do."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage.database import sqlite
from tests.app.shell import Shell


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["score", "nobody"], 1, "no alliance 'nobody'; known: northwind-meridian"),
        (["resolve", "nothing", "--sent"], 1, "no delivery nothing"),
        (["resolve", "nothing"], 2, "--sent or --resend"),
        (["tick", "--now", "tomorrow"], 2, "ISO time"),
        (["tick"], 2, "--now"),
        (["deliveries", "--state", "lost"], 2, "pending"),
        (["apply", "/nowhere.toml"], 2, "no such file"),
        (["manifest", "slack", "--url", "http://x"], 2, "https"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(shell: Shell, words: list[str], code: int, says: str) -> None:
    shell.apply()
    result = shell(*words)
    assert (result.exit_code, says in result.output) == (code, True), result.output


def test_without_secrets_nothing_starts_and_the_way_out_is_named(shell: Shell) -> None:
    shell.apply()
    result = shell("score", "northwind-meridian", PULSE_PRIVACY__SECRET="")
    assert result.exit_code == 2
    assert "pulse keys" in result.output


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"PULSE_PRIVACY__SECRET": ""}, "privacy.secret: not set"),
        ({"PULSE_PRIVACY__ENCRYPTION_KEYS": ""}, "privacy.encryption_keys: not set"),
        ({"PULSE_PRIVACY__ENCRYPTION_KEYS": "short"}, "privacy.encryption_keys: each must be 32 bytes"),
        ({"PULSE_SLACK__BOT_TOKEN": "xoxb-1"}, "slack.signing_secret: not set"),
        ({"PULSE_TEAMS__APP_ID": "one"}, "teams.app_type: write"),
    ],
)
@pytest.mark.parametrize("words", ["run", "web", "tick --now 2026-11-24"])
def test_settings_are_looked_at_before_a_database_is_made(
    tmp_path: Path, words: str, wrong: dict[str, str], says: str
) -> None:
    done = Shell(tmp_path)(*words.split(), **wrong)
    assert (done.exit_code, says in done.output) == (2, True), done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [("web",), ("worker",), ("score", "northwind-meridian")])
@pytest.mark.parametrize(
    ("version", "says"),
    [
        (None, "run `pulse migrate`"),
        ("0009_before", "run `pulse migrate`"),
        ("9999_later", "a newer version"),
    ],
)
def test_on_another_versions_database_nothing_starts_and_the_way_out_is_named(
    shell: Shell, command: tuple[str, ...], version: str | None, says: str
) -> None:
    file = shell.folder / "pulse.sqlite3"
    if version is None:
        file.unlink()
    else:
        with sqlite.connect(file) as opened:
            opened.execute("UPDATE alembic_version SET version_num = ?", (version,))
        opened.close()
    result = shell(*command)
    assert (result.exit_code, says in result.output) == (2, True), result.output


def test_with_other_encryption_keys_nothing_starts(shell: Shell) -> None:
    shell.apply()
    result = shell("web", PULSE_PRIVACY__ENCRYPTION_KEYS=Fernet.generate_key().decode())
    assert (result.exit_code, "privacy.encryption_keys" in result.output) == (2, True), result.output


@pytest.mark.parametrize("command", ["migrate", "run", "score x", "doctor"])
@pytest.mark.parametrize(
    ("url", "code", "names"),
    [
        ("mysql://root:hunter2@host/db", 2, "database.url: mysql is not supported"),
        ("nonsense", 2, "database.url is not a URL"),
        ("sqlite:////proc/nowhere/pulse.sqlite3", 2, "cannot be opened as a file: No such file or directory"),
        ("sqlite:///README.md", 1, "SQLITE_NOTADB"),
        ("postgresql://root:hunter2@127.0.0.1:1/db", 1, "the database cannot be used"),
    ],
)
def test_a_database_that_cannot_be_is_one_line_without_its_password(
    shell: Shell, command: str, url: str, code: int, names: str
) -> None:
    done = shell(*command.split(), DATABASE_URL=url)
    assert done.exit_code == (1 if command == "doctor" else code), done.output
    assert names in done.output or (command in ("score x", "doctor") and "pulse migrate" in done.output)
    assert "Traceback" not in done.output and "hunter2" not in done.output
    assert isinstance(done.exception, SystemExit)


def test_what_is_not_declared_is_said_with_what_to_do(shell: Shell) -> None:
    shell("migrate")
    assert "pulse apply FILE.toml" in shell("score", "x").output
    assert "no [[alliance]] in the configuration" in shell("apply").output
