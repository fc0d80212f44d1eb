"""Check that settings fit the database, and look for faults that have not shown yet; say what to do."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Select, func, or_, select, text
from sqlalchemy.exc import DBAPIError

from bot.model.delivery import LEAD_NEWS, DeliveryState
from storage.diagnostics.figures import LATELY, Figures
from storage.diagnostics.newest import find_newest
from storage.engine import schema
from storage.engine.encryption import Unreadable, Vault
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction
from storage.engine.writer import Writer
from storage.governance.secret_check import fits_secret, keep_check_value
from storage.outbox.place_keys import find_place_keys
from storage.tables import deliveries, missed

SAFE_SQLITE = (3, 51, 3)
"""Before it a write-ahead log could be damaged by two writers (https://sqlite.org/wal.html#walresetbug)."""
LEAST_FREE = 2**30
"""Bytes."""

COUNTED = [state.value for state in DeliveryState if state is not DeliveryState.SENT]

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
        """Say which setting does not fit this database, and what to do; None: all fit."""
        return await self.reader.run(_find_misfit, self.vault, self.secret)

    async def keep_check_value(self) -> str | None:
        """Save a check value of the secret; return the text of `find_misfit` if another secret's was saved before."""
        kept = await self.writer.run(keep_check_value, self.vault, self.secret)
        return None if kept else OTHER_SECRET

    @read_transaction
    def list_findings(self, connection: Connection) -> tuple[tuple[str, bool, str], ...]:
        """Return (what was checked, is it well, what to do if not) for each check."""
        looks = _check_sqlite if connection.dialect.name == "sqlite" else _check_postgresql
        return tuple(looks(connection))

    async def is_whole(self) -> bool:
        """Return False if a page of the SQLite file is damaged; reads all of it. True on PostgreSQL."""
        return await self.reader.run(_is_whole)

    async def find_newest(self) -> datetime | None:
        """Return when the newest round was asked; None before the first."""
        return await self.reader.run(find_newest)

    @read_transaction
    def count_figures(self, connection: Connection, now: datetime) -> Figures:
        counts = select(deliveries.c.state, func.count()).where(deliveries.c.state.in_(COUNTED))
        found = {row[0]: row[1] for row in connection.execute(counts.group_by(deliveries.c.state))}
        since = connection.scalar(
            select(func.min(deliveries.c.changed_at)).where(deliveries.c.state == "unknown")
        )
        return Figures(
            deliveries={state: found.get(state, 0) for state in COUNTED},
            made=connection.scalar(select(func.max(deliveries.c.seq))) or 0,
            unknown_seconds=max(0.0, (now - since).total_seconds()) if since else 0.0,
            missed=connection.scalar(select(func.count()).select_from(missed)) or 0,
            unreached=connection.scalar(_select_unreached(now)) or 0,
        )


def _select_unreached(now: datetime) -> Select[int]:
    news = or_(*(deliveries.c.slot.startswith(f"{kind}:") for kind in LEAD_NEWS))
    lately = deliveries.c.changed_at > now - LATELY
    failed = deliveries.c.state == "failed", deliveries.c.direct, lately, news
    return select(func.count()).select_from(deliveries).where(*failed)


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
