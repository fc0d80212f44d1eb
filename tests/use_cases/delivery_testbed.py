"""Deliver from a real store to the strict Slack, through the real adapter."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import storage
from bot.model.alliance import Channel, Place
from bot.model.cards import Card, Text
from bot.model.delivery import Delivery, DeliveryStatus
from bot.ports import ChatPlatform
from bot.use_cases.deliver import DeliveryPolicy, deliver_waiting, look_up_unknown
from tests.contract.slack_world import SlackWorld

PATIENCE = DeliveryPolicy(
    lease=timedelta(seconds=60), send_timeout=timedelta(seconds=0.5), settle=timedelta(seconds=90), attempts=4
)
CARD = Card("Northwind × Meridian: pulse of 24 Nov", (Text("How do we work together?"),))
CHANGED = Card("Closed", (Text("Thank you."),))
SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class DeliveryTestbed:
    """A real store and Slack; `at` is the time that the walk is told."""

    store: storage.DatabaseStore
    slack: SlackWorld
    at: datetime = field(default_factory=lambda: datetime.fromtimestamp(time.time(), UTC))

    @property
    def platforms(self) -> dict[str, ChatPlatform]:
        return {"slack": self.slack.platform}

    async def enqueue(self, *deliveries: Delivery) -> None:
        await self.store.outbox.enqueue(deliveries)

    async def deliver(self, after: timedelta = timedelta(), since: datetime | None = None) -> int:
        self.at += after
        return await deliver_waiting(self.store, self.platforms, lambda: self.at, PATIENCE, since)

    async def look_up(self, after: timedelta = timedelta()) -> None:
        self.at += after
        await look_up_unknown(self.store, self.platforms, lambda: self.at, PATIENCE)

    async def stands(self, place: Place | None = None) -> list[str]:
        """What the bot's messages in a place say now."""
        shown = await self.slack.messages(place or self.slack.channel)
        return [message.text.splitlines()[0] for message in shown]

    async def status(self, key: str = "question") -> DeliveryStatus:
        return next(
            status for status in await self.store.outbox.list_statuses(None, 100) if status.key == key
        )


def make_question(place: Place | None = None, key: str = "question") -> Delivery:
    return Delivery(key, "north", place or Channel("slack", "T0NORTHWIND", "C0JOINT"), CARD)
