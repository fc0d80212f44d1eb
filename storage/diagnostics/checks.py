"""What does not fit a database, and what could go wrong although it works just now: in words, with what to do."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.diagnostics.figures import Figures, count_figures
from storage.diagnostics.newest import find_newest
from storage.engine import schema
from storage.engine.encryption import Unreadable, Vault
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction
from storage.engine.writer import Writer
from storage.governance.secret_check import fits_secret, keep_check_value
from storage.outbox.place_keys import find_place_keys

SAFE_SQLITE = (3, 51, 3)
"""Before it a write-ahead log could be damaged by two writers (https://sqlite.org/wal.html#walresetbug)."""
LEAST_FREE = 2**30
"""Bytes."""

OLDER = (
    "database.url: nothing is in it yet, or what an older version made; run `pulse migrate`, then this again"
)
NEWER = "database.url: a newer version made it; run that one, or restore a backup of this version"
OTHER_SECRET = (
    "privacy.secret: not the one that this database was filled with; set that one again. Under another, who answered "
    "already would count twice"
)
OTHER_KEYS = "privacy.encryption_keys: none of them is the one that this database was filled with"


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """For whoever operates the bot. Each method may raise StoreUnavailable."""

    vault: Vault
    secret: bytes
    reader: Reader
    writer: Writer

    async def find_misfit(self) -> str | None:
        """Which setting does not fit this database, and what to do; None: all do."""
        return await self.reader.run(_find_misfit, self.vault, self.secret)

    async def keep_check_value(self) -> str | None:
        """Keep by what a later start knows the secret again. As `misfit`, where another process kept another's."""
        kept = await self.writer.run(keep_check_value, self.vault, self.secret)
        return None if kept else OTHER_SECRET

    @read_transaction
    def list_findings(self, connection: Connection) -> tuple[tuple[str, bool, str], ...]:
        """(what is looked at, is it well, what to do if not): what could go wrong although it works just now."""
        looks = _check_sqlite if connection.dialect.name == "sqlite" else _check_postgresql
        return tuple(looks(connection))

    async def is_whole(self) -> bool:
        """False where a page of the file is damaged; reads all of it. PostgreSQL looks after its own."""
        return await self.reader.run(_is_whole)

    async def find_newest(self) -> datetime | None:
        """When the newest round was asked; None before any was."""
        return await self.reader.run(find_newest)

    async def count_figures(self, now: datetime) -> Figures:
        return await self.reader.run(count_figures, now)


def _find_misfit(connection: Connection, vault: Vault, secret: bytes) -> str | None:
    version = schema.read_version(connection)
    if version != schema.HEAD:
        return NEWER if version > schema.HEAD else OLDER
    try:
        find_place_keys(connection, vault)
        fits = fits_secret(connection, vault, secret)
    except Unreadable:
        return OTHER_KEYS
    return OTHER_SECRET if fits is False else None


def _is_whole(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return True
    try:
        return bool(connection.scalar(text("PRAGMA quick_check(1)")) == "ok")
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return False
        raise


def _check_sqlite(connection: Connection) -> Iterator[tuple[str, bool, str]]:
    version = tuple(int(part) for part in str(connection.scalar(text("SELECT sqlite_version()"))).split("."))
    yield (
        "SQLite has no known bug that damages files",
        version >= SAFE_SQLITE,
        f"it is {'.'.join(map(str, version))}; install what requirements.lock lists",
    )
    yield (
        "no page of the database is damaged",
        _is_whole(connection),
        "stop the bot, keep a copy of the file, and restore the newest whole backup: `pulse restore PATH --replace`",
    )
    file = Path(connection.engine.url.database or "")
    yield (
        "only its owner can read the database file",
        file.stat().st_mode & 0o077 == 0,
        f"chmod 600 {file.name}, and its -wal and -shm",
    )
    yield (
        "there is a gigabyte of disk left for the database",
        shutil.disk_usage(file.resolve().parent).free >= LEAST_FREE,
        "make room: when the disk is full, no answer is taken",
    )


def _check_postgresql(connection: Connection) -> Iterator[tuple[str, bool, str]]:
    for name in ("fsync", "full_page_writes"):
        yield (
            f"PostgreSQL keeps what it acknowledged ({name})",
            connection.scalar(text(f"SHOW {name}")) == "on",
            f"set {name} = on: without it answers can be lost when the machine stops",
        )
