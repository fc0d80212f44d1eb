"""The office that every walk's test begins in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.walks.office import HARBOUR, NORTHWIND, Office, office

MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is such a place: these tests ask what is said, others what survives the disk."""
    with TemporaryDirectory(prefix="pulse-walks-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


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
