"""The command line as operators and scripts use it: exit codes, JSON, and errors that say what to do."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from bot.agreement import Proposal
from bot.app.main import pulse as command
from bot.model import Side
from storage import open_store
from storage.database import sqlite
from tests import databases

ALLIANCE = Path("bot/app/demo.toml").read_text()


class Shell:
    """`pulse …` with a database and secrets of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "DATABASE_URL": f"sqlite:///{folder}/pulse.sqlite3",
            "PULSE_PRIVACY__SECRET": "s" * 40,
            "PULSE_PRIVACY__ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "PULSE_SANDBOX__ENABLED": "true",
        }

    def __call__(self, *words: str, **environment: str) -> Result:
        runner = CliRunner(env={**self.environment, **environment})
        return runner.invoke(command, list(words))

    def apply(self) -> Result:
        file = self.folder / "alliance.toml"
        file.write_text(ALLIANCE)
        self("migrate")
        return self("apply", str(file))


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """On a database that was migrated elsewhere: ten migrations take a third of a second."""
    with databases.fresh("sqlite", tmp_path) as url:
        file = Path(url.removeprefix("sqlite:///")).rename(tmp_path / "pulse.sqlite3")
    file.chmod(0o600)
    return Shell(tmp_path)


def test_apply_prints_the_difference_once_and_then_nothing(shell: Shell) -> None:
    first = shell.apply()
    assert first.exit_code == 0, first.output
    assert "northwind-meridian" in first.output
    assert shell.apply().output == "Nothing to change.\n"


def test_a_tick_at_a_slot_asks_once(shell: Shell) -> None:
    shell.apply()
    slot = "2026-11-24T09:00+01:00"
    assert json.loads(shell("tick", "--now", slot, "--json").stdout)["ask"] == 1
    assert json.loads(shell("tick", "--now", slot, "--json").stdout)["ask"] == 0
    rows = json.loads(shell("deliveries", "--json").stdout)
    questions = [row for row in rows if row["slot"].startswith("question:")]
    assert [row["state"] for row in questions] == ["sent"]


def test_a_channel_of_two_alliances_is_refused_in_one_line(shell: Shell) -> None:
    shell.apply()
    other = shell.folder / "other.toml"
    text = (shell.folder / "alliance.toml").read_text()
    other.write_text(text.replace('key = "northwind-meridian"', 'key = "other"'))
    found = shell("apply", str(other))
    assert found.exit_code == 2 and "is another alliance's already" in found.output


def test_score_and_export_before_any_closing_say_so(shell: Shell) -> None:
    shell.apply()
    assert "no score yet" in shell("score", "northwind-meridian").stdout
    assert json.loads(shell("score", "northwind-meridian", "--json").stdout)["alignment"] is None
    assert shell("export", "northwind-meridian").stdout.splitlines() == [
        "alliance,date,side,dimension,state,value,range,people,reason"
    ]


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


def test_the_configuration_in_force_is_shown_without_secrets(shell: Shell) -> None:
    shown = shell(
        "config", "show", DATABASE_URL="postgresql://me:hush@host/db", PULSE_SLACK__BOT_TOKEN="xoxb-hush"
    )
    assert shown.exit_code == 0
    assert "postgresql://me:***@host/db" in shown.output
    assert "web.port = 8080" in shown.output
    assert "hush" not in shown.output
    assert "s" * 40 not in shown.output


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:hu@sh@host/db", "postgresql://host/db?user=me&password=hush&sslpassword=hush"],
)
def test_no_way_to_write_a_password_shows_it(shell: Shell, url: str) -> None:
    shown = shell("config", "show", DATABASE_URL=url)
    assert "host/db" in shown.output
    assert "sh" not in shown.output.partition("database.url = ")[2].partition("\n")[0]


def test_keys_are_fresh_and_usable_as_they_are(shell: Shell, tmp_path: Path) -> None:
    lines = dict(line.split("=", 1) for line in shell("keys").stdout.splitlines())
    assert lines != dict(line.split("=", 1) for line in shell("keys").stdout.splitlines())
    shell.environment.update(lines)
    assert shell.apply().exit_code == 0


