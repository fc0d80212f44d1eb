"""Outbound: cards posted, replaced and found again, and who is in a channel."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from adapters.slack.actor import NAME
from adapters.slack.api import Api
from adapters.slack.people import People
from adapters.slack.render import message
from bot.cards import Card
from bot.model import Channel, Member, MessageRef, Place
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]

_EVENT = "pulse_delivery"
"""Type of the metadata on our messages. Anybody in the workspace may read it: it holds an id and nothing else."""
_PAGES = 20
"""Pages of history that are searched before giving up."""
_QUIET = {"unfurl_links": False, "unfurl_media": False}


@dataclass(frozen=True, slots=True)
class SlackPlatform:
    """`bot.ports.ChatPlatform` for every workspace that installed the bot."""

    api: Api
    people: People
    name: str = NAME

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        await self.api.pace.turn(place.workspace, "chat.postMessage", _address(place))
        metadata = {"event_type": _EVENT, "event_payload": {"delivery": delivery_id}}
        arguments = {"channel": _address(place), "metadata": metadata, **_QUIET, **message(card)}
        answer = await self.api.call(place.workspace, "chat.postMessage", arguments)
        match answer:
            case {"channel": str(channel), "ts": str(id)}:
                return MessageRef(channel, id)
        raise PlatformError("unknown", "no_valid_answer")

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        arguments = {"channel": ref.address, "ts": ref.id, **message(card)}
        await self.api.pace.turn(place.workspace, "chat.update")
        await self.api.call(place.workspace, "chat.update", arguments)

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        ids = [user async for user in self._ids(channel)]
        found = await asyncio.gather(*(self.people.member(channel.workspace, user) for user in ids))
        return tuple(member for member in found if member)

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:
        address = await self._conversation(place)
        arguments: Json = {
            "channel": address,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": 100,
        }
        for _ in range(_PAGES):
            await self.api.pace.turn(place.workspace, "conversations.history")
            page = await self.api.call(place.workspace, "conversations.history", arguments)
            for one in page.get("messages", ()):
                if _delivery(one) == delivery_id:
                    return MessageRef(address, one["ts"])
            arguments["cursor"] = _next(page)
            if not arguments["cursor"]:
                return None
        raise PlatformError("unknown", "history_too_long")

    async def _conversation(self, place: Place) -> str:
        """A direct message's own channel; needs the scope im:write, without which it cannot be told."""
        if isinstance(place, Channel):
            return place.address
        answer = await self.api.call(place.workspace, "conversations.open", {"users": place.id})
        return str(answer["channel"]["id"])

    async def _ids(self, channel: Channel) -> AsyncIterator[str]:
        arguments = {"channel": channel.address, "limit": 200, "cursor": ""}
        while True:
            await self.api.pace.turn(channel.workspace, "conversations.members")
            page = await self.api.call(channel.workspace, "conversations.members", arguments)
            for user in page["members"]:
                yield user
            arguments["cursor"] = _next(page)
            if not arguments["cursor"]:
                return


def _address(place: Place) -> str:
    return place.address if isinstance(place, Channel) else place.id


def _next(page: Json) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")


def _delivery(one: Json) -> object:
    match one:
        case {"metadata": {"event_type": kind, "event_payload": {"delivery": id}}} if kind == _EVENT:
            return id
    return None
