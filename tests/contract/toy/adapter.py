"""A third platform, to show what one takes: Toychat speaks JSON over HTTP, with one token for both directions."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.cards import (
    AnswerWith,
    Card,
    Choices,
    RunCommand,
    SendComment,
    SendWords,
    Text,
    decode_action,
    encode_action,
    to_plain_text,
)
from bot.model.events import Answered, Commanded, Commented, Deleted, Edited, Event, Said
from bot.ports import Inbox, PlatformError

NAME = "toy"
Json = dict[str, Any]


def to_member(told: Mapping[str, Any]) -> Member:
    return Member(NAME, told["user"], (told["company"],), told["company"])


def render_card(card: Card) -> Json:
    """Make a card a text and buttons. Toychat knows no markup."""
    options = [option for block in card.blocks if isinstance(block, Choices) for option in block.options]
    buttons = [{"label": option.label, "value": encode_action(option.action)} for option in options]
    words = tuple(Text(block.prompt) if isinstance(block, Choices) else block for block in card.blocks)
    shown = tuple(block for block in words if block != Text(""))
    return {"text": to_plain_text(Card(card.heading, shown)), "buttons": buttons}


def parse_event(told: Json) -> Event:
    """Make a payload an event. Raises ValueError, KeyError or TypeError where it is none."""
    at = datetime.fromtimestamp(told["at"], UTC)
    channel = Channel(NAME, told["workspace"], told["channel"]) if told["channel"] else None
    match told["type"], channel:
        case "pressed", _:
            return parse_press(told, to_member(told), channel, at)
        case "commanded", _:
            return Commanded(by=to_member(told), at=at, channel=channel, text=" ".join(told["text"].split()))
        case "said", Channel():
            return Said(
                by=to_member(told),
                at=at,
                channel=channel,
                message=told["id"],
                thread=told["thread"],
                text=told["text"],
            )
        case "edited", Channel():
            return Edited(
                by=to_member(told), at=at, channel=channel, message=told["id"], thread=None, text=told["text"]
            )
        case "deleted", Channel():
            return Deleted(at=at, channel=channel, message=told["id"])
    raise ValueError("no such event")


def parse_press(told: Json, who: Member, channel: Channel | None, at: datetime) -> Event:
    match decode_action(told["value"]):
        case AnswerWith(round_id, item, value):
            return Answered(by=who, at=at, round=round_id, item=item, value=value)
        case RunCommand(text):
            return Commanded(by=who, at=at, channel=channel, text=text)
        case SendWords(text):
            return Commanded(by=who, at=at, channel=channel, text=" ".join(f"{text} {told['text']}".split()))
        case SendComment(round_id, reviewed):
            text, share = told["text"], told["share"]
            return Commented(by=who, at=at, round=round_id, text=text, share=share, reviewed=reviewed)


@dataclass(frozen=True, slots=True)
class ToyPlatform:
    """A `bot.ports.ChatPlatform` over Toychat's API."""

    session: aiohttp.ClientSession
    url: str
    token: str
    name: str = NAME

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        sent = await self._call("post", {**to_place(place), **render_card(card), "key": delivery_id})
        return MessageRef(sent["place"], sent["id"])

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        await self._call("update", {**to_place(place), **render_card(card), "id": ref.id})

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        told = await self._call("members", to_place(channel))
        return tuple(to_member(person) for person in told["people"])

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:  # noqa: ARG002
        told = await self._call("find", {**to_place(place), "key": delivery_id})
        return MessageRef(told["place"], told["id"]) if told["id"] else None

    async def _call(self, method: str, body: Json) -> Json:
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            async with self.session.post(f"{self.url}/{method}", json=body, headers=headers) as answer:
                if answer.status != 200:
                    raise PlatformError(
                        "later" if answer.status == 503 else "refused", f"status_{answer.status}"
                    )
                told: Json = await answer.json()
                return told
        except (aiohttp.ClientError, TimeoutError):
            raise PlatformError("unknown", "no_answer") from None


def to_place(place: Place) -> Json:
    return {"place": place.address if isinstance(place, Channel) else f"@{place.id}"}


@dataclass(frozen=True, slots=True)
class Webhook:
    """What Toychat tells the bot. The card that answers an event is the response, shown to that person alone."""

    inbox: Inbox
    token: str

    async def take_event(self, request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self.token}"):
            return web.json_response({"error": "wrong token"}, status=401)
        try:
            told = await request.json()
            if told.get("is_bot"):
                return web.json_response({"card": None})
            event = parse_event(told)
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "not an event"}, status=400)
        card = await self.inbox.take(event)
        return web.json_response({"card": render_card(card) if card else None})