def test_the_slack_manifest_points_at_the_public_address(shell: Shell) -> None:
    made = json.loads(shell("manifest", "slack", "--url", "https://pulse.example.org").stdout)
    assert made["settings"]["interactivity"]["request_url"] == "https://pulse.example.org/slack/events"


def test_the_doctor_names_what_is_missing_and_ends_well_when_nothing_is(shell: Shell) -> None:
    shell("migrate")
    sick = shell("doctor")
    assert sick.exit_code == 1
    assert "pulse apply" in sick.output
    shell.apply()
    well = shell("doctor", "--json")
    assert well.exit_code == 0, well.output
    assert all(one["ok"] for one in json.loads(well.stdout))


def asked(shell: Shell) -> None:
    shell.apply()
    shell("tick", "--now", "2026-11-24T09:00+01:00")


def test_erasing_an_alliance_needs_both_sides(shell: Shell) -> None:
    asked(shell)
    refused = shell("erase", "--alliance", "northwind-meridian", "--yes")
    assert refused.exit_code == 1
    assert "propose erase northwind-meridian" in refused.output
    assert "northwind-meridian" in shell("deliveries").output


def test_with_the_consent_of_both_sides_an_alliance_is_erased(shell: Shell) -> None:
    asked(shell)
    asyncio.run(agree_to_the_end(shell))
    assert shell("erase", "--alliance", "nobody", "--yes").exit_code == 1
    erased = shell("erase", "--alliance", "northwind-meridian", "--yes", "--json")
    assert json.loads(erased.stdout.splitlines()[0])["erased"]["round"] == 1, erased.output
    assert "known: none" in shell("score", "northwind-meridian").output
    assert shell("deliveries").output == "No deliveries.\n"
    acts = [json.loads(line)["act"] for line in shell("audit", "show", "--json").stdout.splitlines()]
    assert acts == ["erase", "apply"]


async def agree_to_the_end(shell: Shell) -> None:
    now = datetime.now(UTC)
    url, key = (shell.environment[name] for name in ("DATABASE_URL", "PULSE_PRIVACY__ENCRYPTION_KEYS"))
    store = open_store(url, [key])
    end = Proposal("p1", "northwind-meridian", "erase", "", Side.SPONSOR, now, now + timedelta(days=14))
    await store.agreements.propose(end, [])
    assert await store.agreements.agree(end, Side.CRO, [], now)
    await store.aclose()


def test_erasing_and_copying_need_somebody(shell: Shell) -> None:
    asked(shell)
    assert "say whom" in shell("erase", "--yes").output
    assert shell("erase", "--platform", "teams", "--user", "x", "--yes").exit_code == 2
    assert shell("subject-data", "--platform", "slack").exit_code == 2
    nobody = shell("erase", "--platform", "sandbox", "--user", "nobody", "--yes", "--json")
    assert json.loads(nobody.stdout)["erased"] == {}
    assert len(json.loads(nobody.stdout)["keep"]) == 3
    (kept, *_) = json.loads(shell("subject-data", "--platform", "sandbox", "--user", "anna").stdout)
    assert kept["leads"] == ["sponsor"]


def test_a_list_of_erasures_is_applied_or_refused_by_line(shell: Shell, tmp_path: Path) -> None:
    asked(shell)
    shell("erase", "--platform", "sandbox", "--user", "anna", "--yes")
    listed = tmp_path / "erasures.jsonl"
    listed.write_text(shell("erasures").stdout)
    assert len(listed.read_text().splitlines()) == 3
    assert shell("erasures", "--apply", str(listed)).exit_code == 0
    whole = listed.read_bytes()
    of = json.loads(whole.splitlines()[0])
    for rubbish in (
        b"rubbish",
        b"\xff",
        json.dumps(of | {"purpose": "everything"}).encode(),
        json.dumps(of | {"at": "2026-11-24T09:00:00"}).encode(),
        json.dumps({"alliance": of["alliance"]}).encode(),
    ):
        listed.write_bytes(whole + rubbish + b"\n")
        refused = shell("erasures", "--apply", str(listed))
        assert (refused.exit_code, "erasures.jsonl:4: not a line" in refused.output) == (1, True), rubbish
    assert shell("score", "northwind-meridian").exit_code == 0


