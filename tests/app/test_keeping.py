"""What is kept, at a shell: erased, copied, backed up, restored, sealed anew, noted."""

import asyncio
import getpass
import json
import re
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from adapters.sandbox.cast import find_person
from bot.app.config.load import load_settings
from bot.app.runtime.retention_job import keep_house
from bot.app.wiring import open_bot
from bot.model.alliance import Side
from bot.model.events import Commanded
from bot.model.proposal import Proposal
from bot.privacy.pseudonym import Purpose, make_pseudonym
from bot.wording.dates import format_day
from storage import open_store
from storage.engine.connect import sqlite
from tests.app.shell import Shell


def asked(shell: Shell) -> None:
    shell.apply()
    shell("tick", "--now", "2026-11-24T09:00+01:00", "--yes")


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
    await store.proposals.propose(end, [])
    assert await store.proposals.agree(end, Side.CRO, [], now)
    await store.aclose()


def test_erasing_and_copying_need_somebody(shell: Shell) -> None:
    asked(shell)
    assert "say whom" in shell("erase", "--yes").output
    assert shell("erase", "--platform", "teams", "--user", "x", "--yes").exit_code == 2
    assert shell("subject-data", "--platform", "slack").exit_code == 2
    nobody = shell("erase", "--platform", "sandbox", "--user", "nobody", "--yes", "--json")
    assert json.loads(nobody.stdout)["erased"] == {}
    assert len(json.loads(nobody.stdout)["keep"]) == 4


def test_a_list_of_erasures_is_applied_or_refused_by_line(shell: Shell, tmp_path: Path) -> None:
    asked(shell)
    shell("erase", "--platform", "sandbox", "--user", "anna", "--yes")
    listed = tmp_path / "erasures.jsonl"
    listed.write_text(shell("erasures").stdout)
    assert len(listed.read_text().splitlines()) == 4
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
        assert (refused.exit_code, "erasures.jsonl:5: not a line" in refused.output) == (1, True), rubbish
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
    assert [entry["act"] for entry in entries] == ["export", "score", "apply"]
    assert "alliance northwind-meridian: added" in entries[2]["detail"]
    assert len({entry["by"] for entry in entries}) == 1
    verified = shell("audit", "verify")
    assert (verified.exit_code, "3 entries" in verified.output) == (0, True)
    head = verified.stdout.splitlines()[-1]
    assert shell("audit", "verify", "--expect", head).exit_code == 0
    assert shell("audit", "verify", "--expect", "9" + head).exit_code == 1
    for rubbish in ("rubbish", f"{'9' * 5_000}:{'0' * 64}"):
        assert shell("audit", "verify", "--expect", rubbish).exit_code == 2
    assert shell("audit", "verify", PULSE_PRIVACY__SECRET="t" * 40).exit_code == 2


def test_an_operator_learns_whose_entry_it_is_and_the_log_says_that_they_asked(shell: Shell) -> None:
    asked(shell)
    anna = find_person("anna")
    assert anna

    async def live() -> None:
        async with open_bot(load_settings(None, shell.environment)) as bot:
            (alliance,) = await bot.store.alliances.list_all()
            (channel,) = alliance.channels
            await bot.inbox.take(Commanded(at=bot.clock.now(), channel=channel, by=anna.member, text="score"))

    asyncio.run(live())
    entries = [json.loads(line) for line in shell("audit", "show", "--json").stdout.splitlines()]
    (by,) = {entry["by"] for entry in entries if entry["by"].startswith("member:")}
    (operator,) = {entry["by"] for entry in entries if entry["by"].startswith("operator:")}
    told = shell("audit", "who", by, "--platform", "sandbox", "--user", "anna")
    assert (told.exit_code, "It is anna. Entries: 1, from" in told.output) == (0, True), told.output
    told = shell("audit", "who", by, "--platform", "sandbox", "--user", "ben")
    assert (told.exit_code, told.output) == (1, "It is somebody else.\n")
    assert shell("audit", "who", operator, "--user", getpass.getuser()).exit_code == 0
    assert shell("audit", "who", operator, "--user", "nobody").exit_code == 1
    assert shell("audit", "who", by, "--user", "anna").exit_code == 2
    lines = [json.loads(line) for line in shell("audit", "show", "--json").stdout.splitlines()]
    assert [(line["detail"], line["alliance"]) for line in lines if line["act"] == "identify"] == [
        (f"{operator}: it is not", "northwind-meridian"),
        (f"{operator}: it is", "northwind-meridian"),
        (f"{by}: it is not", "northwind-meridian"),
        (f"{by}: it is", "northwind-meridian"),
    ]
    assert shell("audit", "verify").exit_code == 0


