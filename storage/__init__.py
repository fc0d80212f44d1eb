"""The bot's memory, on SQLite or PostgreSQL."""

from collections.abc import Sequence

from storage.backup.backup import NotDone, create_backup
from storage.backup.copy_rows import Progress
from storage.backup.restore import Restored, Secrets, restore_backup
from storage.coordination.leases import PROCESS_LEASE
from storage.coordination.sandbox_chat import ChatLine, SandboxChat
from storage.data_rights.erasure import Erasure
from storage.data_rights.retention import Terms
from storage.data_rights.sealed_copy import CopyKey, make_copy_key, seal_copy
from storage.diagnostics.figures import Figures
from storage.engine.connect import open_engine
from storage.engine.encryption import Unreadable, Vault, make_key
from storage.engine.schema import migrate, schema_is_current
from storage.governance.audit_log import Verdict
from storage.store import DatabaseStore

__all__ = [
    "PROCESS_LEASE",
    "ChatLine",
    "CopyKey",
    "DatabaseStore",
    "Erasure",
    "Figures",
    "NotDone",
    "Progress",
    "Restored",
    "SandboxChat",
    "Secrets",
    "Terms",
    "Unreadable",
    "Vault",
    "Verdict",
    "create_backup",
    "make_copy_key",
    "make_key",
    "migrate",
    "open_store",
    "restore_backup",
    "schema_is_current",
    "seal_copy",
]


def open_store(url: str, keys: Sequence[str], secret: bytes = b"") -> DatabaseStore:
    """Open a store on a migrated database; `aclose` it in the end. The first of the Fernet `keys` is the current one.

    Pseudonyms are made with `secret`; without it, nothing that the audit log must record can be done.
    `url` is `sqlite:///FILE` or `postgresql://…` (also `postgres://…`). Raises ValueError for another, or for
    a bad key; whether the database can be used, `DatabaseStore.ready` says.
    """
    return DatabaseStore(open_engine(url), Vault(keys), secret)
