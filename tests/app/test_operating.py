"""The command line on an ordinary day: alliances, ticks, scores, settings, the doctor."""

import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.app.cli.operate import MANY
from storage.engine.connect import sqlite
from tests.app.shell import ALLIANCE, Shell


def test_apply_prints_the_difference_once_and_then_nothing(shell: Shell) -> None:
    first = shell.apply()
    assert first.exit_code == 0, first.output
    assert "northwind-meridian" in first.output
    assert shell.apply().output == "Nothing to change.\n"


def test_a_tick_at_a_slot_asks_once(shell: Shell) -> None:
    shell.apply()
    slot = "2026-11-24T09:00+01:00"
    assert json.loads(shell("tick", "--now", slot, "--yes", "--json").stdout)["ask"] == 1
    assert json.loads(shell("tick", "--now", slot, "--yes", "--json").stdout)["ask"] == 0
    rows = json.loads(shell("deliveries", "--json").stdout)
    questions = [row for row in rows if row["slot"].startswith("question:")]
    assert [row["state"] for row in questions] == ["sent"]


def test_a_tick_at_a_mistyped_time_is_refused_and_deletes_nothing_when_confirmed(shell: Shell) -> None:
    shell.apply()
    clock = shell.folder / "clock"
    clock.write_text("2026-11-24T09:00+01:00")
    told = {"PULSE_ENV": "test", "PULSE_CLOCK_FILE": str(clock)}
    assert json.loads(shell("tick", "--now", "2026-11-24T09:00+01:00", "--json", **told).stdout)["ask"] == 1
    for far in ("2028-11-24T09:00+01:00", "2025-11-24T09:00+01:00", "2026-11-26T09:00+01:00"):
        refused = shell("tick", "--now", far, **told)
        assert refused.exit_code == 1 and "add --yes" in refused.output
    later = json.loads(shell("tick", "--now", "2028-11-28T09:00+01:00", "--yes", "--json", **told).stdout)
    assert later["ask"] == 1 and "retention" not in later
    clock.write_text("2028-11-28T09:00+01:00")
    assert json.loads(shell("retention", "--json", **told).stdout)["over"]["rounds"] == 1  # still there
    clock.write_text("2026-12-01T09:00+01:00")
    refused = shell("tick", "--now", "2026-12-01T09:00+01:00", **told)
    assert refused.exit_code == 1 and "the database holds moments" in refused.output
    assert shell("clock", **told).exit_code == 1
    ill = [finding for finding in json.loads(shell("doctor", "--json", **told).stdout) if not finding["ok"]]
    assert [finding["check"] for finding in ill] == ["this machine's clock can be believed"]
    accepted = json.loads(shell("clock", "--accept", "--json", **told).stdout)
    assert accepted["ok"] and accepted["taken_back"]["pulses"] == 1
    words = ("tick", "--now", "2026-12-01T09:00+01:00", "--json")
    assert json.loads(shell(*words, **told).stdout)["ask"] == 1


def test_a_tick_asks_every_pulse_of_an_alliance_that_is_due(shell: Shell) -> None:
    shell.apply()
    file = shell.folder / "alliance.toml"
    more = "".join(
        f'[[alliance.pulse]]\nkey = "{key}"\ndays = ["tue"]\ntime = "09:00"\nitems = 2\n' for key in "abc"
    )
    file.write_text(file.read_text() + "\n" + more)
    assert shell("apply", str(file)).exit_code == 0
    words = ("tick", "--now", "2026-11-24T09:00+01:00", "--yes", "--json")
    assert json.loads(shell(*words).stdout)["ask"] == 4
    assert json.loads(shell(*words).stdout)["ask"] == 0


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


