"""What holds of backups of SQLite holds of those of PostgreSQL, which are made row by row, in one snapshot."""

import pytest

from tests.databases import Kind
from tests.storage.conftest import key, url  # noqa: F401
from tests.storage.test_backup import *  # noqa: F403
from tests.storage.test_restore import *  # noqa: F403


@pytest.fixture
def kind() -> Kind:
    return "postgres"
