"""An acknowledged answer survives kill -9."""

import asyncio
import signal
import subprocess
import sys

import storage
from tests.storage.made import ask

PROCESS = """
import asyncio, sys
import storage
from tests.storage.made import START, answer

async def main():
    store = storage.open_store(sys.argv[1], [sys.argv[2]])

    async def answers(start):
        for n in range(start, 1_000_000, 8):
            assert await store.answer(answer(f"p{n}"), START) == "saved"
            print(f"p{n}", flush=True)

    await asyncio.gather(*(answers(n) for n in range(8)))

asyncio.run(main())
"""


async def test_every_acknowledged_answer_is_there_after_a_kill(url: str, key: str) -> None:
    store = storage.open_store(url, [key])
    await ask(store)
    acknowledged = await asyncio.to_thread(_answer_until_killed, url, key)
    assert len(acknowledged) >= 300
    assert acknowledged <= await store.answered("north-0")
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
