"""Wrong calls, settings and databases: an exit code, and a line that says what to do."""

import re
from contextlib import closing
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.app.cli.catalogue import list_entries
from storage.engine.connect import sqlite
from storage.tables import metadata
from tests.app.shell import Shell


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["score", "nobody"], 1, "no alliance 'nobody'; known: northwind-meridian"),
        (["resolve", "nothing", "--sent"], 1, "no delivery nothing"),
        (["resolve", "nothing"], 2, "--sent or --resend"),
        (["tick", "--now", "tomorrow"], 2, "ISO time"),
        (["tick"], 2, "--now"),
        (["tick", "--now", "9999-12-31T23:59:59Z"], 2, "between the years"),
        (["erase", "--user", "U0ANNA"], 2, "say whom"),
        (["erase", "--platform", "teams", "--user", "x"], 2, "--workspace"),
        (
            ["subject-data", "--platform", "slack", "--user", "@anna"],
            2,
            "--user: '@anna' is not a Slack member",
        ),
        (["backup", "/proc/b.sqlite3"], 1, "/proc"),
        (["simulate", "/proc/made-up"], 1, "/proc/made-up"),
        (["deliveries", "--state", "lost"], 2, "pending"),
        (["apply", "/nowhere.toml"], 2, "no such file"),
        (["manifest", "slack", "--url", "http://x"], 2, "https"),
        (["manifest", "slack"], 2, "set web.public_url, or add --url"),
        (["frobnicate"], 2, "No such command"),
        (["deliverys"], 2, "Did you mean 'deliveries'?"),
        (["audit", "shwo"], 2, "Did you mean 'show'?"),
        (["doctor", "--jsno"], 2, "Did you mean '--json'?"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(shell: Shell, words: list[str], code: int, says: str) -> None:
    shell.apply()
    result = shell(*words)
    assert (result.exit_code, says in result.output) == (code, True), result.output


def test_a_file_that_cannot_be_written_is_named(shell: Shell) -> None:
    result = shell(
        "manifest",
        "teams",
        "/proc/app.zip",
        "--url",
        "https://pulse.example.com",
        PULSE_TEAMS__APP_ID="00000000-0000-4000-8000-00000000000a",
        PULSE_SANDBOX__ENABLED="false",
    )
    assert (result.exit_code, "/proc/app.zip: No such file" in result.output) == (1, True), result.output
    (shell.folder / "config").mkdir()
    result = shell("apply", "--config", str(shell.folder / "nowhere.toml"))
    assert (result.exit_code, "no such file" in result.output) == (2, True), result.output


def test_before_somebody_is_erased_it_is_asked_who(shell: Shell) -> None:
    shell.apply()
    result = shell("erase", "--platform", "slack", "--user", "U0ANNA", input="n\n")
    assert (result.exit_code, "Erase U0ANNA on slack from every alliance?" in result.output) == (1, True)


def test_a_port_that_is_taken_is_named_with_the_key_that_changes_it(shell: Shell) -> None:
    shell.apply()
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = shell("worker", PULSE_WORKER__PORT=port)
    assert result.exit_code == 1
    assert (
        f"cannot listen on 127.0.0.1:{port}: address already in use; choose another worker.host"
        in result.output
    )


@pytest.mark.parametrize(
    ("declared", "says"),
    [(True, "a channel on sandbox, which is not set up"), (False, "no alliance is declared")],
)
def test_a_process_that_will_ask_nothing_says_so_when_it_starts(
    shell: Shell, declared: bool, says: str
) -> None:
    shell.apply() if declared else shell("migrate")
    with socket() as taken:  # so that it ends
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        result = shell("worker", PULSE_WORKER__PORT=port, PULSE_SANDBOX__ENABLED="false")
    assert says in result.output


def test_the_list_of_commands_is_in_topics_and_readable_on_a_narrow_screen(shell: Shell) -> None:
    told = shell("--help").output
    assert re.findall(r"^(\w[\w ]*):$", told, re.MULTILINE) == [
        "Options",
        "Run",
        "Set up",
        "Look",
        "Data",
        "Numbers",
    ]
    commands = told.partition("Run:")[2].splitlines()
    assert len(commands) >= 35 and "..." not in "".join(commands)
    assert all(len(line) <= 80 for line in commands)


@pytest.mark.parametrize("name", [name for name, _ in list_entries()])
def test_every_command_of_the_list_can_be_called(shell: Shell, name: str) -> None:
    told = shell(name, "--help")
    assert (told.exit_code, f" {name} " in told.output.partition("\n")[0]) == (0, True)


SIX = {
    "database.url": "sqlite:///{folder}/pulse.sqlite3",
    "privacy.secret": "s3cret-" * 6,
    "privacy.encryption_keys": Fernet.generate_key().decode(),
    "web.public_url": "https://pulse.example.com",
    "slack.signing_secret": "0123456789abcdef" * 2,
    "slack.bot_token": "xoxb-12345-67890-abcdefghijklmnop",
}
"""What the guide says is needed with Slack, with values as they look."""


def test_the_six_settings_of_the_guide_are_enough_and_each_that_is_left_out_is_named(tmp_path: Path) -> None:
    guide = Path("docs/operating.md").read_text().partition("## The six settings")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([\w.]+)` \|", guide, re.MULTILINE) == list(SIX)
    shell = Shell(tmp_path)
    shell.environment = {
        f"PULSE_{key.replace('.', '__').upper()}": value.format(folder=tmp_path) for key, value in SIX.items()
    } | {"PULSE_SLACK__API_URL": "http://127.0.0.1:9/"}
    assert shell("migrate").exit_code == 0
    assert "no alliance 'x'" in shell("score", "x").output
    assert not [key for key in SIX if key in shell("doctor").output]
    for key in list(SIX)[1:]:
        told = shell("doctor", **{f"PULSE_{key.replace('.', '__').upper()}": ""})
        assert (told.exit_code, key in told.output) == (1, True), told.output


def test_without_secrets_nothing_starts_and_the_way_out_is_named(shell: Shell) -> None:
    shell.apply()
    result = shell("score", "northwind-meridian", PULSE_PRIVACY__SECRET="")
    assert result.exit_code == 2
    assert "pulse keys" in result.output


GUID = "00000000-0000-4000-8000-00000000000a"
TEAMS = {"PULSE_TEAMS__APP_ID": GUID, "PULSE_TEAMS__TENANT_ID": GUID, "PULSE_TEAMS__APP_TYPE": "SingleTenant"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"PULSE_PRIVACY__SECRET": ""}, "privacy.secret: not set"),
        ({"PULSE_PRIVACY__ENCRYPTION_KEYS": ""}, "privacy.encryption_keys: not set"),
        ({"PULSE_PRIVACY__ENCRYPTION_KEYS": "short"}, "privacy.encryption_keys: each must be 32 bytes"),
        ({"PULSE_SLACK__BOT_TOKEN": "xoxb-1"}, "slack.signing_secret: not set"),
        ({"PULSE_TEAMS__APP_ID": "one"}, "teams.app_type: write"),
        ({"PULSE_PRIVACY__SECRET": "abc"}, "privacy.secret: at least 32 characters"),
        ({"PULSE_WEB__METRICS_TOKEN": "abc"}, "web.metrics_token: too short"),
        ({"PULSE_SLACK__SIGNING_SECRET": "abc"}, "slack.signing_secret: too short"),
        ({"PULSE_SLACK__SIGNING_SECRET": "8f742231 b10e8888abcd"}, "slack.signing_secret: holds a space"),
        ({"PULSE_SLACK__CLIENT_SECRET": "abc"}, "slack.client_secret: too short"),
        ({"PULSE_SLACK__BOT_TOKEN": "abc"}, "slack.bot_token: is another value"),
        ({"PULSE_SLACK__APP_TOKEN": "xoxb-12345-abc"}, "slack.app_token: is another value"),
        (TEAMS | {"PULSE_TEAMS__APP_PASSWORD": "abc"}, "teams.app_password: too short"),
        (TEAMS | {"PULSE_TEAMS__APP_PASSWORD": GUID}, "teams.app_password: this is the secret's id"),
    ],
)
@pytest.mark.parametrize("words", ["run", "web", "tick --now 2026-11-24"])
def test_settings_are_looked_at_before_a_database_is_made(
    tmp_path: Path, words: str, wrong: dict[str, str], says: str
) -> None:
    done = Shell(tmp_path)(*words.split(), **wrong, PULSE_SANDBOX__ENABLED="false")
    assert (done.exit_code, says in done.output) == (2, True), done.output
    assert not [value for value in wrong.values() if len(value) > 3 and value in done.output], (
        "no secret is shown"
    )
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


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "web",
        "worker",
        "tick --now 2026-11-24",
        "apply alliance.toml",
        "score northwind-meridian",
        "deliveries",
        "missed",
        "holidays northwind-meridian",
        "export northwind-meridian",
        "audit verify",
        "audit show",
        "backup copy.sqlite3",
        "rotate-keys",
        "departed --platform slack --organisation T1",
        "erasures",
        "erase --platform slack --user U1 --yes",
        "subject-data --platform slack --user U1 --out copy.html",
        "resolve x --sent",
        "doctor",
    ],
)
def test_with_another_secret_nothing_starts_and_nothing_changes(
    shell: Shell, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three people who answer twice would count as six."""
    shell.apply()
    monkeypatch.chdir(shell.folder)
    before = _rows(shell)
    result = shell(*command.split(), PULSE_PRIVACY__SECRET="t" * 40)
    code = 1 if command == "doctor" else 2
    assert (result.exit_code, "privacy.secret: not the one" in result.output) == (code, True), result.output
    assert _rows(shell) == before
    assert shell("audit", "verify").exit_code == 0


def _rows(shell: Shell) -> dict[str, list[Any]]:
    """Every row, by table."""
    with closing(sqlite.connect(shell.folder / "pulse.sqlite3")) as opened:
        return {name: opened.execute(f'SELECT * FROM "{name}"').fetchall() for name in metadata.tables}


@pytest.mark.parametrize("command", ["migrate", "run", "score x", "doctor"])
@pytest.mark.parametrize(
    ("url", "code", "names"),
    [
        ("mysql://root:hunter2@host/db", 2, "database.url: mysql is not supported"),
        ("nonsense", 2, "database.url is not a URL"),
        ("sqlite:////proc/nowhere/pulse.sqlite3", 2, "cannot be opened as a file: No such file or directory"),
        ("sqlite:///README.md", 1, "SQLITE_NOTADB"),
        ("sqlite://", 2, "database.url: name a file"),
        ("postgresql://root:hunter2@127.0.0.1:1/db", 1, "Is database.url right, does its server run"),
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
