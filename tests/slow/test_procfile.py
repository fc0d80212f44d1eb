"""The Procfile as a platform runs it that throws its disks away: each line starts and answers, on PostgreSQL."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import aiohttp

import storage
from tests.databases import empty
from tests.slow.process import PATIENCE, BotProcess, free_port
from tests.slow.slack_testbed import PSEUDONYM_SECRET

LINES = dict(line.split(": pulse ") for line in Path("Procfile").read_text().splitlines())


def process(folder: Path, url: str, role: str = "web") -> BotProcess:
    port = free_port()
    given = {
        "DYNO": f"{role}.1",
        "DATABASE_URL": url,
        "PULSE_PRIVACY__SECRET": PSEUDONYM_SECRET,
        "PULSE_PRIVACY__ENCRYPTION_KEYS": KEY,
        "PULSE_WORKER__PORT": str(port),
        "PULSE_WEB__HOST": "0.0.0.0",
    }
    return BotProcess(folder, given, port, role=role)


KEY = storage.make_key()


async def ended(one: BotProcess, line: str) -> int:
    started = await one.spawn(line, out=None)
    return await asyncio.wait_for(started.wait(), PATIENCE)


async def read_status(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status


async def test_each_line_starts_and_answers(tmp_path: Path) -> None:
    assert set(LINES) == {"release", "web", "worker"}
    with empty("postgres", tmp_path) as url:
        made = [process(tmp_path, url, LINES[name]) for name in ("web", "worker")]
        assert await ended(made[0], LINES["web"]) == 2, "it does not begin before the release line was run"
        assert "pulse migrate" in made[0].log
        assert await ended(made[0], LINES["release"]) == 0
        try:
            await asyncio.gather(*(bot.start() for bot in made))  # each says that it is ready
            (ready,) = re.findall(r"^Alliance Pulse is ready on (\S+)$", made[0].log, re.MULTILINE)
            assert await read_status(ready) == 200
            assert (
                await read_status(f"{made[0].url}/privacy")
                == await read_status(f"{made[0].url}/terms")
                == 200
            )
            assert await read_status(f"http://127.0.0.1:{made[1].port}/privacy") == 404, (
                "the worker's port has none"
            )
        finally:
            await asyncio.gather(*(bot.stop() for bot in made if bot.process))
        assert [bot.process and bot.process.returncode for bot in made] == [0, 0]


async def test_no_line_begins_on_a_file_that_would_be_thrown_away(tmp_path: Path) -> None:
    for line in LINES.values():
        one = process(tmp_path, f"sqlite:///{tmp_path}/pulse.sqlite3")
        assert await ended(one, line) == 2
    assert one.log.count("database.url: this platform throws its disk away") == len(LINES)
    assert not (tmp_path / "pulse.sqlite3").exists()
    here = replace(one, settings={name: value for name, value in one.settings.items() if name != "DYNO"})
    assert await ended(here, "migrate") == 0
