"""The office that every walk's test begins in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.walks.office import Office, office


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Office]:
    """An hour before the first slot."""
    async with office(tmp_path) as opened:
        yield opened
