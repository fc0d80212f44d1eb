"""An acknowledged answer survives kill -9."""

import asyncio
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import storage
from tests.databases import fresh
from tests.storage.factories import ask_round

PROCESS = """
import asyncio, sys
import storage
from tests.storage.factories import START, make_answer

async def main():
    store = storage.open_store(sys.argv[1], [sys.argv[2]])

    async def answers(start):
        for n in range(start, 1_000_000, 8):
            assert await store.answers.save_answer(make_answer(f"p{n}"), START) == "saved"
            print(f"p{n}", flush=True)

    await asyncio.gather(*(answers(n) for n in range(8)))

asyncio.run(main())
"""
ONE_BY_ONE = """
import asyncio, sys
import storage
from tests.storage.factories import START, ask_round, make_answer

async def main():
    store = storage.open_store(sys.argv[1], [sys.argv[2]])
    await ask_round(store)
    for n in range(40):
        await store.answers.save_answer(make_answer(f"p{n}"), START)
    await store.aclose()

asyncio.run(main())
"""


async def test_every_acknowledged_answer_is_there_after_a_kill(url: str, key: str) -> None:
    store = storage.open_store(url, [key])
    await ask_round(store)
    acknowledged = await asyncio.to_thread(_answer_until_killed, url, key)
    assert len(acknowledged) >= 300
    assert acknowledged <= await store.answers.list_respondents("north-0")
    assert await store.ready()
    await store.aclose()


def _answer_until_killed(url: str, key: str) -> set[str]:
    command = [sys.executable, "-c", PROCESS, url, key]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        seen = [process.stdout.readline() for _ in range(300)]
        process.send_signal(signal.SIGKILL)
        seen += process.stdout.readlines()
    return {line.strip() for line in seen if line.endswith("\n")}


def test_each_acknowledgement_waits_for_the_disk(tmp_path: Path, key: str) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed; PRAGMA synchronous is checked elsewhere")
    with fresh("sqlite", tmp_path) as url:
        counts = tmp_path / "counts"
        command = [strace, "-f", "-c", "-e", "trace=fdatasync,fsync", "-o", str(counts)]
        subprocess.run([*command, sys.executable, "-c", ONE_BY_ONE, url, key], check=True, timeout=30)
        calls = [int(line.split()[3]) for line in counts.read_text().splitlines() if line.endswith("sync")]
    assert sum(calls) >= 40
