"""The audit log: append-only, each entry chained to the one before under a key that is not in the database.

Whoever can write the database could recompute a plain chain of hashes; without the key this one cannot be. The
head says where the log ends and is sealed with the same key, so that cutting off the end shows as well; only
putting back an old head together with the log of that time does not, and against that the head is to be kept
elsewhere too (`pulse audit verify` prints it, and compares).
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from bot.model.audit import AuditEntry
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction
from storage.engine.upsert import insert_new, upsert_rows
from storage.engine.writer import Writer
from storage.tables import alliances, audit, audit_heads

NOWHERE = "0" * 64
"""What the first entry is chained to."""
TOLD = 20
"""Faults that are named; a log with more is as broken as one with these."""


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning and the end of the log."""

    seq: int = 0
    mac: str = NOWHERE
    base_seq: int = 0
    base_mac: str = NOWHERE


@dataclass(frozen=True, slots=True)
class Verdict:
    entries: int
    head: Head
    faults: tuple[str, ...]
    """In words, none where the log is whole."""


@dataclass(frozen=True, slots=True)
class AuditLog:
    """`bot.ports.AuditLog` over the database."""

    secret: bytes
    reader: Reader
    writer: Writer

    async def note(self, noted: AuditEntry) -> None:
        await self.writer.run(append_entry, audit_key(self.secret), noted)

    @read_transaction
    def list_newest(self, connection: Connection, limit: int) -> tuple[AuditEntry, ...]:
        """Return the last `limit` entries, newest first."""
        rows = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(limit))
        return tuple(AuditEntry(row.act, row.alliance, row.by, row.at, row.detail) for row in rows)

    @read_transaction
    def list_by(self, connection: Connection, by: str) -> tuple[AuditEntry, ...]:
        """Return everything that one pseudonym did, newest first."""
        rows = connection.execute(select(audit).where(audit.c.by == by).order_by(audit.c.seq.desc()))
        return tuple(AuditEntry(row.act, row.alliance, row.by, row.at, row.detail) for row in rows)

    async def verify_chain(self, kept: tuple[int, str] | None = None) -> Verdict:
        """Check that no entry is missing or changed. `kept`: number and MAC of one, written down elsewhere."""
        return await self.reader.run(verify_chain, audit_key(self.secret), kept)


def audit_key(secret: bytes) -> bytes:
    """Of the secret that pseudonyms are made with, for this one purpose. Raises ValueError for an empty one."""
    if not secret:
        raise ValueError("without privacy.secret there is no audit log")
    return hmac.new(secret, b"audit log", "sha256").digest()


def append_entry(connection: Connection, key: bytes, noted: AuditEntry) -> None:
    head = _lock_head(connection, key)
    seq = head.seq + 1
    mac = _sign_entry(key, head.mac, seq, noted)
    row = {"seq": seq, "at": noted.at, "act": noted.act, "alliance": noted.alliance, "by": noted.by}
    connection.execute(audit.insert().values(**row, detail=noted.detail, mac=mac))
    _keep_head(connection, key, Head(seq, mac, head.base_seq, head.base_mac))


def start_chain(connection: Connection, key: bytes) -> None:
    """Make the head of a database's log. Before anything is declared: one that is made later leaves a gap."""
    _lock_head(connection, key)


def prune_entries(connection: Connection, key: bytes, before: datetime, limit: int) -> int:
    """Delete at most `limit` entries older than that; return how many. The rest can still be verified."""
    head = _lock_head(connection, key)
    younger = select(func.min(audit.c.seq)).where(audit.c.at >= before).scalar_subquery()
    over = select(audit.c.seq, audit.c.mac).where(audit.c.seq < func.coalesce(younger, head.seq + 1))
    oldest = over.order_by(audit.c.seq).limit(limit).subquery()
    last = connection.execute(select(oldest).order_by(oldest.c.seq.desc()).limit(1)).first()
    if last is None:
        return 0
    # First the head: the trigger lets go of nothing that lies after its base.
    _keep_head(connection, key, Head(head.seq, head.mac, last.seq, last.mac))
    return connection.execute(delete(audit).where(audit.c.seq <= last.seq)).rowcount


