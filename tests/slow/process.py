"""The bot as an operator runs it: `pulse run` in a process of its own, that can be killed and started again."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[2]
NOT_OPERATORS = ("PULSE_", "PYTHONDONTWRITEBYTECODE")
"""What the environment of the tests has and an operator's has not: without bytecode a start compiles the whole bot."""
PATIENCE = 60.0
"""Seconds to wait for anything before it counts as broken; machines under tests are busy."""
LOADED = 12.0
"""Seconds after a start in which the bot begins to load the mood model: `SETTLING` of its command, and two."""


@dataclass(slots=True)
class BotProcess:
    """Settings come by environment; `folder` holds nothing that the bot would read by itself."""

    folder: Path
    settings: Mapping[str, str]
    port: int = field(default_factory=lambda: free_port())
    process: Process | None = None
    role: str = "run"
    """Or `web`, or `worker`, which listens only where its settings name `port` as `PULSE_WORKER__PORT`."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "bot.log").read_text()

    async def start(self, until: str = "/readyz") -> float:
        """Seconds from the start of the process until it says that it is ready, or answers another address."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        with (self.folder / "bot.log").open("ab") as log:
            self.process = await self.spawn(self.role, out=log)
        if self.role == "worker" and "PULSE_WORKER__PORT" not in self.settings:
            return 0.0
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while not await self._answers(session, until):
                assert self.process.returncode is None, self.log
                await asyncio.sleep(0.01)
        return loop.time() - began

    async def kill(self) -> None:
        """`kill -9`: nothing is finished, nothing is told."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def command(self, *words: str) -> str:
        """What `pulse WORDS` prints, run beside the bot."""
        other = await self.spawn(*words, out=asyncio.subprocess.PIPE)
        told, _ = await asyncio.wait_for(other.communicate(), PATIENCE)
        assert other.returncode == 0, f"pulse {' '.join(words)}: exit {other.returncode}; {self.log[-2000:]}"
        return told.decode()

    def memory(self) -> float:
        """Resident memory, MiB."""
        assert self.process
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    async def settle_memory(self) -> float:
        """The same once it grows no more: the mood model is loaded some seconds after a start."""
        await asyncio.sleep(LOADED)
        last = 0.0
        async with asyncio.timeout(PATIENCE):
            while (now := self.memory()) - last > 0.5:
                last = now
                await asyncio.sleep(2)
        return last

    async def spawn(self, *words: str, out: object) -> Process:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(NOT_OPERATORS)},
            **self.settings,
            "PULSE_WEB__PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
        }
        with (self.folder / "bot.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", *words),
                cwd=self.folder,
                env=environment,
                stdout=out,  # type: ignore[arg-type]
                stderr=log,
            )

    async def _answers(self, session: aiohttp.ClientSession, address: str) -> bool:
        try:
            async with session.get(f"{self.url}{address}") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def _end(self, how: signal.Signals) -> None:
        assert self.process
        if self.process.returncode is None:
            self.process.send_signal(how)
        await asyncio.wait_for(self.process.wait(), PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
