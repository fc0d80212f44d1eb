"""Every test here runs on SQLite and on PostgreSQL, through the same code."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import storage
from tests.databases import KINDS, Kind, fresh
from tests.storage.filled_store import SECRET


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture
def url(kind: Kind, tmp_path: Path) -> Iterator[str]:
    with fresh(kind, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def key() -> str:
    return storage.make_key()


@pytest.fixture
async def store(url: str, key: str) -> AsyncIterator[storage.DatabaseStore]:
    opened = storage.open_store(url, [key], SECRET)
    yield opened
    await opened.aclose()


@pytest.fixture
async def other(url: str, key: str) -> AsyncIterator[storage.DatabaseStore]:
    """Another process's store, on the same database."""
    opened = storage.open_store(url, [key])
    yield opened
    await opened.aclose()
