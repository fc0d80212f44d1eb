"""The sandbox as a chat platform: what the bot posts becomes a line of the chat log."""

from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.cast import PEOPLE, PLATFORM, person
from adapters.sandbox.chat_log import BOT, Log, Posted, to_json
from adapters.sandbox.places import Spot
from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.cards import Card
from bot.ports import Now, PlatformError, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A ChatPlatform. The log is keyed by delivery id: posting twice posts once, and `find` is exact."""

    log: Log
    now: Now
    name: str = PLATFORM

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        where = _place(place)
        try:
            id = await self.log.append(where, BOT, to_json(Posted(card)), self.now(), _key(delivery_id))
        except StoreUnavailable as error:
            raise PlatformError("later", "chat log unavailable") from error
        return MessageRef(where, str(id))

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        _place(place)
        try:
            id = int(ref.id)
        except ValueError as error:
            raise PlatformError("refused", "no such message") from error
        try:
            await self.log.replace(id, to_json(Posted(card)))
        except StoreUnavailable as error:
            raise PlatformError("later", "chat log unavailable") from error

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        _place(channel)
        return tuple(one.member for one in PEOPLE)

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:  # noqa: ARG002
        where = _place(place)
        try:
            id = await self.log.find(_key(delivery_id))
        except StoreUnavailable as error:
            raise PlatformError("later", "chat log unavailable") from error
        return None if id is None else MessageRef(where, str(id))


def _place(place: Place) -> str:
    if place.platform != PLATFORM:
        raise PlatformError("refused", "not a sandbox place")
    if isinstance(place, Channel):
        return Spot("channel", place.address).place
    if person(place.id) is None:
        raise PlatformError("refused", "no such person")
    return Spot("dm", place.id).place


def _key(delivery_id: str) -> str:
    return f"delivery:{delivery_id}"