def verify_chain(connection: Connection, key: bytes, kept: tuple[int, str] | None = None) -> Verdict:
    row = connection.execute(select(audit_heads)).first()
    head = _read_head(row) if row else Head()
    faults = []
    if row is None and _is_in_use(connection):
        faults.append("the log has no head, though an alliance is declared: the log was deleted")
    if row and not hmac.compare_digest(row.seal, _sign_head(key, head)):
        faults.append("the head was changed, or privacy.secret is another one")
    rows = connection.execution_options(yield_per=1_000).execute(select(audit).order_by(audit.c.seq))
    entries, seq, mac = 0, head.base_seq, head.base_mac
    for row in rows:
        fault = _find_fault(row, seq, mac, key) or _compare_with_kept(kept, row)
        if fault and len(faults) < TOLD:
            faults.append(fault)
        entries, seq, mac = entries + 1, row.seq, row.mac
    if (seq, mac) != (head.seq, head.mac):
        faults.append(
            f"the log ends with entry {seq}, its head says {head.seq}: entries were cut off or added"
        )
    if kept and kept[0] > seq:
        faults.append(f"entry {kept[0]}, which was kept elsewhere, is missing")
    return Verdict(entries, head, tuple(faults))


def is_signed_with(connection: Connection, secret: bytes) -> bool | None:
    """Was the log's head, or any of its newest entries, made with this secret? None for an empty log.

    One that fits is enough: a changed entry is `verify`'s to name, and no reason to think the secret another one.
    """
    key = audit_key(secret)
    head = connection.execute(select(audit_heads)).first()
    if head and hmac.compare_digest(head.seal, _sign_head(key, _read_head(head))):
        return True
    rows = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(TOLD)).all()
    if head is None and not rows:
        return None
    before = [*(row.mac for row in rows[1:]), head.base_mac if head else NOWHERE]
    return any(not _find_fault(row, row.seq - 1, mac, key) for row, mac in zip(rows, before, strict=False))


def _find_fault(row: Any, before: int, mac: str, key: bytes) -> str:
    if row.seq != before + 1:
        return f"between entry {before} and entry {row.seq} entries are missing"
    noted = AuditEntry(row.act, row.alliance, row.by, row.at, row.detail)
    same = hmac.compare_digest(row.mac, _sign_entry(key, mac, row.seq, noted))
    return "" if same else f"entry {row.seq} was changed or put in"


def _compare_with_kept(kept: tuple[int, str] | None, row: Any) -> str:
    other = kept is not None and kept[0] == row.seq and kept[1] != row.mac
    return f"entry {row.seq} is another one than was kept elsewhere" if other else ""


def _lock_head(connection: Connection, key: bytes) -> Head:
    """Return the head, locked until the commit: entries are numbered one after the other."""
    query = select(audit_heads).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        # A log that was deleted begins anew with a number left out: that it was deleted still shows.
        insert_new(connection, audit_heads, [_head_row(key, Head(seq=1 if _is_in_use(connection) else 0))])
        row = connection.execute(query).one()
    return _read_head(row)


def _is_in_use(connection: Connection) -> bool:
    """Is an alliance declared? That is an entry of the log, so there was a head then."""
    return connection.scalar(select(alliances.c.key).limit(1)) is not None


def _keep_head(connection: Connection, key: bytes, head: Head) -> None:
    upsert_rows(connection, audit_heads, _head_row(key, head))


def _read_head(row: Any) -> Head:
    return Head(row.seq, row.mac, row.base_seq, row.base_mac)


def _head_row(key: bytes, head: Head) -> dict[str, object]:
    return {
        "id": 1,
        "seq": head.seq,
        "mac": head.mac,
        "base_seq": head.base_seq,
        "base_mac": head.base_mac,
        "seal": _sign_head(key, head),
    }


def _sign_entry(key: bytes, before: str, seq: int, noted: AuditEntry) -> str:
    at = noted.at.astimezone(UTC).isoformat()
    whole = [before, seq, at, noted.act, noted.alliance, noted.by, noted.detail]
    return _compute_hmac(key, "entry", whole)


def _sign_head(key: bytes, head: Head) -> str:
    return _compute_hmac(key, "head", [head.seq, head.mac, head.base_seq, head.base_mac])


def _compute_hmac(key: bytes, kind: str, whole: list[object]) -> str:
    return hmac.new(key, json.dumps([kind, *whole]).encode(), "sha256").hexdigest()
