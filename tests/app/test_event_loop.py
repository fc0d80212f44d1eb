"""The loop under a process that serves: the fast one where it is installed, asyncio's own where it is not."""

import asyncio
import sys

import pytest

from bot.app.runtime.event_loop import run_server


def _name_loop() -> str:
    found: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0)
        found.append(type(asyncio.get_running_loop()).__module__)

    run_server(work)
    return found[0]


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run there")
def test_a_process_serves_on_uvloop() -> None:
    assert _name_loop() == "uvloop"


def test_without_it_a_process_serves_on_asyncio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert _name_loop().startswith("asyncio.")
