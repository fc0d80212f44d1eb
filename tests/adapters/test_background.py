"""Test that background tasks are awaited at the end and that their failures are logged without anybody's words."""

import asyncio
import gc

import pytest

from adapters.shared.background import BackgroundTasks

CANARY = "canary-7f3a"


async def test_a_failed_task_is_logged_by_its_type_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError(CANARY)

    tasks = BackgroundTasks()
    tasks.start(fail())
    await tasks.drain(1.0)
    gc.collect()  # asyncio reports unread errors when their task is collected
    await asyncio.sleep(0)
    logged = [record.getMessage() for record in caplog.records]
    assert logged == ["failed after the acknowledgement: ValueError"]
    assert tasks.running == set()


async def test_draining_waits_for_tasks_but_not_for_ever() -> None:
    done = []

    async def finish(seconds: float) -> None:
        await asyncio.sleep(seconds)
        done.append(seconds)

    tasks = BackgroundTasks()
    tasks.start(finish(0.01))
    tasks.start(finish(60.0))
    await tasks.drain(0.1)
    assert done == [0.01]
    (left,) = tasks.running
    left.cancel()
