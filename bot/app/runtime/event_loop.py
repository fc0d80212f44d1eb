"""Run a process on uvloop where it can be installed, on asyncio's own loop elsewhere.

An answer costs a tenth less processor time on uvloop (`python -m bench.ack`).
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import Any


def run_server(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run what serves until it is told to stop."""
    with asyncio.Runner(loop_factory=choose_loop()) as runner:
        runner.run(work())


def choose_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes the event loop of this process."""
    if sys.platform == "win32" or find_spec("uvloop") is None:
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop
