"""Open connections to SQLite and PostgreSQL, set to full durability."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

if sys.platform == "linux":
    # Bundles an SQLite without the WAL-reset bug of 3.7.0–3.51.2 (https://sqlite.org/wal.html#walresetbug).
    import pysqlite3 as sqlite
else:
    import sqlite3 as sqlite

__all__ = ["BUSY", "allow_writes", "open_engine", "sqlite"]

BUSY = 2.0
"""Seconds to wait for another process's lock."""


def open_engine(url: str | URL) -> Engine:
    """Open the database. Raises ValueError, without the password, if it cannot be opened or is not supported."""
    where = _parse_url(url)
    return _open_sqlite(where) if where.get_backend_name() == "sqlite" else _open_postgresql(where)


def allow_writes(engine: Engine) -> Engine:
    """Return the same engine for transactions that write."""
    return engine.execution_options(writes=True)


def _parse_url(url: str | URL) -> URL:
    try:
        where = make_url(url)
    except Exception:
        raise ValueError("database.url is not a URL; for example sqlite:///pulse.sqlite3") from None
    match where.drivername:
        case "sqlite" if where.database and where.database != ":memory:":
            return where
        case "sqlite":
            raise ValueError("database.url: name a file, for example sqlite:///pulse.sqlite3")
        case "postgres" | "postgresql" | "postgresql+psycopg":
            return where.set(drivername="postgresql+psycopg")
    raise ValueError(
        f"database.url: {where.drivername} is not supported; use sqlite:///FILE or postgresql://…"
    )


def _open_sqlite(where: URL) -> Engine:
    file = Path(where.database or "")
    _require_wal(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ValueError(f"database.url: {file} cannot be opened as a file: {error.strerror}") from None
    engine = create_engine(
        where, module=sqlite, hide_parameters=True, pool_size=8, connect_args={"timeout": BUSY}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _require_wal(file: Path) -> None:
    """Raise ValueError where the write-ahead log of a process that was killed is gone, and with it what it committed.

    SQLite makes the log before the shared memory beside it, and on closing removes it after that: of the two, shared
    memory alone is left by somebody who deleted or forgot the log (https://sqlite.org/walformat.html). Opening the
    file would begin a new log, and the old one could never be put back.
    """
    wal, shm = (file.with_name(f"{file.name}-{kind}") for kind in ("wal", "shm"))
    for _ in range(2):  # another process may open or close the file just now
        if wal.exists() or not shm.exists():
            return
        time.sleep(0.05)
    raise ValueError(
        f"database.url: {wal.name} is gone, which held the newest answers; put it back beside {file.name}. If it "
        f"cannot be found, delete {shm.name} to go on without them"
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Leaves BEGIN to `_begin_sqlite`: the driver's own would come too late and too weak.
    connection.isolation_level = None
    # What was erased is overwritten: its bytes would else stay in the file.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that writes later fails at once with SQLITE_BUSY_SNAPSHOT, whatever the time-out.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_postgresql(where: URL) -> Engine:
    engine = create_engine(
        where,
        hide_parameters=True,
        pool_size=8,
        pool_pre_ping=True,
        pool_timeout=BUSY,
        connect_args={"connect_timeout": 3, "tcp_user_timeout": 10_000, **_ALIVE},
    )
    event.listen(engine, "begin", _begin_postgresql)
    return engine


_ALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
"""Seconds of silence, seconds between questions, and how many stay unanswered before a server counts as gone. Whoever
waits for an answer has sent all there is: without it the system asks for the first time after two hours.
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES"""


def _begin_postgresql(connection: Connection) -> None:
    # Whatever the server's defaults: commits reach the disk, and a frozen process holds no lock for long.
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql(
            f"SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '{BUSY:g}s';"
            " SET LOCAL idle_in_transaction_session_timeout = '10s'"
        )
