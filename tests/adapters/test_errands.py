"""What goes on after an acknowledgement: it is awaited, and where it fails nobody's words are logged."""

import asyncio
import gc

import pytest

from adapters.shared.background import Errands

CANARY = "canary-7f3a"


async def test_an_errand_that_fails_is_told_by_its_kind_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ValueError(CANARY)

    errands = Errands()
    errands.start(fails())
    await errands.drain(1.0)
    gc.collect()  # asyncio tells of errors that nobody asked for when their task goes
    await asyncio.sleep(0)
    told = [one.getMessage() for one in caplog.records]
    assert told == ["failed after the acknowledgement: ValueError"]
    assert errands.under_way == set()


async def test_it_is_waited_for_and_not_for_ever() -> None:
    done = []

    async def errand(seconds: float) -> None:
        await asyncio.sleep(seconds)
        done.append(seconds)

    errands = Errands()
    errands.start(errand(0.01))
    errands.start(errand(60.0))
    await errands.drain(0.1)
    assert done == [0.01]
    (left,) = errands.under_way
    left.cancel()