def test_the_configuration_in_force_is_shown_without_secrets(shell: Shell) -> None:
    shown = shell(
        "config",
        "show",
        DATABASE_URL="postgresql://me:hush@host/db",
        PULSE_SLACK__BOT_TOKEN="xoxb-hush",
        PULSE_SANDBOX__ENABLED="false",
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
    own = {"PULSE_WEB__PUBLIC_URL": "https://pulse.northwind.example/", "PULSE_SANDBOX__ENABLED": "false"}
    made = json.loads(shell("manifest", "slack", **own).stdout)
    assert made["settings"]["interactivity"]["request_url"] == "https://pulse.northwind.example/slack/events"
    assert json.loads(shell("manifest", "slack", "--mode", "socket").stdout)["settings"][
        "socket_mode_enabled"
    ]


def test_many_unknown_deliveries_are_resolved_at_once_after_looking(shell: Shell) -> None:
    shell.apply()
    shell("tick", "--now", "2026-11-24T08:00+00:00", "--yes")
    with closing(sqlite.connect(shell.folder / "pulse.sqlite3")) as opened:
        opened.execute("PRAGMA foreign_keys = OFF")
        (row,) = opened.execute("SELECT * FROM delivery LIMIT 1").fetchall()
        columns = [column[1] for column in opened.execute("PRAGMA table_info(delivery)")]
        for number in range(MANY):
            copy = {**dict(zip(columns, row, strict=True)), "seq": 900 + number, "id": f"d{number}"}
            copy |= {"slot": f"other:{number}", "state": "unknown"}
            opened.execute(f"INSERT INTO delivery VALUES ({','.join('?' * len(copy))})", tuple(copy.values()))
        opened.commit()
    told = shell("deliveries", "--state", "unknown").output
    assert f"{MANY} are unknown at once" in told and "pulse resolve --all --resend" in told
    for words in (["--all", "d1", "--resend"], ["--resend"], ["--all"]):
        assert shell("resolve", *words).exit_code == 2
    assert "no alliance" in shell("resolve", "--all", "--resend", "--alliance", "nobody").output
    done = shell("resolve", "--all", "--resend", "--alliance", "northwind-meridian")
    assert (done.exit_code, done.output) == (0, f"Noted of {MANY}.\n")
    assert "No deliveries." in shell("deliveries", "--state", "unknown").output
    noted = shell("audit", "show", "--json").stdout
    assert noted.count('"resolve"') == MANY
    assert "d1 posted again: done" in noted


def test_a_decision_about_a_delivery_is_noted_with_its_id_and_what_came_of_it(shell: Shell) -> None:
    shell.apply()
    assert shell("resolve", "0" * 32, "--sent").exit_code == 1
    assert shell("resolve", "what Bob said", "--resend").exit_code == 1
    lines = [json.loads(line) for line in shell("audit", "show", "--json").stdout.splitlines()]
    assert [line["detail"] for line in lines if line["act"] == "resolve"] == [
        "no such id posted again: refused, not unknown",
        f"{'0' * 32} sent: refused, not unknown",
    ]


def test_the_doctor_names_what_is_missing_and_ends_well_when_nothing_is(shell: Shell) -> None:
    shell("migrate")
    sick = shell("doctor")
    assert sick.exit_code == 1
    assert "pulse apply" in sick.output
    shell.apply()
    well = shell("doctor", "--json")
    assert well.exit_code == 0, well.output
    assert all(load["ok"] for load in json.loads(well.stdout))


def test_the_doctor_looks_at_what_is_kept(shell: Shell) -> None:
    shell.apply()
    file = shell.folder / "pulse.sqlite3"
    old = shell.environment["PULSE_PRIVACY__ENCRYPTION_KEYS"]

    def ill(**environment: str) -> dict[str, str]:
        found = json.loads(shell("doctor", "--json", **environment).stdout)
        return {
            finding["check"]: finding["advice"]
            for finding in found
            if finding["looked"] and not finding["ok"]
        }

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
    assert "privacy.secret: not the one" in told[1]
    assert ill() == {}


def test_apply_and_doctor_say_which_side_is_too_small_for_a_number(shell: Shell) -> None:
    """Nine people a side, one of them its lead: a number that rests on nine can never appear."""
    shell("migrate")
    file = shell.folder / "alliance.toml"
    small = ALLIANCE.replace('key = "northwind-meridian"', 'key = "northwind-meridian"\nminimum = 9', 1)
    file.write_text(small)
    told = shell("apply", str(file))
    assert told.exit_code == 0
    assert "Northwind Pharma has fewer than 9 people in the channels besides its leads" in told.output
    assert "set pooled = true" in told.output
    ill = [finding for finding in json.loads(shell("doctor", "--json").stdout) if not finding["ok"]]
    assert [finding["check"] for finding in ill] == [
        "northwind-meridian: no side is known to be too small for a number"
    ]
    assert "Meridian CRO has fewer than 9 people" in ill[0]["advice"]
    file.write_text(small.replace("minimum = 9", "minimum = 9\npooled = true"))
    assert "besides its leads" not in shell("apply", str(file)).output
    assert shell("doctor").exit_code == 0


def test_apply_says_that_a_vision_may_speak_of_a_case_and_repeats_none_of_it(shell: Shell) -> None:
    shell("migrate")
    file = shell.folder / "alliance.toml"
    words = "After the patient died of sepsis last night we do better"
    file.write_text(re.sub(r'^vision = ".*"', f'vision = "{words}"', ALLIANCE, flags=re.MULTILINE))
    told = shell("apply", str(file))
    assert told.exit_code == 0
    assert "its vision may speak of a case (safety); everybody will read it" in told.stderr
    assert "sepsis" not in told.output
    file.write_text(ALLIANCE)
    assert "may speak of a case" not in shell("apply", str(file)).stderr


def test_the_doctor_names_what_it_could_not_look_at_and_ends_with_1(shell: Shell) -> None:
    shell.apply()

    def skipped(*words: str, **environment: str) -> list[str]:
        done = shell("doctor", *words, **environment)
        found = re.findall(r"^SKIP  (.*?): not looked at: ", done.output, re.MULTILINE)
        assert done.exit_code == (1 if found else 0)
        return found

    assert skipped() == []
    assert "ok    Slack is not set up, so there is nothing to look at" in shell("doctor").output
    assert skipped("--slack") == ["Slack"] and skipped("--teams") == ["Microsoft Teams"]
    kept = ["what is kept: clock, keys, audit log, deliveries", "alliances: leads, channels, people"]
    assert skipped(PULSE_PRIVACY__SECRET="t" * 40) == kept
    wrong = {"PULSE_PRIVACY__ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    secrets = "secret and keys are those that the database was filled with"
    assert skipped(**wrong) == [secrets, *kept]
    assert skipped(PULSE_PRIVACY__SECRET="") == ["address, metrics and database", *kept]
    alone = {"PULSE_SANDBOX__ENABLED": "false"}
    assert skipped(**alone) == ["northwind-meridian: no side is known to be too small for a number"]


MOMENT = r"northwind-meridian: the first question comes on Tuesday \d+ \w+, 09:00 \(Europe/Berlin\)\.\n"


def test_a_dry_run_says_what_would_change_and_changes_nothing(shell: Shell) -> None:
    shell("migrate")
    file = shell.folder / "alliance.toml"
    file.write_text(ALLIANCE)
    told = shell("apply", "--dry-run", str(file))
    assert told.exit_code == 0, told.output
    assert re.fullmatch(
        rf"alliance northwind-meridian: added[^§]*{MOMENT}Dry run: nothing was changed\.\n", told.output
    )
    assert "known: none" in shell("score", "northwind-meridian").output
    assert shell("audit", "show").output == ""
    done = shell("apply", str(file))
    assert done.output + "Dry run: nothing was changed.\n" == told.output
    assert (
        shell("apply", "--dry-run", str(file)).output == "Nothing to change.\nDry run: nothing was changed.\n"
    )
    file.write_text(ALLIANCE.replace("open_hours = 72", "open_hours = 48"))
    assert "open_hours" in shell("apply", "--dry-run", str(file)).output
    assert "open_hours" in shell("apply", str(file)).output
    two = file.read_text() + file.read_text().replace('key = "northwind-meridian"', 'key = "other"', 1)
    file.write_text(two)
    refused = shell("apply", "--dry-run", str(file))
    assert (refused.exit_code, "is another alliance's already" in refused.output) == (2, True)


def test_apply_warns_of_what_cannot_work(shell: Shell) -> None:
    """A side without a lead, a channel whose people nobody can see, a pulse that asks on a holiday, or never."""
    shell("migrate")
    file = shell.folder / "alliance.toml"
    file.write_text(
        ALLIANCE.replace('leads = [{ platform = "sandbox", workspace = "sandbox", user = "ben" }]', "")
    )
    told = shell("apply", str(file)).output
    assert "Please note: northwind-meridian: name a lead of Meridian CRO in `leads`" in told
    file.write_text(ALLIANCE.replace('time = "09:00"', 'time = "09:00"\npaused = true'))
    assert "no question comes, because every pulse is paused" in shell("apply", str(file)).output
    slots = [datetime.now(UTC).date() + timedelta(days=ahead) for ahead in range(8)]
    tuesdays = ", ".join(str(day) for day in slots if day.weekday() == 1)
    file.write_text(ALLIANCE.replace("call_day", f"holidays = [{tuesdays}]\ncall_day"))
    told = shell("apply", str(file)).output
    assert re.search(r"question comes on Wednesday .*, because \d+ \w+ \d+ is a holiday \(own date\)\.", told)
    assert "of the questions within a year fall on a holiday and move; `pulse holidays northwind" in told
    for now in ("2026-11-24T09:00+01:00", "2026-11-28T09:00+01:00"):  # a round, and its end
        shell("tick", "--now", now, "--yes")
    file.write_text(ALLIANCE)
    assert "the next question comes on Tuesday" in shell("apply", str(file)).output
