"""Implement a chat platform on the chat log: each post of the bot becomes a line."""

from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.cast import PEOPLE, PLATFORM, find_person
from adapters.sandbox.chat_log import BOT, ChatLog, Posted, to_json
from adapters.sandbox.places import Spot
from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.cards import Card
from bot.ports import Now, PlatformError, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Implement `bot.ports.ChatPlatform`. Delivery ids are keys of the log: posting twice gives one line."""

    log: ChatLog
    now: Now
    name: str = PLATFORM

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        where = _to_place(place)
        try:
            line = await self.log.append(
                where, BOT, to_json(Posted(card)), self.now(), _build_key(delivery_id)
            )
        except StoreUnavailable as error:
            raise PlatformError("later", "chat log unavailable") from error
        return MessageRef(where, str(line))

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        _to_place(place)
        try:
            line = int(ref.id)
        except ValueError as error:
            raise PlatformError("refused", "no such message") from error
        try:
            await self.log.replace(line, to_json(Posted(card)))
        except StoreUnavailable as error:
            raise PlatformError("later", "chat log unavailable") from error

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        _to_place(channel)
        return tuple(person.member for person in PEOPLE)

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:  # noqa: ARG002
        where = _to_place(place)
        try:
            line = await self.log.find(_build_key(delivery_id))
        except StoreUnavailable as error:
            raise PlatformError("later", "chat log unavailable") from error
        return None if line is None else MessageRef(where, str(line))


def _to_place(place: Place) -> str:
    if place.platform != PLATFORM:
        raise PlatformError("refused", "not a sandbox place")
    if isinstance(place, Channel):
        return Spot("channel", place.address).place
    if find_person(place.id) is None:
        raise PlatformError("refused", "no such person")
    return Spot("dm", place.id).place


def _build_key(delivery_id: str) -> str:
    return f"delivery:{delivery_id}"
