"""Copy the database while it is in use, always as one SQLite file: the same for SQLite and PostgreSQL.

SQLite is copied in one step: copied in several, a backup begins anew whenever somebody writes
(https://sqlite.org/backup.html), and with a writer that never rests it does not end. PostgreSQL is read in one
snapshot. So a backup can also be restored to the other kind of database, which is how to move between them.
"""

import glob
import os
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from storage.backup.copy_rows import Progress, copy_rows
from storage.engine.connect import allow_writes, open_engine, sqlite
from storage.engine.errors import to_store_error
from storage.engine.schema import is_current, migrate

DAMAGED = (
    "the database itself is damaged, so no backup of it was written; the newest earlier backup may be whole: see "
    "`pulse doctor`"
)


class NotDone(Exception):
    """The backup or restore was refused and nothing was changed. The text says why, and what to do."""


def create_backup(url: str, path: Path, progress: Progress) -> None:
    """Write the whole file or nothing; only its owner can read it. Raises NotDone, OSError, StoreUnavailable."""
    if path.exists():
        raise NotDone(f"{path} exists already; name another file")
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    engine = open_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            _copy_pages(engine, part)
        else:
            _copy_by_rows(engine, part, progress)
        try:
            check_backup(part)
        except NotDone:
            raise NotDone(DAMAGED) from None
        part.rename(path)
        return
    except SQLAlchemyError as error:
        failure = to_store_error(error)
    finally:
        engine.dispose()
        for left in path.parent.glob(glob.escape(part.name) + "*"):
            left.unlink()
    raise failure


def check_backup(path: Path) -> None:
    """Raise NotDone unless the file is an undamaged SQLite database of this program."""
    try:
        with closing(sqlite.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            whole = file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            ours = file.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite.DatabaseError:
        whole, ours = False, []
    if not whole or not ours:
        raise NotDone(f"{path} is not a whole backup of this program")


def _copy_pages(engine: Engine, part: Path) -> None:
    with engine.connect() as source, closing(sqlite.connect(part)) as target:
        _require_current(source)
        source.rollback()  # The copy takes a snapshot of its own.
        raw = source.connection.driver_connection
        assert raw
        try:
            raw.backup(target, pages=-1)
            target.execute("PRAGMA journal_mode = DELETE")
        except sqlite.Error as error:
            raise NotDone(_explain_failure(error, part)) from None


def _explain_failure(error: sqlite.Error, part: Path) -> str:
    """Say which file failed: the database that is read, or the backup that is written."""
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ")):
        return DAMAGED
    return (
        f"{part.parent}: the backup cannot be written there ({code or type(error).__name__}); is there room?"
    )


def _copy_by_rows(engine: Engine, part: Path, progress: Progress) -> None:
    url = URL.create("sqlite", database=str(part))  # as text a `?` in the name would begin options
    migrate(url)
    file = open_engine(url)
    with engine.connect() as source, allow_writes(file).begin() as target:
        source.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _require_current(source)
        copy_rows(source, target, progress)
    file.dispose()
    with closing(sqlite.connect(part)) as target:
        target.execute("PRAGMA journal_mode = DELETE")


def _require_current(source: Connection) -> None:
    if not is_current(source):
        raise NotDone(
            "the database is not of this version: run the version that it is of, or `pulse migrate`"
        )
