"""The office that every walk's test begins in."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import storage
from tests import databases
from tests.contract.slack_world import unhurried, wired
from tests.far.slack_state import two_companies
from tests.use_cases.desk import Desk
from tests.use_cases.office import HARBOUR, NORTHWIND, Office, office


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Office]:
    """One alliance, an hour before its first slot."""
    async with office(tmp_path) as opened:
        yield opened


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Office]:
    """Another alliance beside it."""
    async with office(tmp_path, NORTHWIND, HARBOUR) as opened:
        yield opened


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with databases.fresh("sqlite", tmp_path) as url:
        store = storage.open_store(url, [storage.make_key()])
        made: list[Desk] = []
        pace = unhurried(lambda: made[0].at.timestamp())
        async with wired(two_companies(time.time), pace=pace) as slack:
            made.append(Desk(store, slack))
            yield made[0]
        await store.aclose()
