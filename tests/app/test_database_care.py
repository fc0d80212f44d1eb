"""A database that is damaged, or can only be read, is noticed by a process that runs, by the doctor and by a backup."""

import asyncio
import resource
import shutil
from contextlib import closing
from pathlib import Path

import click
import pytest

from bot.app.cli import run
from bot.app.config.load import load_settings
from bot.app.runtime import database_care
from bot.app.runtime.database_care import DatabaseCare, care_for_database
from bot.app.runtime.health import Health
from bot.app.wiring import open_bot
from storage import PROCESS_LEASE
from storage.engine.connect import sqlite
from tests.app.shell import Shell


def damage(file: Path) -> None:
    """Overwrite the pages of an index, as a disk would that loses what it has."""
    with closing(sqlite.connect(file)) as opened_file:
        opened_file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = opened_file.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE tbl_name = 'answer' AND rootpage > 0"
        pages = [row[0] for row in opened_file.execute(query)]
    with file.open("r+b") as raw:
        for page in pages:
            raw.seek((page - 1) * size)
            raw.write(b"\xaa" * size)


def test_a_damaged_page_is_named_by_the_doctor_and_a_backup_blames_the_database(shell: Shell) -> None:
    shell.apply()
    damage(shell.folder / "pulse.sqlite3")
    told = shell("doctor").output
    assert "FAIL  no page of the database is damaged: stop the bot" in told
    refused = shell("backup", str(shell.folder / "copy.sqlite3"))
    assert (refused.exit_code, "the database itself is damaged" in refused.output) == (1, True), (
        refused.output
    )
    assert not list(shell.folder.glob("copy*"))


def test_a_backup_that_cannot_be_written_blames_where_it_goes(shell: Shell) -> None:
    shell.apply()
    refused = shell("backup", "/dev/full/copy.sqlite3")
    assert refused.exit_code == 1 and "damaged" not in refused.output and "/dev/full" in refused.output


@pytest.mark.parametrize("command", ["run", "web", "worker", "migrate", "doctor", "score northwind-meridian"])
def test_a_log_that_is_gone_after_a_kill_is_noticed_at_the_next_start(shell: Shell, command: str) -> None:
    """It may hold answers that were acknowledged: it can be put back only as long as nobody opens the file."""
    shell.apply()
    file, killed = shell.folder / "pulse.sqlite3", shell.folder / "killed"
    killed.mkdir()
    with closing(sqlite.connect(file)) as alive:
        alive.execute("INSERT INTO counter VALUES ('acknowledged', 1)")
        alive.commit()
        for kind in ("", "-wal", "-shm"):  # as a process leaves them that is killed here
            shutil.copyfile(f"{file}{kind}", killed / f"pulse.sqlite3{kind}")
    wal = (killed / "pulse.sqlite3-wal").rename(killed / "elsewhere")
    environment = {"DATABASE_URL": f"sqlite:///{killed}/pulse.sqlite3"}
    refused = shell(*command.split(), **environment)
    assert refused.exit_code in (1, 2) and "pulse.sqlite3-wal is gone" in refused.output, refused.output
    wal.rename(killed / "pulse.sqlite3-wal")
    assert shell("score", "northwind-meridian", **environment).exit_code == 0
    with closing(sqlite.connect(killed / "pulse.sqlite3")) as again:
        assert again.execute("SELECT value FROM counter WHERE name = 'acknowledged'").fetchone() == (1,)


def test_a_process_that_runs_finds_the_damage_and_shows_that_it_is_at_work(shell: Shell) -> None:
    shell.apply()
    damage(shell.folder / "pulse.sqlite3")

    async def live() -> None:
        async with open_bot(load_settings(None, shell.environment)) as bot:
            care = DatabaseCare()
            async with care_for_database(bot, care):
                while care.is_whole:
                    await asyncio.sleep(0.01)
                assert not (await Health(bot, None, care).checks())["pages"]
                assert leases(shell) == 1
        assert leases(shell) == 0

    asyncio.run(asyncio.wait_for(live(), 10))


def leases(shell: Shell) -> int:
    with closing(sqlite.connect(shell.folder / "pulse.sqlite3")) as file:
        query = "SELECT count(*) FROM lease WHERE name LIKE ?"
        return int(file.execute(query, (f"{PROCESS_LEASE}%",)).fetchone()[0])


def test_where_nothing_can_be_written_any_more_the_process_ends_to_be_started_again(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a limit of no bytes a file answers as one on a file system that became read-only: by an I/O error."""
    shell.apply()
    monkeypatch.setattr(database_care, "SIGN", 0.05)
    monkeypatch.setattr(run, "WATCH", 0.05)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def live() -> None:
        async with open_bot(load_settings(None, shell.environment)) as bot:
            health = Health(bot, None)
            async with care_for_database(bot, health.care):
                await asyncio.sleep(0.2)
                assert not health.care.is_stuck
                resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
                try:
                    await run._until_told_to_stop(health)
                finally:
                    resource.setrlimit(resource.RLIMIT_FSIZE, before)

    with pytest.raises(click.ClickException, match="cannot be written any more"):
        asyncio.run(asyncio.wait_for(live(), 10))
