"""Restore a backup in one transaction: all of it, or nothing.

What was erased since the backup was made is erased again. What waited to be sent may have been sent since: it is
not sent on a guess, but becomes `unknown`; and so, once it is made anew, does what was due since.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, Connection, MetaData, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.model.audit import AuditEntry
from storage.backup.backup import NotDone, check_backup
from storage.backup.copy_rows import Progress, copy_rows
from storage.coordination.leases import PROCESS_LEASE
from storage.data_rights.erasure import Erasure, carry_out_erasures, load_erasures
from storage.engine.connect import BUSY, allow_writes, open_engine
from storage.engine.encryption import Unreadable, Vault
from storage.engine.errors import to_store_error
from storage.engine.schema import is_current, lock_schema, migrate, upgrade_schema
from storage.governance.audit_log import append_entry, audit_key
from storage.governance.secret_check import fits_secret
from storage.outbox.after_restore import perhaps_sent, save_restore_time
from storage.outbox.place_keys import find_place_keys, load_place_keys
from storage.rounds.readings import hash_batch
from storage.tables import alliances, audit, deliveries, leases, turns

LONGEST_LIFE = timedelta(minutes=5)
"""A process whose sign of life lasts longer had a wrong clock."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The keys and the secret that the backup was made under."""

    vault: Vault
    secret: bytes


@dataclass(frozen=True, slots=True)
class Restored:
    rows: dict[str, int]
    erased: dict[str, int]
    """What was erased again, by table."""
    unsure: int
    """Deliveries that may have been sent since the backup was made."""


def restore_backup(
    url: str,
    path: Path,
    secrets: Secrets,
    noted: AuditEntry,
    erasures: Sequence[Erasure] = (),
    *,
    replace: bool = False,
    progress: Progress = lambda *_: None,
) -> Restored:
    """Replace the database by the backup. Raises NotDone, and StoreUnavailable while another process uses it.

    `erasures` are erased again, besides those that the database knows which is replaced.
    """
    check_backup(path)
    engine = open_engine(url)
    try:
        with _open_copy(path, secrets) as source, allow_writes(engine).begin() as target:
            lock_schema(target)
            _limit_waiting(target)
            _require_idle(target, noted.at)
            known = _clear_database(target, replace)
            rows = copy_rows(source, target, progress)
            unsure = _doubt_waiting(target, noted)
            save_restore_time(target, secrets.vault, noted.at)
            place = load_place_keys(target, secrets.vault)
            while hash_batch(target, secrets.vault):
                pass
            erased = carry_out_erasures(target, secrets.vault, place, (*known, *erasures), past=True)
            append_entry(target, audit_key(secrets.secret), noted)
            return Restored({name: count for name, count in rows.items() if count}, erased, unsure)
    except SQLAlchemyError as error:
        failure = to_store_error(error)
    finally:
        engine.dispose()
    raise failure


def _require_idle(target: Connection, now: datetime) -> None:
    """Raise NotDone while a bot process is running: it would continue from its own memory."""
    if not is_current(target):
        return
    alive = leases.c.name.startswith(PROCESS_LEASE), leases.c.until > now, leases.c.until < now + LONGEST_LIFE
    if target.execute(select(leases.c.name).where(*alive)).first():
        raise NotDone(
            "a bot is at work on this database: stop every process of it first; after one was killed, wait a minute"
        )


def _limit_waiting(target: Connection) -> None:
    """Wait at most `BUSY` seconds for tables that another process uses."""
    if target.dialect.name == "postgresql":
        target.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY:g}s'")


@contextmanager
def _open_copy(path: Path, secrets: Secrets) -> Iterator[Connection]:
    """Open a copy of the backup, migrated to this version's schema."""
    with tempfile.TemporaryDirectory(prefix="pulse-restore-") as folder:
        copy = Path(folder) / "backup.sqlite3"
        shutil.copyfile(path, copy)
        url = URL.create("sqlite", database=str(copy))
        try:
            migrate(url)
        except ValueError:
            raise NotDone(f"{path} was made by a later version of this program: run that version") from None
        engine = open_engine(url)
        try:
            with engine.connect() as connection:
                _require_secrets(connection, secrets)
                yield connection
        finally:
            engine.dispose()


def _require_secrets(source: Connection, secrets: Secrets) -> None:
    """Raise NotDone where keys or secret do not fit, before anything is replaced."""
    try:
        find_place_keys(source, secrets.vault)
    except Unreadable:
        raise NotDone("none of privacy.encryption_keys is the key that this backup was made under") from None
    if fits_secret(source, secrets.vault, secrets.secret) is False:
        raise NotDone("privacy.secret is not the one that this backup was made under")


def _clear_database(target: Connection, replace: bool) -> tuple[Erasure, ...]:
    """Make it an empty database of this version; return the erasures that it knew.

    Raises NotDone where something is in it, and it is not to be replaced.
    """
    there = MetaData()
    there.reflect(target)
    current = is_current(target)
    is_empty = _is_unused(target) if current else not there.tables
    if not is_empty and not replace:
        raise NotDone("the database is not empty: say --replace to throw away what is in it")
    known = load_erasures(target) if current else ()
    there.drop_all(target)
    upgrade_schema(target)
    return known


def _is_unused(target: Connection) -> bool:
    rows = (select(func.count()).select_from(table) for table in (alliances, audit))
    return not any(target.scalar(count) for count in rows)


def _doubt_waiting(target: Connection, noted: AuditEntry) -> int:
    """Mark due deliveries `unknown`; return how many. An update may be sent twice; one not due yet was not sent."""
    target.execute(leases.delete())
    target.execute(turns.delete())
    due = or_(deliveries.c.not_before.is_(None), deliveries.c.not_before <= noted.at)
    waiting = deliveries.c.state.in_(("pending", "sending")), deliveries.c.revises.is_(None), due
    lost = {
        **perhaps_sent(noted.at),
        "claimed_at": func.coalesce(deliveries.c.claimed_at, deliveries.c.changed_at),
    }
    return target.execute(update(deliveries).where(*waiting).values(lost)).rowcount
