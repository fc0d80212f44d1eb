"""After a restore: what the database that is gone may have sent is looked up before it is sent.

A backup does not know what was asked since. Slots are asked again, and their deliveries have the ids they had then
(`Places.delivery`); so they begin as `unknown`, and are found where they stand, or certainly do not stand there.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from bot.model.delivery import Delivery
from storage.engine import settings
from storage.engine.encryption import Vault
from storage.tables import deliveries

SETTING = "storage.restored_at"


def keep(connection: Connection, vault: Vault, now: datetime) -> None:
    settings.keep(connection, vault, SETTING, now.isoformat())


def perhaps_sent(restored: datetime) -> dict[str, object]:
    """Columns of a delivery that waits to be looked up."""
    unknown = {"state": "unknown", "reason": "restored from a backup", "lease_until": None}
    return {**unknown, "lease_token": "restored", "changed_at": restored}


def doubt(connection: Connection, vault: Vault, enqueued: Sequence[Delivery]) -> None:
    """Those that were due by the restore; one that changes a message may be sent twice."""
    due = {one.slot: one.due for one in enqueued if one.due and one.revises is None}
    kept = settings.find(connection, vault, SETTING) if due else None
    if kept is None:
        return
    restored = datetime.fromisoformat(kept)
    for slot, at in due.items():
        if at <= restored:
            new = (
                deliveries.c.slot == slot,
                deliveries.c.state == "pending",
                deliveries.c.claimed_at.is_(None),
            )
            connection.execute(
                update(deliveries).where(*new).values(perhaps_sent(restored) | {"claimed_at": at})
            )
