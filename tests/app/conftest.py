"""A shell for every test of the command line."""

from pathlib import Path

import pytest

from tests import databases
from tests.app.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """On a database that was migrated elsewhere: ten migrations take a third of a second."""
    with databases.fresh("sqlite", tmp_path) as url:
        file = Path(url.removeprefix("sqlite:///")).rename(tmp_path / "pulse.sqlite3")
    file.chmod(0o600)
    return Shell(tmp_path)