def test_backup_restore_and_new_keys(shell: Shell, tmp_path: Path) -> None:
    asked(shell)
    old, file = shell.environment["PULSE_PRIVACY__ENCRYPTION_KEYS"], str(tmp_path / "backup")
    assert "Backed up" in shell("backup", file).output
    assert "exists already" in shell("backup", file).output
    new = Fernet.generate_key().decode()
    shell.environment["PULSE_PRIVACY__ENCRYPTION_KEYS"] = f"{new},{old}"
    assert shell("rotate-keys", "--check").exit_code == 1
    rotated = shell("rotate-keys")
    assert (rotated.exit_code, "can be taken away" in rotated.output) == (0, True), rotated.output
    shell.environment["PULSE_PRIVACY__ENCRYPTION_KEYS"] = new
    assert shell("rotate-keys", "--check").exit_code == 0
    refused = shell("restore", file, "--replace")
    assert (refused.exit_code, "encryption_keys" in refused.output) == (1, True)
    shell.environment["PULSE_PRIVACY__ENCRYPTION_KEYS"] = f"{new},{old}"
    assert "--replace" in shell("restore", file).output
    assert shell("restore", file, "--replace").exit_code == 0
    assert shell.apply().output == "Nothing to change.\n"


def test_the_audit_log_of_a_shell_is_whole_and_says_who_and_what(shell: Shell) -> None:
    asked(shell)
    shell("score", "northwind-meridian")
    shell("export", "northwind-meridian")
    entries = [json.loads(line) for line in shell("audit", "show", "--json").stdout.splitlines()]
    assert [one["act"] for one in entries] == ["export", "score", "apply"]
    assert "alliance northwind-meridian: added" in entries[2]["detail"]
    assert len({one["by"] for one in entries}) == 1
    verified = shell("audit", "verify")
    assert (verified.exit_code, "3 entries" in verified.output) == (0, True)
    head = verified.stdout.splitlines()[-1]
    assert shell("audit", "verify", "--expect", head).exit_code == 0
    assert shell("audit", "verify", "--expect", "9" + head).exit_code == 1
    for rubbish in ("rubbish", f"{'9' * 5_000}:{'0' * 64}"):
        assert shell("audit", "verify", "--expect", rubbish).exit_code == 2
    assert shell("audit", "verify", PULSE_PRIVACY__SECRET="t" * 40).exit_code == 1


def test_a_departed_company_is_erased_by_the_tick_after_its_time(shell: Shell) -> None:
    asked(shell)
    assert "in 30 days" in shell("departed", "--platform", "slack", "--organisation", "T0X").output
    assert (
        "it stays" in shell("departed", "--platform", "slack", "--organisation", "T0X", "--returned").output
    )
    shell("departed", "--platform", "slack", "--organisation", "T0X")
    done = json.loads(shell("tick", "--now", "2030-01-01T00:00+00:00", "--json").stdout)
    assert done["retention"] >= 1


def test_the_doctor_looks_at_what_is_kept(shell: Shell) -> None:
    shell.apply()
    file = shell.folder / "pulse.sqlite3"
    old = shell.environment["PULSE_PRIVACY__ENCRYPTION_KEYS"]

    def ill(**environment: str) -> dict[str, str]:
        found = json.loads(shell("doctor", "--json", **environment).stdout)
        return {one["check"]: one["advice"] for one in found if not one["ok"]}

    file.chmod(0o644)
    (told,) = ill().items()
    assert told == (
        "only its owner can read the database file",
        "chmod 600 pulse.sqlite3, and its -wal and -shm",
    )
    file.chmod(0o600)
    (told,) = ill(PULSE_PRIVACY__ENCRYPTION_KEYS=f"{Fernet.generate_key().decode()},{old}").items()
    assert "rotate-keys" in told[1]
    (told,) = ill(PULSE_PRIVACY__ENCRYPTION_KEYS=Fernet.generate_key().decode()).items()
    assert "encryption_keys" in told[1]
    (told,) = ill(PULSE_PRIVACY__SECRET="t" * 40).items()
    assert "privacy.secret is another one" in told[1]
    assert ill() == {}


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
