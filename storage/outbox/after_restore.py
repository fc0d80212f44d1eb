"""After a restore: what the database that is gone may have sent is looked up before it is sent.

A backup does not know what was asked since. Slots are asked again, and their deliveries have the ids they had then
(`PlaceKeys.delivery`); so they begin as `unknown`, and are found where they stand, or certainly do not stand there.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from bot.model.delivery import Delivery
from storage.engine import settings
from storage.engine.encryption import Vault
from storage.tables import deliveries

SETTING = "storage.restored_at"


def save_restore_time(connection: Connection, vault: Vault, now: datetime) -> None:
    """Remember that this database was restored at `now`."""
    settings.save(connection, vault, SETTING, now.isoformat())


def perhaps_sent(restored: datetime) -> dict[str, object]:
    """Return the columns of a delivery that waits to be looked up."""
    unknown = {"state": "unknown", "reason": "restored from a backup", "lease_until": None}
    return {**unknown, "lease_token": "restored", "changed_at": restored}


def doubt_deliveries(connection: Connection, vault: Vault, enqueued: Sequence[Delivery]) -> None:
    """Make those unknown that were due by the restore; one that changes a message may be sent twice."""
    due = {delivery.key: delivery.due for delivery in enqueued if delivery.due and delivery.revises is None}
    saved = settings.find(connection, vault, SETTING) if due else None
    if saved is None:
        return
    restored = datetime.fromisoformat(saved)
    for key, at in due.items():
        if at <= restored:
            new = (
                deliveries.c.slot == key,
                deliveries.c.state == "pending",
                deliveries.c.claimed_at.is_(None),
            )
            connection.execute(
                update(deliveries).where(*new).values(perhaps_sent(restored) | {"claimed_at": at})
            )
