"""Repositories of deliveries. Each method is one transaction, is safe to run twice, and may raise StoreUnavailable."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.model.alliance import Channel, MessageRef
from bot.model.delivery import Claim, Delivery, DeliveryState, DeliveryStatus, Outcome


class Outbox(Protocol):
    """All deliveries, apart from those that belong to a step of another repository and are written with it."""

    async def enqueue(self, wanted: Sequence[Delivery]) -> int:
        """Insert deliveries whose key is new; return how many were. A key that was used before is left alone."""

    async def enqueue_again(self, wanted: Sequence[Delivery]) -> int:
        """Try those anew whose delivery of the same key failed; return how many there were."""

    async def has_posted(self, channel: Channel, message: str) -> bool:
        """Was this message posted by a delivery of ours?"""

    async def confirm(self, delivery_id: str, message: MessageRef, now: datetime) -> bool:
        """Note that it was posted, whoever may hold it; False if that was known, or it has failed."""

    async def list_statuses(self, state: DeliveryState | None, limit: int) -> tuple[DeliveryStatus, ...]:
        """Return at most `limit` in that state (None: in any), the newest first."""

    async def list_lost(self, keys: Sequence[str]) -> frozenset[str]:
        """Return those of these keys whose message stands somewhere, as an operator said, and cannot be revised."""

    async def resolve(self, delivery_id: str, is_sent: bool, now: datetime) -> bool:
        """Do as an operator decided about an `unknown` delivery: it was sent, or send it again.

        False if it is not unknown. One that was sent can no longer be revised.
        """


class Claims(Protocol):
    """Deliveries in the hands of workers."""

    async def take_due(
        self,
        now: datetime,
        lease_until: datetime,
        limit: int,
        busy: Collection[str] = (),
        since: datetime | None = None,
    ) -> tuple[Claim, ...]:
        """Lease at most `limit` deliveries, the oldest first: nobody else gets them before `lease_until`.

        None of the workspaces that are `busy`. `since`: what the platforms' clocks say now, or earlier; from then on
        one that is lost is looked for. None: unknown.
        """

    async def settle(self, delivery_id: str, token: str, outcome: Outcome, now: datetime) -> bool:
        """Write the outcome down; False if the lease was lost meanwhile and the outcome does not count."""

    async def expire_leases(self, now: datetime) -> int:
        """Make deliveries of workers that vanished `unknown`; return how many."""

    async def list_unsettled(self, before: datetime, limit: int) -> tuple[Claim, ...]:
        """Return at most `limit` deliveries `unknown` since before that time, to be looked up."""
