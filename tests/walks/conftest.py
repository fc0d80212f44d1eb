"""The office that every walk's test begins in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.walks.office import HARBOUR, NORTHWIND, Office, office


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
