"""The outbox: everything that waits to be shown, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from bot.model.alliance import Channel, MessageRef
from bot.model.delivery import Delivery, DeliveryState, DeliveryStatus, Sent
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.writer import Writer
from storage.outbox.enqueue import WAITING, fail_revisions, seal_body
from storage.outbox.outcomes import FREE, list_changes
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.tables import deliveries


@dataclass(frozen=True, slots=True)
class Outbox:
    """`bot.ports.Outbox` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource

    @enqueue_transaction
    def enqueue(self, connection: Connection, enqueue: Enqueue, wanted: Sequence[Delivery]) -> int:  # noqa: ARG002
        return enqueue(wanted)

    @write_transaction
    def enqueue_again(self, connection: Connection, wanted: Sequence[Delivery]) -> int:
        failed = select(deliveries.c.slot, deliveries.c.id).where(deliveries.c.state == "failed")
        same = failed.where(deliveries.c.slot.in_([delivery.key for delivery in wanted]))
        ids = {row.slot: row.id for row in connection.execute(same)}
        for delivery in wanted:
            if delivery.key not in ids:
                continue
            delivery_id = ids[delivery.key]
            pending = {
                "state": "pending",
                "body": seal_body(self.vault, delivery, delivery_id),
                "attempts": 0,
                "reason": "",
                "not_before": delivery.not_before,
                "claimed_at": None,
            }
            connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(pending))
        return len(ids)

    async def has_posted(self, channel: Channel, message: str) -> bool:
        place_key = (await self.place_keys.load()).hash_place(channel)
        return await self.reader.run(_has_posted, place_key, message)

    @write_transaction
    def confirm(self, connection: Connection, delivery_id: str, message: MessageRef, now: datetime) -> bool:
        claimed = deliveries.c.state.in_(WAITING), deliveries.c.claimed_at.is_not(None)
        this = and_(deliveries.c.id == delivery_id, *claimed)
        direct = connection.scalar(select(deliveries.c.direct).where(this))
        if direct is None:
            return False
        changes = {**list_changes(self.vault, delivery_id, Sent(message), direct), "changed_at": now}
        return connection.execute(update(deliveries).where(this).values(changes)).rowcount == 1

    @read_transaction
    def list_statuses(
        self, connection: Connection, state: DeliveryState | None, limit: int
    ) -> tuple[DeliveryStatus, ...]:
        query = select(deliveries).order_by(deliveries.c.seq.desc()).limit(limit)
        if state is not None:
            query = query.where(deliveries.c.state == state.value)
        return tuple(_read_status(row) for row in connection.execute(query))

    @read_transaction
    def list_lost(self, connection: Connection, keys: Sequence[str]) -> frozenset[str]:
        lost = deliveries.c.slot.in_(keys), deliveries.c.state == "sent", deliveries.c.ref.is_(None)
        return frozenset(connection.scalars(select(deliveries.c.slot).where(*lost)))

    @write_transaction
    def resolve(self, connection: Connection, delivery_id: str, is_sent: bool, now: datetime) -> bool:
        this = and_(deliveries.c.id == delivery_id, deliveries.c.state == "unknown")
        again = {"state": "pending", "not_before": now}
        changes = {"state": "sent", "body": None} if is_sent else again
        decided = {"reason": "resolved by an operator", "changed_at": now, **FREE, **changes}
        key = connection.scalar(update(deliveries).where(this).values(decided).returning(deliveries.c.slot))
        if key is not None:
            fail_revisions(connection, deliveries.c.revises == key)
        return key is not None


def _has_posted(connection: Connection, place_key: str, message: str) -> bool:
    here = and_(deliveries.c.place_key == place_key, deliveries.c.message == message)
    return connection.scalar(select(deliveries.c.seq).where(here).limit(1)) is not None


def _read_status(row: Any) -> DeliveryStatus:
    return DeliveryStatus(
        id=row.id,
        key=row.slot,
        alliance=row.alliance,
        platform=row.platform,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        changed_at=row.changed_at,
    )