@pytest.mark.parametrize("purpose", ["answer", "reading", "delivery"])
def test_nobody_learns_whose_an_answer_or_a_mood_is(shell: Shell, purpose: Purpose) -> None:
    """Its pseudonym is refused before it is compared: the log holds none of that kind."""
    asked(shell)
    anna = find_person("anna")
    assert anna
    secret = shell.environment["PULSE_PRIVACY__SECRET"].encode()
    own = make_pseudonym(secret, "northwind-meridian", anna.member, purpose)
    for text in (own, f"member:{own}", f"operator:{own}", "worker"):
        told = shell("audit", "who", text, "--platform", "sandbox", "--user", "anna")
        assert (told.exit_code, "no entry of the log is by that pseudonym" in told.output) == (1, True)
    assert own not in shell("audit", "show").output
    assert shell("audit", "show").output.count("a pseudonym: refused, no such entry") == 4


def test_both_sides_leads_are_warned_weekly_before_a_company_is_erased(shell: Shell) -> None:
    asked(shell)
    begun = datetime.now(UTC)

    async def live() -> None:
        async with open_bot(load_settings(None, shell.environment)) as bot:
            await bot.store.departures.record_departure("sandbox", "meridian", begun)
            for day in (1, 2, 8, 15):
                await keep_house(bot, begun + timedelta(days=day))

    asyncio.run(live())
    rows = json.loads(shell("deliveries", "--json", "--limit", "500").stdout)
    parts = [row["slot"].split(":") for row in rows if row["slot"].startswith("leaving:")]
    assert Counter(part[4] for part in parts) == {"0": 2, "1": 2, "2": 2}


GONE = ("--platform", "slack", "--organisation", "T0X")


def also_on_slack(shell: Shell) -> None:
    """Let Meridian have an id on Slack."""
    file = shell.folder / "alliance.toml"
    file.write_text(
        file.read_text().replace('sandbox = ["meridian"]', 'sandbox = ["meridian"]\nslack = ["T0X"]')
    )
    assert shell("apply", str(file)).exit_code == 0


def list_departed(shell: Shell) -> list[str]:
    with closing(sqlite.connect(shell.folder / "pulse.sqlite3")) as opened:
        return [row[0] for row in opened.execute("SELECT organisation FROM departure").fetchall()]


def test_a_company_that_no_alliance_names_cannot_depart(shell: Shell) -> None:
    """A typing error would else count as noted, and the company that left would be kept."""
    asked(shell)
    for words in (GONE, (*GONE, "--returned")):
        refused = shell("departed", *words)
        assert (refused.exit_code, "no alliance names the company T0X on slack" in refused.output) == (
            1,
            True,
        )
    assert list_departed(shell) == []
    assert '"departed: slack unknown company: refused"' in shell("audit", "show", "--json").stdout


def test_a_departed_company_is_erased_after_its_time(shell: Shell) -> None:
    asked(shell)
    also_on_slack(shell)
    told = shell("departed", *GONE).output
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    assert f"everything of Meridian CRO (T0X) is erased on {format_day(day)}" in told
    (undo,) = re.findall(r"^  pulse (departed .*)$", told, re.MULTILINE)
    assert "Meridian CRO is back" in shell(*undo.split()).output
    assert list_departed(shell) == []
    shell("departed", *GONE)
    assert list_departed(shell) == ["T0X"]
    clock = shell.folder / "clock"
    clock.write_text("2030-01-01T00:00+00:00")
    later = {"PULSE_ENV": "test", "PULSE_CLOCK_FILE": str(clock)}
    over = json.loads(shell("retention", "--json", **later).stdout)["over"]
    assert over["departed"] == 1
    assert json.loads(shell("retention", "--yes", "--json", **later).stdout)["deleted"]["departed"] == 1
