"""Tests keep their files in memory where there is room: kill -9 loses no more there than on a disk, and none waits."""

import gc
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from adapters.slack import directory as people
from adapters.slack import webhook
from bot.app.runtime import health
from storage.engine import writer

MEMORY = Path("/dev/shm")
ENOUGH = 1 << 30
"""Bytes; a container may have only 64 MiB of it, and a PostgreSQL server takes more."""

# jsonschema would compile a grammar of internationalised addresses, which takes a second, and no schema here has one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


UNHURRIED = 30.0
"""Seconds: on a machine that is busy with other things a commit may take some, and then what a test is about would not
be saved. Tests of patience set their own."""


def pytest_configure(config: pytest.Config) -> None:
    writer.PATIENCE = webhook.PATIENCE = people._PATIENCE = health.PROBE = UNHURRIED
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        tempfile.tempdir = str(MEMORY)
    # How long making an example takes tells of the machine, not of the code.
    unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("unhurried", unhurried)
    settings.register_profile("first", unhurried, phases=(Phase.explicit, Phase.generate))
    if config.getoption("--hypothesis-profile") is None:
        settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """Half a million objects of libraries and collected tests are there to stay: no collector looks at them again."""
    gc.collect()
    gc.freeze()
