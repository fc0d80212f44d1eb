"""The outbox on the database: what waits to be shown, who has it in hand, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model.alliance import MessageRef
from bot.model.delivery import Claim, Delivery, DeliveryState, DeliveryStatus, Outcome
from storage import steps
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.writer import Writer
from storage.outbox import outbox
from storage.outbox.place_keys import FoundPlaces


@dataclass(frozen=True, slots=True)
class Deliveries:
    """`bot.outbox.Outbox` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer
    places: FoundPlaces

    async def enqueue(self, deliveries: Sequence[Delivery]) -> int:
        return await self.writer.run(outbox.enqueue, self.vault, await self.places(), deliveries)

    async def enqueue_again(self, deliveries: Sequence[Delivery]) -> int:
        return await self.writer.run(outbox.enqueue_again, self.vault, deliveries)

    async def claim(
        self,
        now: datetime,
        lease_until: datetime,
        limit: int,
        busy: Collection[str] = (),
        since: datetime | None = None,
    ) -> tuple[Claim, ...]:
        places = await self.places()  # With a wrong key, refuse to begin rather than fail every delivery.
        left_out = [places.workspace(one) for one in busy]
        return await self.writer.run(steps.claim, self.vault, now, lease_until, limit, left_out, since)

    async def settle(self, id: str, token: str, outcome: Outcome, now: datetime) -> bool:
        return await self.writer.run(outbox.settle, self.vault, id, token, outcome, now)

    async def confirm(self, id: str, message: MessageRef, now: datetime) -> bool:
        return await self.writer.run(outbox.confirm, self.vault, id, message, now)

    async def expire(self, now: datetime) -> int:
        return await self.writer.run(outbox.expire, now)

    async def unsettled(self, before: datetime, limit: int) -> tuple[Claim, ...]:
        return await self.writer.run(steps.unsettled, self.vault, before, limit)

    async def statuses(self, state: DeliveryState | None, limit: int) -> tuple[DeliveryStatus, ...]:
        return await self.reader.run(outbox.statuses, state, limit)

    async def resolve(self, id: str, sent: bool, now: datetime) -> bool:
        return await self.writer.run(outbox.resolve, id, sent, now)
