"""Backups as tests make them, what is in them, and what they are opened with."""

from datetime import timedelta
from pathlib import Path

import storage
from bot.model.audit import AuditEntry
from storage import Secrets, Vault
from tests.storage.factories import START
from tests.storage.filled_store import count_rows

SECRET = b"s" * 40
LATER = START + timedelta(days=10)
CHANGED = {"setting", "audit", "audit_head", "lease", "counter"}
"""Tables that a backup, or a restore, writes to itself."""


def secrets(key: str, secret: bytes = SECRET) -> Secrets:
    return Secrets(Vault([key]), secret)


def entry(act: str = "restore") -> AuditEntry:
    return AuditEntry(act, "", "operator:x", LATER)  # type: ignore[arg-type]


def back_up(url: str, path: Path) -> Path:
    storage.create_backup(url, path, lambda *_: None)
    return path


def kept(url: str) -> dict[str, int]:
    """Rows by table, but for what changed by itself."""
    return {table: count for table, count in count_rows(url).items() if table not in CHANGED}
