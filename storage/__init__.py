"""The bot's memory, on SQLite or PostgreSQL."""

from collections.abc import Sequence

from storage.audit import Verdict
from storage.backup import NotDone, backup
from storage.chat import Chat, ChatLine
from storage.copying import Progress
from storage.database import open_engine
from storage.deletion import Erasure
from storage.figures import Figures
from storage.restore import Restored, Secrets, restore
from storage.retention import Terms
from storage.schema import migrate, schema_is_current
from storage.store import DatabaseStore
from storage.vault import Unreadable, Vault, new_key

__all__ = [
    "Chat",
    "ChatLine",
    "DatabaseStore",
    "Erasure",
    "Figures",
    "NotDone",
    "Progress",
    "Restored",
    "Secrets",
    "Terms",
    "Unreadable",
    "Vault",
    "Verdict",
    "backup",
    "migrate",
    "new_key",
    "open_store",
    "restore",
    "schema_is_current",
]


def open_store(url: str, keys: Sequence[str], secret: bytes = b"") -> DatabaseStore:
    """A store on a migrated database; `aclose` it in the end. The first of the Fernet `keys` is the current one.

    `secret` is what pseudonyms are made with; without it nothing that is to be noted in the audit log can be done.
    `url` is `sqlite:///FILE` or `postgresql://…` (also `postgres://…`). Raises ValueError for another, or for
    a bad key; whether the database can be used, `DatabaseStore.ready` says.
    """
    return DatabaseStore(open_engine(url), Vault(keys), secret)
