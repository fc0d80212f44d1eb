"""The outbox: everything that waits to be shown, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from bot.model.alliance import Channel, MessageRef
from bot.model.delivery import Delivery, DeliveryState, DeliveryStatus
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.writer import Writer
from storage.outbox.enqueue import enqueue, enqueue_again
from storage.outbox.outcomes import confirm, resolve
from storage.outbox.place_keys import PlaceKeys, PlaceKeySource
from storage.tables import deliveries


@dataclass(frozen=True, slots=True)
class Outbox:
    """`bot.ports.Outbox` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource

    async def enqueue(self, wanted: Sequence[Delivery]) -> int:
        return await self.writer.run(enqueue, self.vault, await self.place_keys.load(), wanted)

    async def enqueue_again(self, wanted: Sequence[Delivery]) -> int:
        return await self.writer.run(enqueue_again, self.vault, wanted)

    async def has_posted(self, channel: Channel, message: str) -> bool:
        return await self.reader.run(_has_posted, await self.place_keys.load(), channel, message)

    async def confirm(self, delivery_id: str, message: MessageRef, now: datetime) -> bool:
        return await self.writer.run(confirm, self.vault, delivery_id, message, now)

    async def list_statuses(self, state: DeliveryState | None, limit: int) -> tuple[DeliveryStatus, ...]:
        return await self.reader.run(_list_statuses, state, limit)

    async def resolve(self, delivery_id: str, is_sent: bool, now: datetime) -> bool:
        return await self.writer.run(resolve, delivery_id, is_sent, now)


def _has_posted(connection: Connection, places: PlaceKeys, channel: Channel, message: str) -> bool:
    here = and_(deliveries.c.place_key == places.key(channel), deliveries.c.message == message)
    return connection.scalar(select(deliveries.c.seq).where(here).limit(1)) is not None


def _list_statuses(
    connection: Connection, state: DeliveryState | None, limit: int
) -> tuple[DeliveryStatus, ...]:
    query = select(deliveries).order_by(deliveries.c.seq.desc()).limit(limit)
    if state is not None:
        query = query.where(deliveries.c.state == state.value)
    return tuple(_status(row) for row in connection.execute(query))


def _status(row: Any) -> DeliveryStatus:
    return DeliveryStatus(
        id=row.id,
        slot=row.slot,
        alliance=row.alliance,
        platform=row.platform,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        changed_at=row.changed_at,
    )
