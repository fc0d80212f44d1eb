"""Tests keep their files in memory where there is room: kill -9 loses no more there than on a disk, and none waits."""

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 1 << 30
"""Bytes; a container may have only 64 MiB of it, and a PostgreSQL server takes more."""


def pytest_configure() -> None:
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        tempfile.tempdir = str(MEMORY)
