"""Chat platforms: what the core asks of one, and where what happened there comes in."""

from datetime import datetime
from typing import Protocol

from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.cards import Card
from bot.model.events import Event


class ChatPlatform(Protocol):
    """Outbound. Every method may raise PlatformError."""

    @property
    def name(self) -> str: ...

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        """Post a new message; a Member is written to directly. `delivery_id` travels with the message."""

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        """Make the message show `card` instead."""

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        """Return the people in a channel, without bots, each with their home organisation."""

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:
        """Was it posted after all? None: certainly not. PlatformError: this platform cannot tell."""


class Inbox(Protocol):
    """Inbound: the one door for what happened on a platform."""

    async def take(self, event: Event) -> Card | None:
        """Handle the event; return the card to show privately to the person who acted, or None.

        Raises no error for bad input.

        Raises StoreUnavailable where an event could not be saved and nobody is there to be told (`Said`,
        `Edited`, `Deleted`, `Joined`, `Left`), TakenElsewhere where another process is carrying it out: in both cases
        the platform is to deliver it again.
        """

    async def shown(self, event: Event) -> None:
        """Note that the card was shown: the same event, delivered again, gets none. Raises no error."""

    async def keep_reply(self, event: Event, card: Card) -> bool:
        """Keep the card and send it directly to the person who acted, as soon as the platform takes it.

        Raises no error. False if it could not be kept, or if they are of no alliance.
        """
