"""Digests: when each alliance's is to be looked at next, found by index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from bot.model.commands import DueDigest
from bot.model.delivery import Delivery
from storage.alliances.declarations import Declarations
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.row_lock import lock_row
from storage.engine.sampling import WINDOW, sample_due
from storage.engine.transactions import read_transaction
from storage.engine.writer import Writer
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.tables import alliances


@dataclass(frozen=True, slots=True)
class Digests:
    """`bot.ports.Digests` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource
    declared: Declarations

    @read_transaction
    def list_due(self, connection: Connection, now: datetime) -> tuple[DueDigest, ...]:
        rows = sample_due(connection.execute(select_due_digests(now)).all())
        loaded = self.declared.load_by_keys(connection, [row.key for row in rows])
        declared = {alliance.key: alliance for alliance in loaded}
        return tuple(DueDigest(declared[row.key], row.revision) for row in rows if row.key in declared)

    @enqueue_transaction
    def send(
        self,
        connection: Connection,
        enqueue: Enqueue,
        alliance: str,
        deliveries: Sequence[Delivery],
        look_at: datetime,
        revision: int,
    ) -> None:
        row = lock_row(connection, alliances, alliances.c.key == alliance)
        if row is None or row.revision != revision:
            return
        connection.execute(update(alliances).where(alliances.c.key == alliance).values(digest_at=look_at))
        enqueue(deliveries)


def select_due_digests(now: datetime) -> Select[Any]:
    """Select the alliances whose digest is due at `now`, oldest look first."""
    due = select(alliances.c.key, alliances.c.revision).where(alliances.c.digest_at <= now)
    return due.order_by(alliances.c.digest_at, alliances.c.key).limit(WINDOW)
