"""Give each test of a use case a bot in the sandbox."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import storage
from tests import databases
from tests.contract.slack_world import unhurried, wired
from tests.far.slack_state import two_companies
from tests.use_cases.delivery_testbed import DeliveryTestbed
from tests.use_cases.sandbox_bot import HARBOUR, NORTHWIND, SandboxBot, open_sandbox_bot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[SandboxBot]:
    """One alliance, an hour before its first slot."""
    async with open_sandbox_bot(tmp_path) as opened:
        yield opened


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[SandboxBot]:
    """Another alliance beside it."""
    async with open_sandbox_bot(tmp_path, NORTHWIND, HARBOUR) as opened:
        yield opened


@pytest.fixture
async def testbed(tmp_path: Path) -> AsyncIterator[DeliveryTestbed]:
    with databases.fresh("sqlite", tmp_path) as url:
        store = storage.open_store(url, [storage.make_key()])
        made: list[DeliveryTestbed] = []
        pace = unhurried(lambda: made[0].at.timestamp())
        async with wired(two_companies(time.time), pace=pace) as slack:
            made.append(DeliveryTestbed(store, slack))
            yield made[0]
        await store.aclose()
